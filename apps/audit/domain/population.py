"""A population: which rows a question answers with, their digest, and how two answers differ."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

CHANGE, VERSION, MOVED = "change", "version", "moved"
KINDS: tuple[tuple[str, str], ...] = (
    (CHANGE, "Change"),
    (VERSION, "Version without a package"),
    (MOVED, "Move without an authorisation"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One production change of the period, as it was when it was asked for.

    `version` and `head` (64 hex digits) are those of its newest evidence entry. What went past
    governance has no entry: then the version is 0 and `head` is the digest of what is known of it.
    `at` is when it began to change production.
    """

    kind: str
    key: UUID
    code: str
    title: str
    application: str
    change_type: str
    state: str
    at: datetime
    version: int
    head: str

    @property
    def name(self) -> tuple[str, str]:
        return (self.kind, str(self.key))


def in_order(rows: Iterable[Row]) -> list[Row]:
    """The one order of a population: by code, then kind, then key."""
    return sorted(rows, key=lambda row: (row.code, row.kind, str(row.key)))


def digest_of(rows: Iterable[Row]) -> str:
    """SHA-256 over one line for each row in `in_order`: kind|key|version|head, each ended by a
    line feed."""
    told = hashlib.sha256()
    for row in in_order(rows):
        told.update(f"{row.kind}|{row.key}|{row.version}|{row.head}\n".encode())
    return told.hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """How a second answer differs from the first, by code of the rows."""

    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def is_none(self) -> bool:
        return not (self.added or self.gone or self.changed)

    def in_words(self) -> str:
        if self.is_none:
            return "The answer is the same, row by row."
        parts = (("new", self.added), ("gone", self.gone), ("changed since", self.changed))
        told = [f"{len(codes)} {word}" for word, codes in parts if codes]
        return f"The answer differs: {', '.join(told)}."


def compare(kept: Sequence[Row], now: Sequence[Row]) -> Difference:
    """What is in one answer only, and the rows whose version or evidence is another."""
    before = {row.name: row for row in kept}
    after = {row.name: row for row in now}
    return Difference(
        added=_codes(after[name] for name in after.keys() - before.keys()),
        gone=_codes(before[name] for name in before.keys() - after.keys()),
        changed=_codes(
            after[name]
            for name in before.keys() & after.keys()
            if (before[name].version, before[name].head) != (after[name].version, after[name].head)
        ),
    )


def _codes(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(sorted(row.code for row in rows))


def query_in_words(first: str, last: str, zone: str, application: str = "") -> str:
    """What a population asks; `first` and `last` are days."""
    whose = f"of application {application}" if application else "of every application"
    assets = " of its assets" if application else ""
    moves = (
        " Moves that nothing authorised belong to no application and are left out."
        if application
        else " And every move that a report of what moved told of and nothing authorised."
    )
    return (
        f"Every change {whose} on which implementation began from {first} to {last}, both days "
        f"included, on the clock of {zone}, emergencies among them, as the ledger's entries tell; "
        f"and every version{assets} that reached production in that time without a package.{moves}"
    )
