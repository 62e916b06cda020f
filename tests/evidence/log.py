"""A log of the test's own, and the hands that try to rewrite it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from apps.evidence.domain.merkle import root_of
from apps.evidence.domain.note import Checkpoint, Note, VerifierKey
from apps.evidence.models import EvidenceAlarm, EvidenceCheckpoint, EvidenceEntry, EvidenceLeaf
from apps.evidence.services.sealing.keep import Keep
from apps.evidence.services.sealing.keys import create_key
from apps.evidence.services.sealing.sealer import Pass, Sealer
from tests.factories import make_team
from tests.support import as_sealer, commit_now

NAME = "evidence.test.example"


class Log:
    def __init__(self, folder: Path) -> None:
        self.keep = Keep(folder)
        with as_sealer():
            self.vkey: VerifierKey = create_key(name=NAME, keep=self.keep)

    def seal(self) -> Pass:
        with as_sealer():
            return Sealer(self.keep).one_pass()

    def scrub(self) -> Pass:
        with as_sealer():
            return Sealer(self.keep).scrub()

    def grow(self, *codes: str) -> Checkpoint:
        """A team for each code, then one pass; the checkpoint after it."""
        for code in codes:
            make_team(code)
        done = self.seal()
        assert done.alarm is None, done.alarm
        return head(self.vkey)


def head(vkey: VerifierKey) -> Checkpoint:
    """The newest checkpoint, whose signature and root hold."""
    row = EvidenceCheckpoint.objects.all()[0]
    note = Note.parse(row.note)
    assert note.verified_by([vkey])
    checkpoint = Checkpoint.parse(note.text)
    assert (checkpoint.origin, checkpoint.size) == (row.origin, row.size)
    assert checkpoint.root == root_of(leaves()[: row.size])
    return checkpoint


def leaves() -> list[bytes]:
    rows = EvidenceLeaf.objects.values_list("idx", "leaf")
    assert [idx for idx, _ in rows] == list(range(len(rows)))
    return [bytes(leaf) for _, leaf in rows]


def everything_is_placed_once() -> bool:
    entries = set(EvidenceEntry.objects.values_list("pk", flat=True))
    placed = list(EvidenceLeaf.objects.values_list("entry_id", flat=True))
    return len(leaves()) == len(placed) == len(entries) and set(placed) == entries


def alarms() -> list[str]:
    return list(EvidenceAlarm.objects.order_by("pk").values_list("code", flat=True))


def by_dba(statement: str, *values: Any) -> None:
    """As somebody who administers the database does it: no right is missing, no trigger fires."""
    commit_now()
    with dba(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def dba() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SET LOCAL session_replication_role = replica")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL session_replication_role = origin; SET LOCAL ROLE interlock_app"
            )
