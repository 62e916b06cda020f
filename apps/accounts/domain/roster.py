"""Who of a team is on shift when, and how many hours that gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

PRIMARY, DEPUTY = "primary", "deputy"
#: Nobody is on shift for longer.
LONGEST_SHIFT = timedelta(hours=24)
#: A team that has entered no shift for so long keeps no roster any more.
KEPT_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Shift:
    """One person of a team from one moment until another, which is no part of it."""

    team: UUID
    person: UUID
    name: str
    starts_at: datetime
    ends_at: datetime
    role: str = PRIMARY
    phone: str = ""

    def holds(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class Roster:
    """The shifts of some teams in one span of time, by team; `kept` are the teams that keep a
    roster at all, whether or not it has a shift in that span."""

    shifts: Mapping[UUID, tuple[Shift, ...]] = field(default_factory=dict)
    kept: frozenset[UUID] = frozenset()

    def keeps(self, team: UUID) -> bool:
        return team in self.kept

    def on_shift(self, team: UUID, at: datetime) -> tuple[Shift, ...]:
        """Who of the team is there at `at`, primaries first."""
        found = [shift for shift in self.shifts.get(team, ()) if shift.holds(at)]
        return tuple(sorted(found, key=lambda one: (one.role != PRIMARY, one.name)))

    def primaries(self, team: UUID, at: datetime) -> tuple[Shift, ...]:
        return tuple(shift for shift in self.on_shift(team, at) if shift.role == PRIMARY)

    def during(self, team: UUID, starts_at: datetime, ends_at: datetime) -> tuple[Shift, ...]:
        """Every shift that has a part of the span, the earliest first."""
        found = [
            shift
            for shift in self.shifts.get(team, ())
            if shift.starts_at < ends_at and starts_at < shift.ends_at
        ]
        return tuple(sorted(found, key=lambda one: (one.starts_at, one.name)))

    def covers(
        self, team: UUID, people: Collection[UUID], starts_at: datetime, ends_at: datetime
    ) -> bool:
        """Whether at every moment of the span one of `people` is on shift for the team, be it one
        after the other."""
        reached = starts_at
        for shift in self.during(team, starts_at, ends_at):
            if shift.person in people and shift.starts_at <= reached:
                reached = max(reached, shift.ends_at)
        return reached >= ends_at

    def minutes(self, team: UUID, starts_at: datetime, ends_at: datetime) -> int:
        """How long people of the team are there in the span, added up.

        A deputy stands in and adds nothing beside a primary; where no primary is there, one deputy
        does the work of one.
        """
        shifts = self.during(team, starts_at, ends_at)
        moments = {starts_at, ends_at}
        moments |= {at for shift in shifts for at in (shift.starts_at, shift.ends_at)}
        total = 0
        for here, there in pairwise(sorted(at for at in moments if starts_at <= at <= ends_at)):
            roles = [shift.role for shift in shifts if shift.holds(here)]
            people = roles.count(PRIMARY) or min(1, len(roles))
            total += people * int((there - here) / timedelta(minutes=1))
        return total
