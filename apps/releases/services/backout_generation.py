"""Generate the way back of a package from what has really been done, and have it verified."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from apps.changes.models import ChangeAsset
from apps.core.actor import Actor
from apps.core.words import counted
from apps.evidence.services.ledger import record_created, record_many
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.domain.backout_order import Back, Forward, WayBackPlan, generate
from apps.releases.models import (
    Activity,
    ActivityDependency,
    ActivityTarget,
    ReleasePackage,
    ValidationCheck,
)
from apps.releases.policies.package_facts import work_of

#: Where a predecessor of a backout step comes from, as its origin tells.
ORIGIN = "backout"
#: Kinds of checks that compare production with what it was before.
_COMPARES = ("member_footprint", "record_count", "control_total")


def way_back_plan(package: ReleasePackage) -> WayBackPlan:
    """What a backout from here on runs, and in which order; of a backout that has begun, with
    what is undone already. Nothing is written."""
    work = work_of(package)
    backs: dict[UUID | None, list[Back]] = defaultdict(list)
    for step in work.steps:
        if step.is_backout:
            backs[step.reverses_id].append(Back(step.pk, step.label, step.state))
    assets: dict[UUID, dict[Any, str]] = defaultdict(dict)
    for row in ActivityTarget.objects.filter(activity__package=package).select_related("asset"):
        assets[row.activity_id][row.asset_id] = row.asset.name
    undoing = {step.pk for step in work.steps if step.is_backout}
    known = [
        (before, after) for after in undoing for before in work.after[after] if before in undoing
    ]
    return generate(
        (
            Forward(
                key=step.pk,
                label=step.label,
                title=step.title,
                state=life.COMPLETED if step.state == life.BACKED_OUT else step.state,
                after=frozenset(work.after[step.pk]),
                assets=assets.get(step.pk, {}),
                started_at=step.started_at,
                irreversible=step.irreversible,
                backs=tuple(backs.get(step.pk, ())),
            )
            for step in work.forward
        ),
        known,
    )


def generate_backout(package: ReleasePackage, actor: Actor) -> WayBackPlan:
    """Inner: write the order of the way back as predecessors of its steps, and plan the check that
    production is what it was before. The caller holds the lock of the package."""
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
            strength=ActivityDependency.Strength.HARD, origin=ORIGIN,
            reasons=[[ORIGIN, f"Last done, first undone: {wait.why}."]],
        )
        for wait in found.waits
        if (wait.after.key, wait.before.key) not in there
    )  # fmt: skip
    record_many(
        steps, actor=actor, event=events.BACKOUT_STEP_ORDERED,
        comment="From what has been done so far.",
        parts={step.pk: {"dependencies": _dependencies(step)} for step in steps},
    )  # fmt: skip
    _plan_check(package, actor)
    package.__dict__.pop("_work", None)
    return found


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
