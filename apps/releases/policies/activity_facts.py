"""What the rules of a step look at, read in a constant number of queries."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from apps.accounts.domain.duties import Parts
from apps.approvals.models import Decision
from apps.approvals.selectors import slots_about
from apps.changes.models import ChangeRequest
from apps.gates.domain.facts import BatchFacts
from apps.inventory.domain.business_date import business_date
from apps.inventory.models import BatchCycle
from apps.releases.domain import lifecycle as life
from apps.releases.domain.activity_order import Step
from apps.releases.models import Activity, ActivityChange, ActivityDependency, PackageChange

#: The type of step that holds batch jobs.
HOLD = "HOLD_JOB"
#: Where a predecessor of a backout step comes from, as its origin tells, once it is called for.
FROM_BACKOUT = "backout"
HARD = ActivityDependency.Strength.HARD
#: States of a package whose steps do not run in the night of its window, or do so no more.
NOT_TONIGHT = (life.DRAFT, life.DELAYED, life.CANCELLED, life.BACKED_OUT)
IN_ONE_PACKAGE = Q(activity__package=F("predecessor__package"))
IN_ONE_NIGHT = Q(
    Exact(
        Coalesce("activity__window", "activity__package__window"),
        Coalesce("predecessor__window", "predecessor__package__window"),
    )
) & (Q(predecessor__package__isnull=True) | ~Q(predecessor__package__state__in=NOT_TONIGHT))


def steps_with_surroundings() -> QuerySet[Activity]:
    return Activity.objects.select_related(
        "type", "team", "owner", "deputy", "subsystem", "done_by", "package__window", "window",
        "reverses", "template",
    )  # fmt: skip


def plan_of(*, package: UUID | None = None, window: UUID | None = None) -> dict[UUID, Step]:
    """The steps of a package, or those that a window shares, and the steps they wait for; by key.

    A step of a package that is not in this night is waited for by nobody outside that package.
    Three queries.
    """
    own = Q(package=package) if package else Q(window=window)
    rows = {row.pk: row for row in Activity.objects.filter(own)}
    after: dict[UUID, set[UUID]] = {pk: set() for pk in rows}
    edges = (
        ActivityDependency.objects.filter(activity__in=rows, strength=HARD)
        .filter(IN_ONE_PACKAGE | IN_ONE_NIGHT)
        .values_list("activity_id", "predecessor_id")
    )
    for successor, predecessor in edges:
        after[successor].add(predecessor)
    elsewhere = {key for keys in after.values() for key in keys} - rows.keys()
    if elsewhere:
        rows |= {row.pk: row for row in Activity.objects.filter(pk__in=elsewhere)}
    return {pk: _step(row, frozenset(after.get(pk, ()))) for pk, row in rows.items()}


def plan_around(step: Activity) -> dict[UUID, Step]:
    return plan_of(package=step.package_id, window=step.window_id)


def _step(row: Activity, after: frozenset[UUID]) -> Step:
    return Step(
        key=row.pk,
        label=row.label,
        state=row.state,
        after=after,
        held=row.hold_point and not row.hold_released,
        not_before_at=row.not_before_at,
        is_backout=row.is_backout,
        reverses=row.reverses_id,
    )


def called_back(window: UUID) -> set[UUID]:
    """The shared backout steps of a window that the way back of a package has called for."""
    rows = ActivityDependency.objects.filter(
        activity__window=window, activity__is_backout=True, origin=FROM_BACKOUT
    )
    return set(rows.values_list("activity_id", flat=True))


def changes_served(step: Activity) -> list[UUID]:
    """The changes a step names, or, naming none, all changes of its package."""
    named = list(
        ActivityChange.objects.filter(activity=step.pk).values_list("change_id", flat=True)
    )
    if named or step.package_id is None:
        return named
    return list(
        PackageChange.objects.filter(package=step.package_id).values_list("change_id", flat=True)
    )


def parts_in(step: Activity) -> Parts:
    """Who approved a change that the step serves, and who did the step."""
    subjects = [f"{ChangeRequest.SUBJECT}:{pk}" for pk in changes_served(step)]
    approvers = {
        person
        for slots in slots_about(subjects).values()
        for slot in slots
        for decision in slot.standing
        if decision.verdict in Decision.IN_FAVOUR
        for person in decision.people
    }
    return Parts(
        approvers=frozenset(approvers),
        implementers=frozenset({step.done_by_id} - {None}),
    )


def holds_in(
    package: UUID | None, window: UUID | None, *, but: Collection[UUID] = ()
) -> BatchFacts:
    """The steps that hold the batch in the night of the package, its own and the shared ones; of a
    window without a package those of all its packages; with the business date that was told of
    each and the one that every cycle of the site has. Two queries."""
    here = Q(package=package) if package else Q(package__window=window)
    if window is not None:
        here |= Q(window=window)
    steps = Activity.objects.filter(here, type=HOLD, is_backout=False).exclude(pk__in=but)
    tonight = ~Q(package__isnull=False, package__state__in=NOT_TONIGHT)
    rows = steps.filter(tonight).exclude(state=life.SKIPPED).order_by("label", "pk")
    held = list(rows.values_list("label", "title", "state", "business_date"))
    return BatchFacts(
        tuple((label, title, state == life.COMPLETED) for label, title, state, _ in held),
        {label: told for label, *_, told in held if told is not None},
        business_dates(window) if held else (),
    )


def business_dates(window: UUID | None) -> tuple[tuple[str, date], ...]:
    """Which business date each batch cycle of the window's site has after its opening, as far as a
    rule tells: (cycle, date). One query."""
    cycles = BatchCycle.objects.filter(site__windows=window, new_day_at__isnull=False)
    found = cycles.order_by("code").values_list(
        "code", "site__windows__opens_at", "latest_start", "new_day_at", "site__tz"
    )
    return tuple(
        (code, business_date(opens_at, latest_start, new_day_at, zone))
        for code, opens_at, latest_start, new_day_at, zone in found
        if new_day_at is not None
    )


def order_of_night(package: UUID | None, window: UUID | None) -> dict[UUID, set[UUID]]:
    """The hard predecessors of every step of the night, by key; of the package alone where it has
    no window. One query."""
    here = Q(activity__package=package) if package else Q()
    if window is not None:
        here |= Q(activity__window=window) | Q(activity__package__window=window)
    after: dict[UUID, set[UUID]] = {}
    edges = ActivityDependency.objects.filter(here, strength=HARD)
    for step, before in edges.values_list("activity_id", "predecessor_id"):
        after.setdefault(step, set()).add(before)
    return after
