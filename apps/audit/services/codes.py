"""Codes of the workbench's records, counted through the year."""

from __future__ import annotations

from django.db import connection, models

from apps.core import clock


def next_code(model: type[models.Model], kind: str) -> str:
    """<kind>-yynnn. Holds a lock until the transaction ends, so that no code is given twice."""
    prefix = f"{kind}-{clock.now():%y}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [prefix])
    codes = model._default_manager.filter(code__startswith=prefix).values_list("code", flat=True)
    return f"{prefix}{max((int(code[len(prefix) :]) for code in codes), default=0) + 1:03d}"
