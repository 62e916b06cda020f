"""What is planned: steps, the night they are planned in, and what makes a plan impossible."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from apps.gates.domain.cycles import shortest_cycle


class Role(StrEnum):
    """What a step is for. The go/no-go decision waits for every step that validates."""

    DO = "do"
    VALIDATE = "validate"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class Work:
    """One step of a plan.

    `after` are the keys of the steps that have to be finished before it begins; keys that are
    not planned do not count. `needs` are units by resource: people of a team, or an exclusive
    subsystem. `backout_minutes` is how long undoing it takes, 0 where nothing has to be undone.
    `earliest` is the first minute at which it may begin; `pinned` the minute at which it begins,
    whatever resources say, because it runs already.
    """

    key: Hashable
    label: str
    minutes: int
    after: frozenset[Hashable] = frozenset()
    needs: Mapping[str, int] = field(default_factory=dict, hash=False)
    backout_minutes: int = 0
    irreversible: bool = False
    changes_data: bool = False
    role: Role = Role.DO
    package: str = ""
    earliest: int = 0
    pinned: int | None = None


@dataclass(frozen=True, slots=True)
class Night:
    """The window that is planned for, in minutes after its opening.

    `cutoff` is the effective cut-off; `capacity` the units of each resource, a resource that is
    not named having none; `safety` the share that is added to planned durations.
    """

    cutoff: int
    capacity: Mapping[str, int]
    decide_minutes: int = 15
    verify_minutes: int = 20
    safety: Decimal = Decimal("0.10")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why there is no plan. `kind` is "cycle", "capacity" or "duration"."""

    kind: str
    text: str
    fix: str


def obstacles(works: Sequence[Work], capacity: Mapping[str, int]) -> Iterator[Obstacle]:
    """Everything that makes a plan of these steps impossible, whatever the time."""
    label = {work.key: work.label for work in works}
    for work in works:
        if work.minutes < 0 or work.backout_minutes < 0:
            yield Obstacle(
                "duration", f"{work.label} takes less than no time.", "Give it a duration."
            )
        for resource, units in sorted(work.needs.items()):
            there = capacity.get(resource, 0)
            if units > there and work.pinned is None:
                yield Obstacle(
                    "capacity",
                    f"{work.label} needs {units} of {resource}; there is {there or 'none'}.",
                    f"Give {resource} more capacity, or the step to somebody else.",
                )
    # By label first, so that equal plans name the same cycle.
    name = {work.key: f"{work.label}\n{work.key}" for work in works}
    cycle = shortest_cycle(
        {name[work.key]: [name[key] for key in sorted_known(work, label)] for work in works}
    )
    if cycle:
        way = " → ".join(each.partition("\n")[0] for each in (*cycle, cycle[0]))
        yield Obstacle(
            "cycle",
            f"The steps wait for each other: {way}.",
            "Take one of these dependencies away.",
        )


def sorted_known(work: Work, label: Mapping[Hashable, str]) -> tuple[Hashable, ...]:
    """The planned predecessors of `work`, by label: equal input gives equal answers."""
    return tuple(sorted((key for key in work.after if key in label), key=label.__getitem__))
