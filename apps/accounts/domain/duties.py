"""Separation of duties on one change: who may not do what, from what they already did.

DORA RTS (EU) 2024/1774 Art. 17(1)(b): approving is independent of requesting and implementing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Duty = Literal["approve", "implement", "verify", "validate"]
Part = Literal["requester", "author", "approver", "implementer"]


@dataclass(frozen=True, slots=True)
class Parts:
    """Who has which part in one change or step; people are any hashable key."""

    requesters: frozenset[Hashable] = frozenset()
    authors: frozenset[Hashable] = frozenset()
    approvers: frozenset[Hashable] = frozenset()
    implementers: frozenset[Hashable] = field(default=frozenset())

    def held_by(self, person: Hashable) -> Iterator[Part]:
        if person in self.requesters:
            yield "requester"
        if person in self.authors:
            yield "author"
        if person in self.approvers:
            yield "approver"
        if person in self.implementers:
            yield "implementer"


EXCLUDED_BY: dict[Duty, frozenset[Part]] = {
    "approve": frozenset({"requester", "author", "implementer"}),
    "implement": frozenset({"approver"}),
    "verify": frozenset({"implementer"}),
    "validate": frozenset({"implementer"}),
}

DID: dict[Part, str] = {
    "requester": "requested it",
    "author": "wrote it",
    "approver": "approved it",
    "implementer": "implement it",
}


def conflicts(duty: Duty, person: Hashable, parts: Parts) -> tuple[Part, ...]:
    """The parts that keep `person` from `duty`; empty when they may."""
    return tuple(part for part in parts.held_by(person) if part in EXCLUDED_BY[duty])


def in_words(parts: tuple[Part, ...]) -> str:
    """ "requested it and wrote it"."""
    return " and ".join(DID[part] for part in parts)
