"""What a window can take, what is booked of it, and what is still free.

Changes, points and packages are hard limits. A reserve of them is kept for emergencies: planned
work may book `capacity x (100 - reserve) / 100`, everything together the whole. Minutes only warn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

THRESHOLDS = (100, 90, 75)

HARD_UNITS: tuple[tuple[str, str], ...] = (
    ("changes", "changes"),
    ("points", "points"),
    ("packages", "packages"),
)
UNITS = (*HARD_UNITS, ("minutes", "minutes"))


@dataclass(frozen=True, slots=True)
class Load:
    """An amount of each unit; `packages` is 1 for the booking of one package."""

    changes: int = 0
    points: Decimal = Decimal(0)
    packages: int = 0
    minutes: int = 0

    def of(self, unit: str) -> Decimal:
        return Decimal(getattr(self, unit))

    def __add__(self, other: Load) -> Load:
        return Load(
            self.changes + other.changes,
            self.points + other.points,
            self.packages + other.packages,
            self.minutes + other.minutes,
        )

    def __sub__(self, other: Load) -> Load:
        return Load(
            self.changes - other.changes,
            self.points - other.points,
            self.packages - other.packages,
            self.minutes - other.minutes,
        )


@dataclass(frozen=True, slots=True)
class Capacity:
    """`whole` is what the window can take; 0 minutes means that nobody limits them."""

    whole: Load
    reserve_percent: int

    def plannable(self, unit: str) -> Decimal:
        """What planned work may book; fractions of a change or a package do not count."""
        kept = self.whole.of(unit) * (100 - self.reserve_percent) / 100
        return kept if unit == "points" else Decimal(int(kept))


@dataclass(frozen=True, slots=True)
class Use:
    """How far one unit is booked. `planned` is `booked` without emergencies.

    `percent` is the fuller of the two limits: planned work of `plannable`, everything of `limit`.
    """

    unit: str
    booked: Decimal
    planned: Decimal
    limit: Decimal
    plannable: Decimal
    is_hard: bool

    @property
    def percent(self) -> int:
        return max(_percent(self.planned, self.plannable), _percent(self.booked, self.limit))

    @property
    def free(self) -> Decimal:
        """What planned work may still book."""
        return max(Decimal(0), min(self.plannable - self.planned, self.limit - self.booked))


@dataclass(frozen=True, slots=True)
class Shortfall:
    unit: str
    wanted: Decimal
    free: Decimal
    reserved: Decimal


def uses(capacity: Capacity, booked: Load, emergency: Load) -> tuple[Use, ...]:
    """Use of each unit that has a limit or a booking."""
    hard = {unit for unit, _ in HARD_UNITS}
    found = []
    for unit, _ in UNITS:
        limit = capacity.whole.of(unit)
        if not limit and unit not in hard:
            continue
        total = booked.of(unit)
        found.append(
            Use(unit, total, total - emergency.of(unit), limit, capacity.plannable(unit),
                unit in hard)
        )  # fmt: skip
    return tuple(found)


def shortfalls(
    capacity: Capacity, booked: Load, emergency: Load, wanted: Load, *, is_emergency: bool
) -> Iterator[Shortfall]:
    """Each hard unit of which `wanted` does not fit beside what is booked.

    `booked` counts everything, `emergency` the part of it that emergencies took.
    """
    for use in uses(capacity, booked, emergency):
        asked = wanted.of(use.unit)
        whole_free = max(Decimal(0), use.limit - use.booked)
        free = whole_free if is_emergency else use.free
        if use.is_hard and asked > free:
            yield Shortfall(use.unit, asked, free, whole_free - free)


def crossed(percent: int) -> int:
    """The highest warning threshold that `percent` has reached: 100, 90, 75 or 0."""
    return next((threshold for threshold in THRESHOLDS if percent >= threshold), 0)


def _percent(part: Decimal, whole: Decimal) -> int:
    if not whole:
        return 100 if part else 0
    return int(part * 100 / whole)
