"""What a window can take, what is booked of it, and what is still free.

Changes, points and packages are hard limits, and so are binds where the window limits them. Minutes
of the plan and hours of a team only warn. A reserve is kept for emergencies: planned work may book
`limit x (100 - reserve) / 100`, everything together the whole.
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
    ("binds", "binds"),
)
LABELS = dict(HARD_UNITS)
#: Units of which 0 says that nobody limits them; of any other it says that there is none.
UNLIMITED_AT_ZERO = frozenset({"binds"})
#: What a locked scope does not take more of. Binds follow from steps, which are planned on.
SCOPE_UNITS = ("changes", "points", "packages")
#: Units that are counted in halves and tenths.
FRACTIONS = frozenset({"points", "hours"})


@dataclass(frozen=True, slots=True)
class Load:
    """An amount of each unit; `packages` is 1 for the booking of one package."""

    changes: int = 0
    points: Decimal = Decimal(0)
    packages: int = 0
    binds: int = 0

    def of(self, unit: str) -> Decimal:
        return Decimal(getattr(self, unit))

    def __add__(self, other: Load) -> Load:
        return Load(
            self.changes + other.changes,
            self.points + other.points,
            self.packages + other.packages,
            self.binds + other.binds,
        )

    def __sub__(self, other: Load) -> Load:
        return Load(
            self.changes - other.changes,
            self.points - other.points,
            self.packages - other.packages,
            self.binds - other.binds,
        )


@dataclass(frozen=True, slots=True)
class Capacity:
    """`whole` is what the window can take."""

    whole: Load
    reserve_percent: int

    def limits(self, unit: str) -> bool:
        return unit not in UNLIMITED_AT_ZERO or bool(self.whole.of(unit))

    def plannable(self, unit: str) -> Decimal:
        """What planned work may book; fractions of a change or a package do not count."""
        return less_reserve(unit, self.whole.of(unit), self.reserve_percent)


def less_reserve(unit: str, limit: Decimal, reserve_percent: int) -> Decimal:
    kept = limit * (100 - reserve_percent) / 100
    return kept if unit in FRACTIONS else Decimal(int(kept))


@dataclass(frozen=True, slots=True)
class Use:
    """One row of the ledger: how far one unit is booked.

    `planned` is `booked` without emergencies, `reserved` the part of it that is only held.
    `percent` is the fuller of the two limits: planned work of `plannable`, everything of `limit`.
    `label` says whose it is where the unit alone does not, such as the code of a team; `basis`
    what the limit was read from, where there is more than one way to tell it.
    """

    unit: str
    booked: Decimal
    planned: Decimal
    limit: Decimal
    plannable: Decimal
    is_hard: bool
    reserved: Decimal = Decimal(0)
    label: str = ""
    basis: str = ""

    @property
    def name(self) -> str:
        return f"{self.unit} of {self.label}" if self.label else self.unit

    @property
    def emergency(self) -> Decimal:
        return self.booked - self.planned

    @property
    def percent(self) -> int:
        return max(_percent(self.planned, self.plannable), _percent(self.booked, self.limit))

    @property
    def word(self) -> str:
        """How full it is, where colour is not seen."""
        percent = self.percent
        if percent > 100 or self.is_without_any:
            return "overbooked"
        words = {100: "full", 90: "nearly full", 75: "filling up", 0: "free"}
        return words[crossed(percent)]

    @property
    def is_without_any(self) -> bool:
        """Something is booked where there is nothing at all."""
        return bool(self.booked) and not self.limit

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


def uses(
    capacity: Capacity, booked: Load, emergency: Load, reserved: Load | None = None
) -> tuple[Use, ...]:
    """Use of each hard unit that is limited; `emergency` and `reserved` are parts of `booked`."""
    return tuple(
        Use(
            unit,
            booked.of(unit),
            booked.of(unit) - emergency.of(unit),
            capacity.whole.of(unit),
            capacity.plannable(unit),
            is_hard=True,
            reserved=(reserved or Load()).of(unit),
        )
        for unit, _ in HARD_UNITS
        if capacity.limits(unit)
    )


def measured(
    unit: str,
    booked: Decimal,
    limit: Decimal,
    *,
    reserve_percent: int,
    emergency: Decimal = Decimal(0),
    label: str = "",
    basis: str = "",
) -> Use:
    """A unit that only warns, as somebody who knows the plan has measured it."""
    return Use(
        unit, booked, booked - emergency, limit, less_reserve(unit, limit, reserve_percent),
        is_hard=False, label=label, basis=basis,
    )  # fmt: skip


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
        if asked > free:
            yield Shortfall(use.unit, asked, free, whole_free - free)


def crossed(percent: int) -> int:
    """The highest warning threshold that `percent` has reached: 100, 90, 75 or 0."""
    return next((threshold for threshold in THRESHOLDS if percent >= threshold), 0)


def _percent(part: Decimal, whole: Decimal) -> int:
    if not whole:
        return 100 if part else 0
    return int(part * 100 / whole)
