"""What moving a package or a window would change, before anything happens.

A ripple is compared by its digest: whoever commits a move agreed to exactly this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from apps.evidence.domain.canonical import digest
from apps.windows.domain.capacity import Use


@dataclass(frozen=True, slots=True)
class Shift:
    """One date that moves; None where there is none before, or afterwards."""

    what: str
    was: datetime | None
    now: datetime | None


@dataclass(frozen=True, slots=True)
class Collision:
    rule: str
    severity: str
    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A rule of the calendar that holds in the new night for what is moved."""

    rule: str
    told: str
    strength: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SealBreak:
    """What the signatures on a change make of it: `rows` in words, `again` who has to sign now,
    once more or because nobody asked before."""

    change: str
    rows: tuple[str, ...]
    again: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Absence:
    person: str
    why: str


@dataclass(frozen=True, slots=True)
class Booked:
    """How far a unit of a window is booked before and after."""

    window: str
    was: Use
    now: Use

    @property
    def is_over(self) -> bool:
        return self.now.percent > 100


@dataclass(frozen=True, slots=True)
class Ripple:
    """`about` names what is moved, `where` to where, `versions` the records that it rests on.

    `minutes` is the plan of the new night, which only a preview makes: it is no part of the digest,
    as it follows from the rest.
    """

    about: str
    where: str
    versions: tuple[tuple[str, int], ...] = ()
    dates: tuple[Shift, ...] = ()
    collisions: tuple[Collision, ...] = ()
    solved: tuple[Collision, ...] = ()
    closed: tuple[Closed, ...] = ()
    seals: tuple[SealBreak, ...] = ()
    absent: tuple[Absence, ...] = ()
    capacity: tuple[Booked, ...] = ()
    cut: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    minutes: Use | None = field(default=None, compare=False)

    @property
    def digest(self) -> str:
        told = asdict(self)
        del told["minutes"]
        return digest(told)

    @property
    def is_smooth(self) -> bool:
        """Nothing but dates and capacity differ."""
        return not (self.collisions or self.closed or self.seals or self.absent or self.cut)


def shifts(
    before: Mapping[str, datetime | None], after: Mapping[str, datetime | None]
) -> tuple[Shift, ...]:
    """The dates that differ, in the order of `before` and then of what is new."""
    names = [*before, *(name for name in after if name not in before)]
    return tuple(
        Shift(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    )


def new_in(
    before: Mapping[str, Collision], after: Mapping[str, Collision]
) -> tuple[Collision, ...]:
    """What is found afterwards and was not before, the heaviest first."""
    weight = {"hard": 0, "soft": 1}
    found = {key: each for key, each in after.items() if key not in before}.values()
    return tuple(sorted(found, key=lambda c: (weight.get(c.severity, 2), c.rule, c.text)))
