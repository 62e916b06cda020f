"""One signature that approves a change, against the least that a database must do for it.

The raw transaction locks a row, updates it, inserts its history and an outbox message: four
statements on tables of the same columns and indexes, without guards, straight through psycopg.
Both run in turn on one connection.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from apps.changes.models import ChangeRequest
from apps.changes.services import decisions
from bench.timing import WARM_UP, Spied, interleaved, ratio, spied, told, told_times
from bench.world import Bank, submitted

MESSAGE = b"x" * 1024


class _Approvals:
    """Signs the next prepared change at each call, and remembers what that asked of PostgreSQL."""

    def __init__(self, bank: Bank, changes: Sequence[ChangeRequest]) -> None:
        self.waiting = [(change, bank.actor(bank.owner)) for change in changes]
        self.seen: list[Spied] = []

    def __call__(self) -> None:
        change, actor = self.waiting.pop()
        with spied() as seen:
            approved = decisions.approve(
                pk=change.pk, actor=actor, expected_seq=change.evidence_seq
            )
        assert approved.state == "approved"
        self.seen.append(seen)


class _RawTransactions:
    """The same on tables without guards. The connection must be the owner's when made."""

    def __init__(self, keys: Sequence[UUID]) -> None:
        self.waiting = list(keys)
        rows, histories = ChangeRequest._meta.db_table, ChangeRequest.history.model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bench_row, bench_history, bench_outbox")
            cursor.execute(f"CREATE TABLE bench_row (LIKE {rows} INCLUDING ALL)")
            cursor.execute(
                f"INSERT INTO bench_row (SELECT * FROM {rows} WHERE id = ANY(%(keys)s)) UNION ALL "
                f"(SELECT * FROM {rows} WHERE id <> ALL(%(keys)s) LIMIT 10000)",
                {"keys": self.waiting},
            )
            cursor.execute(f"CREATE TABLE bench_history (LIKE {histories} INCLUDING ALL)")
            cursor.execute("CREATE TABLE bench_outbox (id bigserial PRIMARY KEY, body bytea)")
            cursor.execute("GRANT ALL ON bench_row, bench_history, bench_outbox TO interlock_app")
            cursor.execute("GRANT ALL ON SEQUENCE bench_outbox_id_seq TO interlock_app")
            cursor.execute("ANALYZE bench_row")
            cursor.execute(f"SELECT * FROM {histories} WHERE id = %s LIMIT 1", [self.waiting[0]])
            found = dict(zip([c.name for c in cursor.description], cursor.fetchone(), strict=True))
        del found["history_id"]
        names = ", ".join(f'"{name}"' for name in found)
        marks = ", ".join(["%s"] * len(found))
        self.insert = f"INSERT INTO bench_history ({names}) VALUES ({marks})"
        self.values = list(found.values())

    def __call__(self) -> None:
        key = self.waiting.pop()
        raw: Any = connection.connection
        with raw.transaction():
            raw.execute("SELECT * FROM bench_row WHERE id = %s FOR UPDATE", [key]).fetchone()
            raw.execute(
                "UPDATE bench_row SET state = 'approved', evidence_seq = evidence_seq + 1, "
                "approved_at = now(), valid_until = now(), changed_at = now(), evidence_head = %s "
                "WHERE id = %s",
                [MESSAGE[:32], key],
            )
            raw.execute(self.insert, self.values)
            raw.execute("INSERT INTO bench_outbox (body) VALUES (%s)", [MESSAGE])


def prepare(bank: Bank, rounds: int) -> tuple[_Approvals, _RawTransactions]:
    """Changes to sign and rows to write, for `rounds` of measuring; as the owner of the tables."""
    changes = [submitted(bank) for _ in range(rounds + WARM_UP)]
    return _Approvals(bank, changes), _RawTransactions([change.pk for change in changes])


def measure(approvals: _Approvals, raw: _RawTransactions, rounds: int, rows: int) -> None:
    """Print wall time and time in PostgreSQL of both, and their ratios."""
    taken = interleaved({"approve": approvals, "raw": raw}, rounds)
    seen = approvals.seen[-rounds:]
    inside = [spied.seconds for spied in seen]
    told_times("approve.wall", taken["approve"], rows=rows)
    told_times("approve.postgresql", inside, rows=rows)
    told_times("raw.wall", taken["raw"], rows=rows, statements=4)
    told("approve.statements", statistics.median(s.statements for s in seen), "statements")
    told("approve.wall / raw", ratio(taken["approve"], taken["raw"]), "x", rows=rows)
    told("approve.postgresql / raw", ratio(inside, taken["raw"]), "x", rows=rows)
