"""Rows as nobody can make them: inserted by the owner, with no trigger, constraint or index."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

#: What stands in a column that has to have a value, by its type.
PLAIN: dict[str, Any] = {
    "uuid": UUID(int=7),
    "text": "",
    "character varying": "",
    "boolean": False,
    "jsonb": "[]",
    "bytea": b"",
    "ARRAY": "{}",
    "timestamp with time zone": "2026-11-22 00:00+00",
    "date": "2026-11-22",
    "time without time zone": "00:00",
}


def free(*tables: str) -> None:
    """Let the tables hold anything until the test is over."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint "
            "WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('c', 'x', 'u')",
            [list(tables)],
        )
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = ANY(%s) "
            "AND indexdef LIKE 'CREATE UNIQUE%%' AND indexname NOT LIKE '%%_pkey'",
            [list(tables)],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{name}"')


def plant(table: str, **values: Any) -> None:
    """Insert a row; every other column that has to have a value gets a plain one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_name = %s AND is_nullable = 'NO' AND is_identity = 'NO'",
            [table],
        )
        row = {name: PLAIN.get(kind, 0) for name, kind in cursor.fetchall()} | values
        names = ", ".join(f'"{name}"' for name in row)
        places = ", ".join(["%s"] * len(row))
        cursor.execute(f'INSERT INTO "{table}" ({names}) VALUES ({places})', [*row.values()])
