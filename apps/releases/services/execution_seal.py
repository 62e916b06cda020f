"""Hand in what a plan is about to do, so that it is part of what people sign.

Inner functions of every door that edits a plan. A draft is handed in when it is planned, a
delayed package when it is planned again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from apps.changes.domain.content import ExecutionGroup
from apps.changes.models import ChangeRequest
from apps.changes.selectors import works_of
from apps.changes.services import execution
from apps.core.actor import Actor
from apps.releases.domain import lifecycle as life
from apps.releases.domain.execution_groups import (
    AlteringStep,
    ChangePlan,
    MandatoryCheck,
    Night,
    groups_of,
)
from apps.releases.models import (
    Activity,
    ActivityChange,
    BackoutPlan,
    PackageChange,
    ReleasePackage,
    ValidationCheck,
)
from apps.releases.services.rows import lock_rows
from apps.windows.domain.near import Near
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import surroundings

#: States in which a package's plan is handed in.
SEALED = (life.PLANNED, life.READY)


def seal_plan(package: ReleasePackage | None, actor: Actor, comment: str = "") -> None:
    """Hand in the plan of the locked package for each of its changes, once it is planned."""
    if package is not None and package.state in SEALED:
        hand_in_plan(package, actor, comment)


def hand_in_plan(package: ReleasePackage, actor: Actor, comment: str = "") -> None:
    """The same whatever its state: an emergency begins without having been planned."""
    execution.seal_plan(
        plans=execution_groups(package), actor=actor, package=package.subject, comment=comment
    )


def seal_plans_of(window: ReleaseWindow | None, actor: Actor, comment: str = "") -> None:
    """The same for every package of the locked window, whose shared plan or time is another."""
    if window is not None:
        planned = ReleasePackage.objects.filter(window=window, state__in=SEALED)
        for package in lock_rows(ReleasePackage, planned.values_list("pk", flat=True)):
            seal_plan(package, actor, comment)


def execution_groups(package: ReleasePackage) -> dict[UUID, dict[str, ExecutionGroup]]:
    """By open change, the groups of what is planned for it; a constant number of queries.

    A step or check of the package that names no change serves all of them; what the window
    shares serves those that it names.
    """
    members = PackageChange.objects.filter(package=package, is_open=True)
    changes = [member.change for member in members.select_related("change")]
    steps, checks = _steps(package), _checks(package)
    plan = BackoutPlan.objects.filter(package=package).first()
    strategy = (plan.strategy, plan.get_strategy_display()) if plan else None
    night, near = _night(package.window), _near(package.window, changes)
    return {
        change.pk: groups_of(
            ChangePlan(
                steps=(*steps[None], *steps[change.pk]),
                checks=(*checks[None], *checks[change.pk]),
                strategy=strategy,
                night=night,
                near=near[change.pk],
                earliest_on=change.earliest_on,
            )
        )
        for change in changes
    }


def _steps(package: ReleasePackage) -> dict[UUID | None, list[AlteringStep]]:
    """By change; None for those that serve every change."""
    rows = list(
        Activity.objects.filter(_here(package), type__alters=True, is_backout=False)
        .select_related("type")
        .order_by("pk")
    )
    served: dict[UUID, list[UUID | None]] = defaultdict(list)
    links = ActivityChange.objects.filter(activity__in=rows)
    for step, change in links.values_list("activity_id", "change_id"):
        served[step].append(change)
    found: dict[UUID | None, list[AlteringStep]] = defaultdict(list)
    for row in rows:
        everybody: list[UUID | None] = [None] if row.package_id else []
        for key in served[row.pk] or everybody:
            found[key].append(AlteringStep(row.type_id, row.type.label, row.irreversible))
    return found


def _checks(package: ReleasePackage) -> dict[UUID | None, list[MandatoryCheck]]:
    """By change; None for those that serve every change."""
    found: dict[UUID | None, list[MandatoryCheck]] = defaultdict(list)
    rows = ValidationCheck.objects.filter(_here(package), mandatory=True)
    for row in rows.order_by("code", "pk"):
        if row.package_id or row.change_id:
            found[row.change_id].append(
                MandatoryCheck(
                    row.code, row.title, row.kind, row.phase, row.expected_operator,
                    row.expected_value,
                )
            )  # fmt: skip
    return found


def _here(package: ReleasePackage) -> Q:
    shared = Q(window=package.window_id) if package.window_id else Q(pk__in=[])
    return Q(package=package) | shared


def _night(window: ReleaseWindow | None) -> Night | None:
    if window is None:
        return None
    opens_on = window.opens_at.astimezone(ZoneInfo(window.zone)).date()
    return Night(window.code, window.window_type, window.get_window_type_display(), opens_on)


def _near(window: ReleaseWindow | None, changes: Iterable[ChangeRequest]) -> dict[UUID, Near]:
    """By change, what the night is near to; the calendar of one application is not another's."""
    keys = [change.pk for change in changes]
    if window is None or not keys:
        return dict.fromkeys(keys, "")
    night = (window.opens_at, window.closes_at)
    around, zone = surroundings(*night, window.site.code), ZoneInfo(window.zone)
    works = works_of(keys, window.site.code)
    return {key: around.near(*night, zone, [work]) for key, work in works.items()}
