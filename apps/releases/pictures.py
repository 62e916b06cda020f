"""The pictures of plans and of the order of packages: what the rows say, handed to the domain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, F, Q, Value, When
from django.urls import reverse

from apps.changes.models import ChangeAsset
from apps.console.display import look_of
from apps.core import clock
from apps.core.words import counted
from apps.inventory.domain.layers import Layout, Link, Node, lay_out
from apps.inventory.pictures import Folding, Mark, Picture
from apps.releases.domain import lifecycle as life
from apps.releases.domain.ordering.derivation import Edge
from apps.releases.domain.package_order import Precedence
from apps.releases.domain.picture import Mark as Moment
from apps.releases.domain.picture import Picture as PlanPicture
from apps.releases.domain.picture import Step, draw
from apps.releases.domain.planner.plan import NEVER, Plan
from apps.releases.models import Activity, ActivityDependency, ActivityTarget, ReleasePackage
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.package_order import order_of
from apps.releases.policies.step_order import Order as StepOrderFacts
from apps.releases.policies.step_order import can_be_edited
from apps.releases.policies.step_order import order_of as order_of_steps
from apps.releases.services.window_plan import Planning
from apps.windows.models import ReleaseWindow


def picture_of_package(package: ReleasePackage) -> PlanPicture | None:
    """The package's own steps, without the way back; None without a step that has a time."""
    window = package.window
    return _drawn(
        work_of(package).forward,
        cutoff_at=window.effective_cutoff if window else None,
        zone=window.zone if window else "",
    )


def picture_of_window(window: ReleaseWindow) -> PlanPicture | None:
    """All steps of the night: those of its packages and those that they share. One query."""
    steps = Activity.objects.filter(
        Q(package__window=window) | Q(window=window), is_backout=False
    ).select_related("team")
    return _drawn(steps, cutoff_at=window.effective_cutoff, zone=window.zone)


def picture_of_plan(planning: Planning, plan: Plan) -> PlanPicture | None:
    """What the planner found, by team, whatever has happened meanwhile; without a query."""
    window = planning.window
    marks = [Moment("go", "go/no-go ready", planning.at(plan.go_ready))]
    if plan.commit is not None:
        marks.append(Moment("commit", "commit", planning.at(plan.commit)))
    if plan.no_return != NEVER:
        marks.append(Moment("pnr", "no return", planning.at(plan.no_return)))
    rows = [(planning.steps[slot.work.key], slot) for slot in plan.slots]
    return draw(
        [
            Step(
                lane=row.team.code,
                label=row.label,
                title=row.title,
                state=life.PLANNED,
                minutes=row.duration_minutes,
                planned_start_at=planning.at(slot.start),
                is_critical=slot.work.key in plan.chain,
            )
            for row, slot in rows
        ],
        now=clock.now(),
        cutoff_at=window.effective_cutoff,
        zone=ZoneInfo(window.zone or settings.INTERLOCK_ZONE),
        marks=marks,
        summary=f"{counted(len(rows), 'step')} as planned; the table below tells the same",
    )


def _drawn(
    steps: Iterable[Activity], *, cutoff_at: datetime | None, zone: str
) -> PlanPicture | None:
    return draw(
        [
            Step(
                lane=step.team.code,
                label=step.label,
                title=step.title,
                state=step.state,
                minutes=step.duration_minutes,
                planned_start_at=step.planned_start_at,
                started_at=step.started_at,
                ended_at=step.ended_at,
            )
            for step in steps
        ],
        now=clock.now(),
        cutoff_at=cutoff_at,
        zone=ZoneInfo(zone or settings.INTERLOCK_ZONE),
    )


#: More steps than these stand in the list alone.
MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Wait:
    """That a step waits for another, with every rule that says so: (code, why)."""

    before: Activity
    is_hard: bool
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step with what it directly waits for."""

    step: Activity
    waits: tuple[Wait, ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """What deriving the order would do to one dependency."""

    verb: str
    before: Activity | None
    after: Activity | None
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StepOrder:
    """The order of steps: those that wait directly, the dropped ones apart, and what deriving
    again would change. `layout` is None where there is nothing to draw."""

    summary: str
    layout: Layout | None
    rows: tuple[StepRow, ...]
    dropped: tuple[ActivityDependency, ...]
    coming: tuple[Coming, ...]
    cycle: str
    title: str = "Order of the steps"


def step_order_picture(about: ReleasePackage | ReleaseWindow) -> StepOrder | None:
    """The order of a night, or of one package in it; None without a step."""
    order = order_of_steps(about)
    focus = order.place.focus
    if not order.steps or (focus and not any(s.package_id == focus for s in order.steps.values())):
        return None

    def is_meant(before: Any, after: Any) -> bool:
        return focus is None or focus in (
            order.steps[before].package_id, order.steps[after].package_id,
        )  # fmt: skip

    shown = [edge for edge in order.needed if is_meant(edge.before, edge.after)]
    present = [edge for edge in order.present if is_meant(edge.before, edge.after)]
    rows: dict[Any, list[Wait]] = {}
    for edge in shown:
        wait = Wait(order.steps[edge.before], edge.is_hard, _reasons(edge))
        rows.setdefault(edge.after, []).append(wait)
    return StepOrder(
        summary=_step_summary(len(shown), len(present)),
        layout=_step_layout(order, shown, focus),
        rows=tuple(StepRow(order.steps[key], tuple(waits)) for key, waits in rows.items()),
        dropped=tuple(
            row for row in order.dropped if is_meant(row.predecessor_id, row.activity_id)
        ),
        coming=tuple(_coming(order)) if can_be_edited(about) else (),
        cycle=order.cycle.text if order.cycle else "",
    )


def _step_summary(shown: int, present: int) -> str:
    told = counted(present, "dependency", "dependencies")
    if shown == present:
        return f"{told[:1].upper()}{told[1:]}."
    return f"{shown} of {told}; the others follow from these."


def _step_layout(order: StepOrderFacts, shown: Sequence[Edge], focus: UUID | None) -> Layout | None:
    ends = {key for edge in shown for key in edge.pair}
    if not ends or len(ends) > MOST_STEPS:
        return None
    nodes = [
        Node(
            str(step.pk),
            step.label,
            sub=step.type.label,
            icon=look_of(step.state).icon,
            tone="seed" if focus and step.package_id == focus else "",
            url=reverse("admin:releases_activity_change", args=[step.pk]),
            title=f"{step.label} {step.title}, {step.team.code}, {look_of(step.state).word}",
            keep=True,
        )
        for step in order.steps.values()
        if step.pk in ends
    ]
    links = [
        Link(
            str(edge.before),
            str(edge.after),
            label=edge.origins[0] + (f" +{len(edge.origins) - 1}" if len(edge.origins) > 1 else ""),
            title="; ".join(f"{code}: {why}" for code, why in _reasons(edge)),
        )
        for edge in shown
    ]
    return lay_out(nodes, links)


def _reasons(edge: Edge) -> tuple[tuple[str, str], ...]:
    return tuple(zip(edge.origins, edge.why, strict=True))


def _coming(order: StepOrderFacts) -> Iterator[Coming]:
    told = order.difference
    for edge in told.added:
        yield Coming("added", *_ends(order, edge.pair), _reasons(edge))
    for _, edge in told.changed:
        yield Coming("changed", *_ends(order, edge.pair), _reasons(edge))
    for held in told.removed:
        yield Coming("removed", held.row.predecessor, held.row.activity, held.reasons)


def _ends(order: StepOrderFacts, pair: tuple[Any, Any]) -> tuple[Activity, Activity]:
    return order.steps[pair[0]], order.steps[pair[1]]


#: Packages of the portfolio that are put in order: those in focus, then those of the next windows.
MOST_PACKAGES = 500


@dataclass(frozen=True, slots=True)
class Ordered:
    """A row of the order: one package before another, and why."""

    before: ReleasePackage
    after: ReleasePackage
    reasons: tuple[str, ...]
    is_cyclic: bool


def scope_of(change_ids: Collection[UUID]) -> set[UUID]:
    """The assets in the scope of these changes."""
    lines = ChangeAsset.objects.filter(change__in=change_ids)
    return set(lines.values_list("asset_id", flat=True))


def coverage_of(package: ReleasePackage) -> dict[UUID, str]:
    """Where each asset stands that the package takes care of: in its scope, else in its plan."""
    targets = (
        ActivityTarget.objects.filter(activity__package=package, activity__is_backout=False)
        .order_by("-activity__label")
        .values_list("asset_id", "activity__label")
    )
    changes = package.members.values_list("change_id", flat=True)
    steps = {asset: f"step {label}" for asset, label in targets}
    return steps | dict.fromkeys(scope_of(changes), "in scope")


def order_picture(
    focus: Collection[UUID],
    *,
    whole: bool = False,
    folding: Folding = Folding(),  # noqa: B008 - frozen
) -> Picture:
    """Which package goes before which, among those that are open or in warranty.

    Shown are the packages in `focus` with those of their windows and all that the order connects
    with them; the `whole` portfolio where that is asked for. Four queries.
    """
    packages = _portfolio(focus)
    found = order_of(packages)
    shown = packages if whole else _around(focus, packages, found)
    by_key = {package.pk: package for package in shown}
    rows = [
        Ordered(by_key[edge.before], by_key[edge.after], edge.reasons, edge.is_cyclic)
        for edge in found
        if edge.before in by_key and edge.after in by_key
    ]
    rows.sort(key=lambda row: (not row.is_cyclic, row.before.code, row.after.code))
    cycles = {pk for row in rows if row.is_cyclic for pk in (row.before.pk, row.after.pk)}
    return Picture(
        title="Package order",
        summary=_order_summary(shown, rows, len(cycles)),
        layout=lay_out(
            [_package_node(package, focus, cycles) for package in shown],
            [_order_link(row) for row in rows],
            limit=folding.most, fold=folding.fold, unfold=folding.unfold,
        ),
        legend=(
            Mark("seed", "", "this package" if len(focus) == 1 else "these packages"),
            *([Mark("missing", "!", "on a cycle: merge or split them")] if cycles else []),
        ),
        table="releases/_order.html",
        rows=tuple(rows),
        is_cut=len(packages) == MOST_PACKAGES,
    )  # fmt: skip


def _portfolio(focus: Collection[UUID]) -> list[ReleasePackage]:
    """Those that matter most first: in focus, of the windows to come, of those that are over, of
    none."""
    now = clock.now()
    live = ~Q(state__in=[life.CLOSED, life.CANCELLED]) | Q(warranty_until__gte=now)
    rank = Case(
        When(pk__in=focus, then=Value(0)),
        When(window__closes_at__gte=now, then=Value(1)),
        default=Value(2),
    )
    return list(
        ReleasePackage.objects.filter(live)
        .select_related("window")
        .order_by(rank, F("window__opens_at").asc(nulls_last=True), "code")[:MOST_PACKAGES]
    )


def _around(
    focus: Collection[UUID], packages: Sequence[ReleasePackage], found: Iterable[Precedence]
) -> list[ReleasePackage]:
    windows = {package.window_id for package in packages if package.pk in focus} - {None}
    near = {package.pk for package in packages if package.window_id in windows} | set(focus)
    beside: dict[UUID, set[UUID]] = {}
    for edge in found:
        beside.setdefault(edge.before, set()).add(edge.after)
        beside.setdefault(edge.after, set()).add(edge.before)
    queue = list(near)
    while queue:
        ahead = beside.get(queue.pop(), set()) - near
        near |= ahead
        queue += ahead
    return [package for package in packages if package.pk in near]


def _package_node(
    package: ReleasePackage, focus: Collection[UUID], cycles: Collection[UUID]
) -> Node:
    look = look_of(package.state)
    window = package.window.code if package.window else "no window"
    here = package.pk in focus
    return Node(
        str(package.pk),
        package.code,
        sub=package.name,
        note=f"{window} · {look.word}",
        kind=window,
        plural=f"packages of {window}",
        icon=look.icon,
        tone="missing" if package.pk in cycles else "seed" if here else look.tone,
        mark="!" if package.pk in cycles else "",
        url=reverse("admin:releases_releasepackage_change", args=[package.pk]),
        title=f"{package.code} {package.name}, {window}, {look.word}",
        keep=here,
    )


def _order_link(row: Ordered) -> Link:
    first = row.reasons[0].split(" ")[0]
    more = f" +{len(row.reasons) - 1}" if len(row.reasons) > 1 else ""
    return Link(
        str(row.before.pk), str(row.after.pk), label=f"{first}{more}",
        tone="missing" if row.is_cyclic else "", title="; ".join(row.reasons),
    )  # fmt: skip


def _order_summary(
    shown: Collection[ReleasePackage], rows: Collection[Ordered], on_cycles: int
) -> str:
    told = f"{counted(len(shown), 'package')}, {counted(len(rows), 'precedence')}."
    if on_cycles:
        told += f" {on_cycles} of them wait for each other: no order is possible."
    return told
