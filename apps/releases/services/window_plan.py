"""The plan of a window: what its open packages and its shared steps come to in one night."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db.models import Q, QuerySet

from apps.core.errors import Blocker, Refused
from apps.inventory.models import Subsystem
from apps.releases.domain import lifecycle as life
from apps.releases.domain.backout import REHEARSED_TYPES
from apps.releases.domain.moved_cutoff import moved_cutoff
from apps.releases.domain.planner.plan import NEVER, Plan, Slot, Unplannable, backout_minutes
from apps.releases.domain.planner.work import Night, Role, Work, obstacles
from apps.releases.domain.way_back import WayBack
from apps.releases.models import Activity, ActivityDependency
from apps.releases.services.kept_plan import KEPT_SECONDS, digest_of, kept_plan, known_plan
from apps.windows.models import ReleaseWindow


@dataclass(frozen=True, slots=True)
class Planning:
    """What is to be planned in a window, from its opening on, as if nothing had begun: minutes
    count from there. `steps` are the rows that go forward, by the key of their work."""

    window: ReleaseWindow
    night: Night
    works: tuple[Work, ...]
    steps: Mapping[Hashable, Activity]
    back: Mapping[UUID, Sequence[Activity]]

    @property
    def plan(self) -> Plan:
        """The plan that is kept of it. Raises Unplannable with every obstacle."""
        return kept_plan(self.night, self.works)

    @property
    def known_plan(self) -> Plan | None:
        """The plan, if somebody asked for it before: nobody waits for the solver."""
        return known_plan(self.night, self.works)

    def at(self, minute: int) -> datetime:
        return self.window.opens_at + timedelta(minutes=minute)


def no_plan_blockers(refused: Unplannable) -> tuple[Blocker, ...]:
    """Every reason why there is no plan, for people."""
    return tuple(
        Blocker("no_plan", each.text, each.fix, "release coordinator") for each in refused.obstacles
    )


def planned(planning: Planning) -> Plan:
    """The plan; raises Refused with every reason why there is none."""
    try:
        return planning.plan
    except Unplannable as refused:
        raise Refused(no_plan_blockers(refused)) from None


def plan_window(window: ReleaseWindow) -> Plan:
    """The plan of everything that is to run in `window`. Raises Unplannable."""
    return planning_of(window).plan


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the run-book: a step with its number in the night and its times."""

    number: int
    starts_at: datetime
    ends_at: datetime
    step: Activity
    slot: Slot
    is_critical: bool


def run_book(planning: Planning, plan: Plan) -> list[Line]:
    """The steps in the order of the night."""
    return [
        Line(
            number,
            planning.at(slot.start),
            planning.at(slot.end),
            planning.steps[slot.work.key],
            slot,
            slot.work.key in plan.chain,
        )
        for number, slot in enumerate(plan.slots, start=1)
    ]


def planning_of(window: ReleaseWindow) -> Planning:
    """Two queries beside those of the window."""
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
    forward = [step for step in steps if not step.is_backout]
    back: dict[UUID, list[Activity]] = defaultdict(list)
    for step in steps:
        if step.is_backout and step.reverses_id is not None:
            back[step.reverses_id].append(step)
    works = _works(window, forward, back)
    return Planning(window, night, works, {step.pk: step for step in forward}, back)


def way_back_of(window: ReleaseWindow) -> WayBack | None:
    """How long the way back of the window takes and until when to decide; None while nothing is
    planned in it. Queries as `plan_window`; what was planned once is not planned again.

    Raises Unplannable with every obstacle.
    """
    planning = planning_of(window)
    if not planning.works:
        return None
    found = planning.plan
    return WayBack(
        window=window.code,
        minutes=found.backout.whole,
        decide_by=None if found.no_return == NEVER else planning.at(found.no_return),
        commit_at=None if found.commit is None else planning.at(found.commit),
        cutoff_at=planning.at(planning.night.cutoff),
    )


def under_cutoff(
    window: ReleaseWindow, now: datetime, was: datetime, told: Callable[[datetime], str]
) -> list[str]:
    """What the plan of the window comes to under the cut-off `now` instead of `was`, in sentences;
    `told` says a moment as people read it."""
    planning = planning_of(window)
    if not planning.works:
        return ["No step is planned in it yet."]
    try:
        found = planning.plan.until(_minutes(window, now))
    except Unplannable as refused:
        return ["There is no plan.", *(f"- {each.text}" for each in refused.obstacles)]
    return [*moved_cutoff(found, _minutes(window, was), lambda minute: told(planning.at(minute)))]


def backout_now(planning: Planning, package: UUID | None = None) -> int:
    """B of what has really begun and is not undone, in minutes: the shortest way back from here.

    What is delivered stays, but for `package`, where it is the one that is to be taken back. Where
    the steps wait for each other in a circle, everything is undone after one another.
    """
    begun = sorted(
        (
            work.key
            for work in planning.works
            if work.backout_minutes and _is_undone(planning.steps[work.key], package)
        ),
        key=str,
    )
    if not begun:
        return 0
    key = f"interlock:back:1:{digest_of(planning.night, planning.works)}:{_digest_of(begun)}"
    minutes: int | None = cache.get(key)
    if minutes is None:
        if list(obstacles(planning.works, planning.night.capacity)):
            minutes = sum(w.backout_minutes for w in planning.works if w.key in set(begun))
        else:
            minutes = backout_minutes(planning.works, begun, planning.night)
        cache.set(key, minutes, KEPT_SECONDS)
    return minutes


def _is_undone(step: Activity, package: UUID | None) -> bool:
    """Whether a backout from here on would undo the step."""
    if step.state not in (*life.DONE_STEP, *life.RUNNING_STEP):
        return False
    owner = step.package
    return owner is None or owner.pk == package or owner.state in (*life.LIVE, life.FAILED)


def latest_backout_at(planning: Planning, package: UUID | None = None) -> datetime:
    """The last moment at which a decision to take back what has begun still ends before the
    cut-off: K - D - V - ⌈B(1+S)⌉. A step that begins later brings it forward."""
    night = planning.night
    back = math.ceil(backout_now(planning, package) * (1 + night.safety))
    return planning.at(night.cutoff - night.decide_minutes - night.verify_minutes - back)


def _digest_of(keys: Iterable[Hashable]) -> str:
    return hashlib.sha256(" ".join(map(str, keys)).encode()).hexdigest()


def _steps(window: ReleaseWindow) -> list[Activity]:
    """Forward and back, of the window itself and of the packages that are to run in it."""
    found = _rows(window).order_by("label", "pk")
    return list(found.select_related("type", "team", "owner", "subsystem__sysplex", "package"))


def step_count(window: ReleaseWindow) -> int:
    """How many steps are planned, forward."""
    return _rows(window).filter(is_backout=False).count()


def _rows(window: ReleaseWindow) -> QuerySet[Activity]:
    here = Q(window=window) | Q(package__window=window, package__state__in=life.BOOKED)
    return Activity.objects.filter(here).exclude(state=life.SKIPPED)


def _works(
    window: ReleaseWindow, steps: Sequence[Activity], back: Mapping[UUID, Sequence[Activity]]
) -> tuple[Work, ...]:
    after = _predecessors(steps)
    return tuple(
        Work(
            key=step.pk,
            label=step.label,
            minutes=step.duration_minutes,
            after=frozenset(after[step.pk]),
            needs=_needs(step),
            backout_minutes=sum(each.duration_minutes for each in back.get(step.pk, ())),
            irreversible=step.irreversible,
            changes_data=step.type_id in REHEARSED_TYPES,
            role=_role(step),
            package=step.package.code if step.package else "",
            earliest=_minutes(window, step.not_before_at) if step.not_before_at else 0,
        )
        for step in steps
    )


def _predecessors(steps: Iterable[Activity]) -> dict[UUID, set[UUID]]:
    """Soft ones too: a plan keeps what it advises, until somebody drops it."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    links = ActivityDependency.objects.filter(
        activity__in=[step.pk for step in steps], dropped_at__isnull=True
    )
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
