"""Generate the way back of a package from what has really been done, and have it verified."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.changes.models import ChangeAsset
from apps.core.actor import Actor
from apps.core.words import counted
from apps.evidence.services.ledger import record_created, record_many, remember
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.backout_order import (
    GOING_BACK,
    OTHER,
    OWN,
    SHARED,
    Back,
    Forward,
    Line,
    WayBackPlan,
    generate,
)
from apps.releases.models import (
    Activity,
    ActivityDependency,
    ActivityTarget,
    ReleasePackage,
    ValidationCheck,
)
from apps.releases.policies.activity_facts import FROM_BACKOUT, NOT_TONIGHT, order_of_night
from apps.releases.policies.package_facts import work_of
from apps.windows.domain import lifecycle as window_life

#: Kinds of checks that compare production with what it was before.
_COMPARES = ("member_footprint", "record_count", "control_total")


def way_back_plan(package: ReleasePackage) -> WayBackPlan:
    """What a backout from here on runs, and in which order; of a backout that has begun, with
    what is undone already. Nothing is written. Five queries beside those of the package."""
    work = work_of(package)
    around = _around(package)
    steps = [*work.steps, *around]
    backs: dict[UUID | None, list[Back]] = defaultdict(list)
    for step in steps:
        if step.is_backout:
            backs[step.reverses_id].append(Back(step.pk, step.label, step.state))
    assets: dict[UUID, dict[Any, str]] = defaultdict(dict)
    here = Q(activity__package=package) | Q(activity__in=[s.pk for s in around if _is_shared(s)])
    for row in ActivityTarget.objects.filter(here).select_related("asset"):
        assets[row.activity_id][row.asset_id] = row.asset.name
    after = order_of_night(package.pk, package.window_id)
    undoing = {step.pk for step in steps if step.is_backout}
    known = [
        (before, behind)
        for behind in undoing
        for before in after.get(behind, ())
        if before in undoing
    ]
    return generate(
        (
            Forward(
                key=step.pk,
                label=step.label,
                title=step.title,
                state=life.COMPLETED if step.state == life.BACKED_OUT else step.state,
                after=frozenset(after.get(step.pk, ())),
                assets=assets.get(step.pk, {}),
                started_at=step.started_at,
                irreversible=step.irreversible,
                alters=step.type.alters,
                place=_place(step, package),
                package=step.package.code if step.package else "",
                backs=tuple(backs.get(step.pk, ())),
            )
            for step in steps
            if not step.is_backout
        ),
        known,
    )


def _around(package: ReleasePackage) -> list[Activity]:
    """What else runs in the night of the package: shared steps, and those of packages on it. None
    once it is over: what the window shares is undone while it is in progress, or not at all."""
    if package.window is None or package.window.state != window_life.IN_PROGRESS:
        return []
    rows = Activity.objects.filter(
        Q(window=package.window_id)
        | Q(package__window=package.window_id) & ~Q(package__state__in=NOT_TONIGHT)
    ).exclude(package=package).exclude(state=life.SKIPPED)  # fmt: skip
    return list(rows.select_related("type", "team", "package").order_by("label", "pk"))


def _is_shared(step: Activity) -> bool:
    return step.package_id is None


def _place(step: Activity, package: ReleasePackage) -> str:
    if step.package_id == package.pk:
        return OWN
    if step.package is None:
        return SHARED
    return GOING_BACK if step.package.state == life.BACKING_OUT else OTHER


def shared_not_undone(package: ReleasePackage) -> list[Line]:
    """Of the way back of the package, the shared steps that are still to be undone."""
    return [
        line
        for line in way_back_plan(package).lines
        if line.undoes.place == SHARED and line.back.state not in life.ENDED_STEP
    ]


def generate_backout(package: ReleasePackage, actor: Actor) -> WayBackPlan:
    """Inner: write the order of the way back as predecessors of its steps, and plan the check that
    production is what it was before. The caller holds the locks of the window and the package."""
    found = way_back_plan(package)
    keys = {wait.after.key for wait in found.waits}
    steps = list(
        Activity.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    )
    for step in steps:
        step.__dict__["_remembered"] = {
            **step.governed_values(),
            "dependencies": _dependencies(step),
        }
    there = set(
        ActivityDependency.objects.filter(activity__in=keys, is_derived=True).values_list(
            "activity_id", "predecessor_id"
        )
    )
    ActivityDependency.objects.bulk_create(
        ActivityDependency(
            activity_id=wait.after.key, predecessor_id=wait.before.key, is_derived=True,
            strength=ActivityDependency.Strength.HARD, origin=FROM_BACKOUT,
            reasons=[[FROM_BACKOUT, f"Last done, first undone: {wait.why}."]],
        )
        for wait in found.waits
        if (wait.after.key, wait.before.key) not in there
    )  # fmt: skip
    record_many(
        steps, actor=actor, event=events.BACKOUT_STEP_ORDERED,
        comment="From what has been done so far.",
        parts={step.pk: {"dependencies": _dependencies(step)} for step in steps},
    )  # fmt: skip
    _release_free(found, actor)
    _plan_check(package, actor)
    package.__dict__.pop("_work", None)
    return found


def _release_free(found: WayBackPlan, actor: Actor) -> None:
    """Shared steps before which nothing has to be undone: no order calls for them."""
    waiting = {wait.after.key for wait in found.waits}
    free = [
        line.back.key
        for line in found.lines
        if line.undoes.place == SHARED and line.back.key not in waiting
    ]
    rows = Activity.objects.select_for_update(of=("self",)).filter(pk__in=free, state=life.PLANNED)
    steps = list(rows.order_by("pk"))
    for step in steps:
        remember(step)
        step.release()
    record_many(steps, actor=actor, event=events.ACTIVITY_RELEASED)


def _dependencies(step: Activity) -> list[dict[str, Any]]:
    return [row.governed_values() for row in ActivityDependency.objects.filter(activity=step)]


def _plan_check(package: ReleasePackage, actor: Actor) -> None:
    """Something has to compare production with what it was before, where something was altered."""
    work = work_of(package)
    compares = any(
        check.phase == ValidationCheck.Phase.POST_BACKOUT
        and check.mandatory
        and check.kind in _COMPARES
        for check in work.checks
    )
    members = (
        ChangeAsset.objects.filter(change__memberships__package=package)
        .exclude(from_version="")
        .order_by("asset__name")
        .values_list("asset__name", "from_version")
    )
    before = dict(members)
    teams = [check.team for check in work.checks] + [s.team for s in work.steps if s.is_backout]
    if compares or not before or not work.altered or not teams:
        return
    used = {check.code for check in work.checks}
    code = next(name for number in range(1, 100) if (name := f"R{number}") not in used)
    record_created(
        ValidationCheck(
            package=package,
            code=code,
            title=f"Of {counted(len(before), 'asset')}, those with the footprint of before",
            kind=ValidationCheck.Kind.MEMBER_FOOTPRINT,
            expected_operator="=",
            expected_value="baseline",
            baseline=str(len(before)),
            baseline_source=", ".join(f"{name} {level}" for name, level in before.items())[:120],
            phase=ValidationCheck.Phase.POST_BACKOUT,
            team=teams[0],
        ),
        actor=actor,
        event=events.CHECK_CREATED,
        comment="The backout is verified by it.",
        about=package.subject,
    )


def restored_levels(package: ReleasePackage) -> dict[str, str]:
    """By asset the level that the register tells for production once the package is backed out."""
    rows = ChangeAsset.objects.filter(change__memberships__package=package).exclude(from_version="")
    return dict(
        rows.filter(asset__production_version__isnull=False)
        .order_by("asset__name")
        .values_list("asset__name", "asset__production_version__level")
    )
