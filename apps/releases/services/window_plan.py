"""The plan of a window: what its open packages and its shared steps come to in one night."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from apps.inventory.models import Subsystem
from apps.releases.domain import lifecycle as life
from apps.releases.domain.backout import REHEARSED_TYPES
from apps.releases.domain.planner.plan import Plan, plan
from apps.releases.domain.planner.work import Night, Role, Work
from apps.releases.models import Activity, ActivityDependency
from apps.windows.models import ReleaseWindow


def plan_window(window: ReleaseWindow) -> Plan:
    """The plan of everything that is to run in `window`, from its opening on, as if nothing had
    begun: minutes count from there. Three queries beside those of the window.

    Raises Unplannable with every obstacle.
    """
    steps = _steps(window)
    capacity = {step.team.code: step.team.capacity for step in steps}
    capacity |= {_name(step.subsystem): 1 for step in steps if step.exclusive and step.subsystem}
    night = Night(
        cutoff=_minutes(window, window.effective_cutoff),
        capacity=capacity,
        decide_minutes=window.decide_minutes,
        verify_minutes=window.verify_after_backout_minutes,
        safety=window.safety,
    )
    return plan(night, _works(window, steps))


def _steps(window: ReleaseWindow) -> list[Activity]:
    """Forward and back, of the window itself and of the packages that are to run in it."""
    here = Q(window=window) | Q(package__window=window, package__state__in=life.BOOKED)
    found = Activity.objects.filter(here).exclude(state=life.SKIPPED).order_by("label", "pk")
    return list(found.select_related("type", "team", "subsystem__sysplex", "package"))


def _works(window: ReleaseWindow, steps: Sequence[Activity]) -> list[Work]:
    forward = [step for step in steps if not step.is_backout]
    after = _predecessors(forward)
    back: dict[UUID | None, int] = defaultdict(int)
    for step in steps:
        if step.is_backout:
            back[step.reverses_id] += step.duration_minutes
    return [
        Work(
            key=step.pk,
            label=step.label,
            minutes=step.duration_minutes,
            after=frozenset(after[step.pk]),
            needs=_needs(step),
            backout_minutes=back[step.pk],
            irreversible=step.irreversible,
            changes_data=step.type_id in REHEARSED_TYPES,
            role=_role(step),
            package=step.package.code if step.package else "",
            earliest=_minutes(window, step.not_before_at) if step.not_before_at else 0,
        )
        for step in forward
    ]


def _predecessors(steps: Iterable[Activity]) -> dict[UUID, set[UUID]]:
    """Soft ones too: a plan keeps what it advises."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    links = ActivityDependency.objects.filter(activity__in=[step.pk for step in steps])
    for step, before in links.values_list("activity_id", "predecessor_id"):
        found[step].add(before)
    return found


def _needs(step: Activity) -> dict[str, int]:
    """One of its team, and the whole subsystem where it tolerates nothing beside it."""
    needs = {step.team.code: 1}
    if step.exclusive and step.subsystem is not None:
        needs[_name(step.subsystem)] = 1
    return needs


def _name(subsystem: Subsystem) -> str:
    """As people tell it from a team and from another of its name: "Db2 member DB2P of PLEXA"."""
    return f"{subsystem.get_kind_display()} {subsystem.name} of {subsystem.sysplex}"


def _role(step: Activity) -> Role:
    if step.type.decides:
        return Role.DECIDE
    return Role.VALIDATE if step.type.validates else Role.DO


def _minutes(window: ReleaseWindow, moment: datetime) -> int:
    return int((moment - window.opens_at).total_seconds() // 60)
