"""Whether the night may still be taken back, asked where something new is about to be altered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from django.db.models import Q, Sum

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.releases.domain import lifecycle as life
from apps.releases.domain.planner.plan import Unplannable
from apps.releases.models import Activity, ReleasePackage
from apps.releases.policies import activity as rules
from apps.releases.policies.activity_clock import (
    LET_IT_GO_ON,
    LET_IT_START,
    clock_blockers,
    let_start_duty_blockers,
    local,
    night_of,
)
from apps.releases.services.live import projected_end
from apps.releases.services.window_plan import way_back_of
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow

DECIDED = ("go", "partial")


def start_step_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    """Every reason why a step may not start, the point of no return among them."""
    yield from rules.start_blockers(actor, step)
    if step.state in life.ACTIVITY_SOURCES["start"]:
        yield from step_no_return_blockers(step)


def step_no_return_blockers(step: Activity) -> Iterator[Blocker]:
    """Until there is a GO, nothing is altered that could not be restored in time. After it people
    go on: they decided that they need not come back."""
    window = night_of(step)
    if window is None or step.is_backout or step.let_start_by_id:
        return
    waiting = undecided_of(step, window)
    if waiting:
        yield from _passed(window, f"there is no GO for {', '.join(waiting)}", LET_IT_START)


def undecided_of(step: Activity, window: ReleaseWindow) -> list[str]:
    """The packages without a GO for which the step alters production, by code."""
    if not step.type.alters:
        return []
    if step.package is not None:
        undecided = [] if step.package.is_emergency else [step.package]
    else:
        live = [life.IN_PROGRESS, life.VALIDATING]
        undecided = list(ReleasePackage.objects.filter(window=window, state__in=live))
    return sorted(each.code for each in undecided if each.go_decision not in DECIDED)


def resume_step_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    """Every reason why an interrupted step may not go on; the end that the projection tells of it
    is held against what would forbid its start."""
    yield from rules.resume_blockers(actor, step)
    if step.state in life.ACTIVITY_SOURCES["resume"]:
        yield from let_start_duty_blockers(actor, step)
        yield from late_end_blockers(step)


def late_end_blockers(step: Activity) -> Iterator[Blocker]:
    """Whether an interrupted step that goes on now would end too late, unless it was let."""
    window = night_of(step)
    if window is None or step.is_backout or step.let_start_by_id is not None:
        return
    ends = projected_end(step, window)
    if ends is None:
        return
    told = f"By the projection step {step.label} would end at {local(window, ends)}"
    if window.state == window_life.IN_PROGRESS and ends > window.closes_at:
        yield Blocker(
            "ends_after_window",
            f"{told}; {window.code} closes at {local(window, window.closes_at)}.",
            LET_IT_GO_ON,
            "release manager",
        )
    waiting = undecided_of(step, window)
    moment = no_return_if_passed(window, ends) if waiting else None
    if moment is not None:
        yield Blocker(
            "ends_after_no_return",
            f"{told}, after the point of no return, {local(window, moment)}, and there is no GO "
            f"for {', '.join(waiting)}.",
            LET_IT_GO_ON,
            "release manager",
        )


def is_out_of_time(step: Activity) -> bool:
    """Whether only an override lets the step start, or go on where it was interrupted."""
    if step.state in life.ACTIVITY_SOURCES["resume"]:
        return any(late_end_blockers(step))
    return any(clock_blockers(step)) or any(step_no_return_blockers(step))


def package_no_return_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """A package that alters something is not begun when it could not be taken back any more."""
    alters = Activity.objects.filter(package=package, is_backout=False, type__alters=True)
    if package.window is not None and alters.exists():
        yield from _passed(
            package.window, f"{package.code} has not begun", "Delay the package to another window."
        )


def _passed(window: ReleaseWindow, state: str, fix: str) -> Iterator[Blocker]:
    moment = no_return_if_passed(window)
    if moment is not None:
        yield Blocker(
            "after_no_return",
            f"The point of no return of {window.code}, {local(window, moment)}, is passed and "
            f"{state}: what is altered now could not be restored by the cut-off.",
            fix,
            "release manager",
        )


def no_return_if_passed(window: ReleaseWindow, at: datetime | None = None) -> datetime | None:
    """The planned point of no return, if it is past `at` that moment, or now. None too where no
    plan keeps one.

    The plan is asked for only where it matters: undoing everything one after the other is never
    quicker than the planned way back, so before the moment that leaves time for that all is well.
    """
    at = at or clock.now()
    minutes = _undo_minutes(window)
    if not minutes:
        return None
    reckoned = (Decimal(minutes) * (1 + window.safety)).to_integral_value(ROUND_CEILING)
    needed = int(reckoned) + window.decide_minutes + window.verify_after_backout_minutes
    at_least = window.effective_cutoff - timedelta(minutes=needed)
    if at <= at_least:
        return None
    try:
        way_back = way_back_of(window)
    except Unplannable:
        return at_least
    decide_by = way_back.decide_by if way_back is not None else None
    return decide_by if decide_by is not None and at > decide_by else None


def _undo_minutes(window: ReleaseWindow) -> int:
    here = Q(window=window) | Q(package__window=window, package__state__in=life.BOOKED)
    steps = Activity.objects.filter(here, is_backout=True, reverses__isnull=False)
    return steps.exclude(state=life.SKIPPED).aggregate(n=Sum("duration_minutes"))["n"] or 0
