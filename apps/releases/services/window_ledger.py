"""The capacity ledger of a window: one row for each unit of what it can take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Q, Sum

from apps.accounts.domain.roster import Roster
from apps.accounts.selectors import roster_of
from apps.releases.domain.planner.plan import Plan, Unplannable
from apps.releases.models import ReleasePackage
from apps.releases.policies.package_facts import steps_in
from apps.releases.services.window_plan import plan_window
from apps.windows.domain.capacity import Load, Use, measured, uses
from apps.windows.models import Booking, ReleaseWindow
from apps.windows.selectors import minutes_of, reservations_in

#: What the hours of a team are read from.
ROSTER, CAPACITY = "roster", "capacity"
HOUR = Decimal(60)
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Holding:
    """A subsystem that one step has to itself, and when by the plan."""

    subsystem: str
    label: str
    package: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Ledger:
    """`uses` in the order in which people read them. `holdings` and the row of minutes need a plan;
    `obstacles` say why there is none."""

    uses: tuple[Use, ...]
    holdings: tuple[Holding, ...]
    reservations: tuple[Booking, ...]
    obstacles: tuple[str, ...] = ()

    @property
    def warnings(self) -> list[str]:
        """What is over a limit that only warns, and who has work but no hours for it."""
        return [
            _warning(use)
            for use in self.uses
            if not use.is_hard and (use.percent > 100 or use.is_without_any)
        ]


def _warning(use: Use) -> str:
    if use.is_without_any:
        why = "its roster has nobody there before the cut-off" if use.basis == ROSTER else (
            "its capacity is 0 people")  # fmt: skip
        return f"{use.label} has {amount(use.booked)} hours of work and none to do it: {why}."
    return (
        f"{use.name[:1].upper()}{use.name[1:]}: {amount(use.booked)} of {amount(use.limit)} are "
        f"taken, {amount(use.plannable)} may be planned."
    )


def ledger_of(window: ReleaseWindow) -> Ledger:
    """Everything that is scarce in `window`: a constant number of queries, and one plan."""
    held = tuple(reservations_in([window]))
    hard = hard_uses(window, held)
    hours = team_hours([window]).get(window.pk, ())
    try:
        plan = plan_window(window)
    except Unplannable as error:
        told = tuple(f"{each.text} {each.fix}".strip() for each in error.obstacles)
        return Ledger((*hard, *hours), (), held, told)
    return Ledger((*hard, _minutes(window, plan), *hours), _holdings(window, plan), held)


def minutes_use(window: ReleaseWindow) -> Use:
    """The row of minutes alone. Raises Unplannable with every obstacle."""
    return _minutes(window, plan_window(window))


def hard_uses(window: ReleaseWindow, reservations: Iterable[Booking]) -> tuple[Use, ...]:
    reserved = sum((each.load for each in reservations), Load())
    return uses(window.capacity, window.booked, window.emergency, reserved)


def _minutes(window: ReleaseWindow, plan: Plan) -> Use:
    """How long the shortest feasible plan takes, never the sum of what is in it. What emergencies
    add to it cannot be told apart: they run beside the others."""
    limit = window.capacity_minutes or minutes_of(window.opens_at, window.effective_cutoff)
    return measured(
        "minutes", Decimal(plan.makespan), Decimal(limit), reserve_percent=window.reserve_percent
    )


def team_hours(windows: Sequence[ReleaseWindow]) -> dict[UUID, tuple[Use, ...]]:
    """By window, the hours of each team that has work in it, the fullest first: those of its
    roster where it has one for that window, else its people times the time from opening to cut-off.
    Three queries for any number of windows."""
    here: Mapping[UUID, ReleaseWindow] = {window.pk: window for window in windows}
    emergency = Q(package__kind=ReleasePackage.Kind.EMERGENCY)
    rows = (
        steps_in(here)
        .annotate(night=F("window"), of_package=F("package__window"))
        .order_by()
        .values("night", "of_package", "team", "team__code", "team__capacity")
        .annotate(
            minutes=Sum("duration_minutes"),
            emergency_minutes=Sum("duration_minutes", filter=emergency),
        )
    )
    taken: dict[tuple[UUID, UUID, str, int], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        key = (row["night"] or row["of_package"], row["team"], row["team__code"],
               row["team__capacity"])  # fmt: skip
        taken[key][0] += row["minutes"]
        taken[key][1] += row["emergency_minutes"] or 0
    roster = _roster(windows, {team for _, team, _, _ in taken})
    found: dict[UUID, list[Use]] = defaultdict(list)
    for (pk, team, code, people), (minutes, urgent) in taken.items():
        window = here[pk]
        span = (window.opens_at, window.effective_cutoff)
        on_shift = bool(roster.during(team, window.opens_at, window.closes_at))
        there = roster.minutes(team, *span) if on_shift else people * minutes_of(*span)
        found[pk].append(
            measured(
                "hours",
                _hours(minutes),
                _hours(there),
                reserve_percent=window.reserve_percent,
                emergency=_hours(urgent),
                label=code,
                basis=ROSTER if on_shift else CAPACITY,
            )
        )
    return {
        pk: tuple(sorted(some, key=lambda use: (-use.percent, use.label)))
        for pk, some in found.items()
    }


def _roster(windows: Sequence[ReleaseWindow], teams: Collection[UUID]) -> Roster:
    """The shifts of these teams from the first opening to the last closing. Two queries."""
    if not teams:
        return Roster()
    first = min(window.opens_at for window in windows)
    return roster_of(teams, first, max(window.closes_at for window in windows))


def _hours(minutes: int) -> Decimal:
    return (Decimal(minutes) / HOUR).quantize(TENTH)


def _holdings(window: ReleaseWindow, plan: Plan) -> tuple[Holding, ...]:
    exclusive = {
        step.pk: step
        for step in steps_in([window.pk])
        .filter(exclusive=True, subsystem__isnull=False)
        .select_related("subsystem", "package")
    }
    found = []
    for slot in plan.slots:
        step = exclusive.get(slot.work.key)  # type: ignore[call-overload]
        if step is not None and step.subsystem is not None:
            starts, ends = (
                window.opens_at + timedelta(minutes=minute) for minute in (slot.start, slot.end)
            )
            place = f"{step.subsystem.get_kind_display()} {step.subsystem.name}"
            package = step.package.code if step.package else ""
            found.append(Holding(place, step.label, package, starts, ends))
    return tuple(sorted(found, key=lambda one: (one.subsystem, one.starts_at, one.label)))


def amount(value: Decimal) -> str:
    return f"{value.normalize():f}"
