"""Ask the database whether anything is in a state that it can never be in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.db import connection, transaction

from apps.audit.domain.invariants import Invariant, read_invariants
from apps.core import clock
from apps.evidence.models import EvidenceCheck
from apps.evidence.services.reconciliation import KEPT, keep_check

FILE = Path(__file__).parent.parent / "invariants.sql"


@cache
def invariants() -> tuple[Invariant, ...]:
    return tuple(read_invariants(FILE.read_text(encoding="utf-8")))


def broken(invariant: Invariant, most: int = KEPT) -> list[str]:
    """What breaks it, at most so many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({invariant.query}) AS found LIMIT {most:d}")
        return [str(row[0]) for row in cursor.fetchall()]


def all_broken(*, live: bool) -> Iterator[tuple[Invariant, list[str]]]:
    """Each invariant that does not hold, with what breaks it. `live` asks those, too, that hold
    only where the portal's clock is the real one."""
    for invariant in invariants():
        if live or not invariant.only_live:
            rows = broken(invariant)
            if rows:
                yield invariant, rows


def check_invariants(*, live: bool = True) -> EvidenceCheck:
    """Ask for all of them and keep the result."""
    began = clock.now()
    found = list(all_broken(live=live))
    return keep_check(
        EvidenceCheck.Kind.INVARIANTS,
        began,
        sum(len(rows) for _, rows in found),
        {"rules": len(invariants()), **{each.code: len(rows) for each, rows in found}},
        [
            {"code": each.code, "where": f"{each.code} {row}", "text": each.rule}
            for each, rows in found
            for row in rows
        ],
    )
