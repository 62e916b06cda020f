"""A window while it runs: what its steps have done, and where the night will end."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Max

from apps.core import clock
from apps.core.jobs import enqueue_on_commit
from apps.releases.domain import lifecycle as life
from apps.releases.domain.planner.plan import Plan, Unplannable
from apps.releases.domain.planner.projection import (
    Planned,
    Progress,
    Projection,
    live_what_ifs,
    paces_of,
    project,
    under_way,
)
from apps.releases.domain.planner.solver import EFFORT, Schedule
from apps.releases.domain.planner.what_if import WhatIf
from apps.releases.models import Activity, ActivityLog
from apps.releases.services.first_hit import GIVEN_UP
from apps.releases.services.what_if import AT_ONCE_STEPS, around_tonight
from apps.releases.services.window_plan import Planning, planning_of
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import windows_with_people

#: States of a window in which its command centre leads the night.
LIVE = (window_life.IN_PROGRESS, window_life.VERIFYING)
#: The minute that was solved is asked for again and again, and then never.
_KEPT_SECONDS = 300
#: A large plan is solved anew every minute: with a part of the effort of one that is not.
_LARGE_EFFORT = EFFORT / 4
#: What-ifs of a large plan come from a worker and are shown for so long.
_WHAT_IFS_SECONDS = 900


@dataclass(frozen=True)
class Live:
    """The night at a minute. `projection` is None where no plan of it is possible; `obstacles` say
    why then. `backout_minutes` is B(t) now, `backout_whole` B(∞). `what_ifs` are None while a
    worker reckons those of a large plan; `what_ifs_at` is the minute they are of."""

    planning: Planning
    now: datetime
    progress: Mapping[Hashable, Progress]
    projection: Projection | None = None
    backout_minutes: int = 0
    backout_whole: int = 0
    what_ifs: tuple[WhatIf, ...] | None = ()
    what_ifs_at: int = 0
    obstacles: tuple[str, ...] = ()

    @property
    def window(self) -> ReleaseWindow:
        return self.planning.window

    @property
    def minute(self) -> int:
        return minute_of(self.window, self.now)

    def at(self, minute: int) -> datetime:
        return self.planning.at(minute)


@dataclass(frozen=True, slots=True)
class _Solved:
    """What the solver found for one content and minute."""

    schedule: Schedule
    no_return: int
    backout_minutes: int
    backout_whole: int


def live_windows() -> list[ReleaseWindow]:
    """Windows whose night runs, the first to end first."""
    return list(windows_with_people().filter(state__in=LIVE).order_by("closes_at", "code"))


def minute_of(window: ReleaseWindow, moment: datetime) -> int:
    """Whole minutes after the opening, rounded down."""
    return int((moment - window.opens_at) // timedelta(minutes=1))


def live_of(window: ReleaseWindow, *, in_worker: bool = False, with_what_ifs: bool = True) -> Live:
    """The night as it stands. Three queries beside those of the window; the solver works once for
    each content and minute, whoever asks."""
    planning = going_on(planning_of(window))
    now = clock.now()
    minute = minute_of(window, now)
    progress = progress_of(planning)
    bare = Live(planning, now, progress)
    if not planning.works:
        return bare
    baseline = baseline_of(planning)
    key = f"interlock:live:1:{_digest(planning, progress, minute)}"
    kept: _Solved | None = cache.get(key)
    is_large = len(planning.works) > AT_ONCE_STEPS
    effort = _LARGE_EFFORT if is_large else EFFORT
    try:
        if kept is None:
            found = project(
                planning.night, planning.works, progress, baseline, minute, effort=effort
            )
            kept = _solved(found)
            cache.set(key, kept, _KEPT_SECONDS)
        found = _from(kept, planning, progress, baseline, minute, effort)
    except Unplannable as refused:
        return replace(bare, obstacles=tuple(str(each.text) for each in refused.obstacles))
    what_ifs, at = (
        _what_ifs(planning, found, key, at_once=in_worker or not is_large)
        if with_what_ifs
        else (None, minute)
    )
    return replace(
        bare, projection=found, backout_minutes=kept.backout_minutes,
        backout_whole=kept.backout_whole, what_ifs=what_ifs, what_ifs_at=at,
    )  # fmt: skip


def going_on(planning: Planning) -> Planning:
    """Without the steps that are still to come of packages that are given up."""
    gone = {
        key
        for key, step in planning.steps.items()
        if step.started_at is None and step.package and step.package.state in GIVEN_UP
    }
    return replace(
        planning,
        works=tuple(work for work in planning.works if work.key not in gone),
        steps={key: step for key, step in planning.steps.items() if key not in gone},
    )


def baseline_of(planning: Planning) -> dict[Hashable, Planned]:
    """When each step was to run: as its package was confirmed, shared ones as they were planned."""
    window = planning.window
    confirmed: dict[str, list[Any]] = {}
    for step in planning.steps.values():
        if step.package is not None:
            confirmed |= step.package.baseline
    found: dict[Hashable, Planned] = {}
    for key, step in planning.steps.items():
        told = confirmed.get(str(key))
        if told is not None:
            start = minute_of(window, datetime.fromisoformat(told[1]))
            found[key] = Planned(start, int(told[3]))
        elif step.planned_start_at is not None:
            found[key] = Planned(minute_of(window, step.planned_start_at), step.duration_minutes)
    return found


def progress_of(planning: Planning) -> dict[Hashable, Progress]:
    """How far every step of the night is. One query."""
    reported = _reported_at(planning)
    return {
        key: _progress(planning, step, reported.get(step.pk))
        for key, step in planning.steps.items()
    }


def projected_end(step: Activity, window: ReleaseWindow) -> datetime | None:
    """When a step that has begun ends if it goes on now: by its last report, or its plan and the
    pace of its team. None of a step that does not run. Three queries, and no solver."""
    planning = planning_of(window)
    progress = progress_of(planning)
    if step.pk not in progress or progress[step.pk].started is None:
        return None
    now = minute_of(window, clock.now())
    ahead = under_way(planning.works, progress, paces_of(planning.works, progress), now)
    (mine,) = (work for work in ahead if work.key == step.pk)
    return planning.at((mine.pinned or 0) + mine.minutes)


def projected_ends(live: Live) -> dict[Hashable, datetime]:
    """When each step of the night ends, by the projection; empty where there is none."""
    found = live.projection
    return {slot.work.key: live.at(slot.end) for slot in found.plan.slots} if found else {}


def _reported_at(planning: Planning) -> dict[UUID, datetime]:
    """When each running step last said how far it is."""
    running = [step.pk for step in planning.steps.values() if step.state in life.RUNNING_STEP]
    rows = ActivityLog.objects.filter(activity__in=running, payload__has_key="percent")
    return dict(rows.order_by("activity").values_list("activity").annotate(at=Max("at")))


def _progress(planning: Planning, step: Activity, reported_at: datetime | None) -> Progress:
    """A step that failed or was called back begins again: what it did before counts for nothing."""
    has_begun = step.state in (*life.RUNNING_STEP, life.COMPLETED, life.BACKED_OUT)
    started = step.started_at if has_begun else None
    if started is None:
        return Progress(step.team.code)
    start = minute_of(planning.window, started)
    has_ended = step.state in (life.COMPLETED, life.BACKED_OUT) and step.ended_at is not None
    ended = minute_of(planning.window, step.ended_at) if has_ended and step.ended_at else None
    return Progress(
        step.team.code,
        start,
        ended,
        step.percent,
        minute_of(planning.window, reported_at) if reported_at else None,
        is_undone=step.state == life.BACKED_OUT,
    )


def _digest(planning: Planning, progress: Mapping[Hashable, Progress], minute: int) -> str:
    """Over everything that the projection rests on: equal input gives an equal plan."""
    night = planning.night
    told = [f"{minute}", repr(replace(night, capacity={})), repr(sorted(night.capacity.items()))]
    for work in sorted(planning.works, key=lambda each: str(each.key)):
        plain = replace(work, after=frozenset(), needs={})
        told.append(
            repr((plain, sorted(map(str, work.after)), sorted(work.needs.items()),
                  progress[work.key]))
        )  # fmt: skip
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _solved(found: Projection) -> _Solved:
    plan = found.plan
    return _Solved(plan.schedule, plan.no_return, found.backout_now, plan.backout.whole)


def _from(
    kept: _Solved,
    planning: Planning,
    progress: Mapping[Hashable, Progress],
    baseline: Mapping[Hashable, Planned],
    minute: int,
    effort: float,
) -> Projection:
    """The projection again, without the solver."""
    paces = paces_of(planning.works, progress)
    works = under_way(planning.works, progress, paces, minute)
    plan = Plan(planning.night, works, kept.schedule, effort)
    plan.__dict__["no_return"] = kept.no_return
    return Projection(minute, plan, progress, baseline, paces)


def _what_ifs(
    planning: Planning, found: Projection, key: str, *, at_once: bool
) -> tuple[tuple[WhatIf, ...] | None, int]:
    """What would help and the minute it was asked at: reckoned here, or by a worker before."""
    last = f"interlock:live:what-ifs:1:{planning.window.pk}"
    known: tuple[tuple[WhatIf, ...], int] | None = cache.get(f"{key}:what-ifs")
    if known is not None:
        return known
    if at_once:
        told = live_what_ifs(found, around_tonight(planning)), found.now
        cache.set(f"{key}:what-ifs", told, _KEPT_SECONDS)
        cache.set(last, told, _WHAT_IFS_SECONDS)
        return told
    if cache.add(f"{key}:asked", 1, _KEPT_SECONDS):
        enqueue_on_commit("apps.releases.tasks.reckon_live", window=str(planning.window.pk))
    kept: tuple[tuple[WhatIf, ...], int] | None = cache.get(last)
    return kept if kept is not None else (None, found.now)


def reckon_live(window: str) -> None:
    """In a worker: solve this minute and what would help, unless they are known already."""
    live_of(windows_with_people().get(pk=window), in_worker=True)
