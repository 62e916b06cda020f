"""What the clock has to say about a step: its window, and the overrun of one that ends late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.releases.domain import lifecycle as life
from apps.releases.domain.activity_times import outside
from apps.releases.models import Activity
from apps.releases.policies.reasons import role_blockers
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow

LET_IT_START = "The release manager lets the step start with a reason, or has it backed out."
LET_IT_GO_ON = "The release manager lets the step go on with a reason, or has it backed out."

#: States from which a step starts, or goes on.
LET_FROM = (life.PLANNED, life.READY, life.PAUSED)


def night_of(step: Activity) -> ReleaseWindow | None:
    """The window in which the step runs; None for an emergency outside of any."""
    return step.window or (step.package.window if step.package else None)


def local(window: ReleaseWindow | None, moment: datetime) -> str:
    zone = ZoneInfo(window.zone) if window is not None else None
    return f"{moment.astimezone(zone):%d %b %H:%M %Z}"


def window_clock_blockers(
    window: ReleaseWindow | None, fix: str = "", *, early: bool = True
) -> Iterator[Blocker]:
    """Work begins while its window is open, by the portal's clock. A package may be started as
    `early` as its window was: nothing of it runs before."""
    if window is None or window.state != window_life.IN_PROGRESS:
        return
    where = outside(clock.now(), window.opens_at, window.closes_at)
    if where == "early" and early:
        yield Blocker(
            "window_not_open",
            f"{window.code} opens at {local(window, window.opens_at)}; nothing starts before.",
            "Wait until then.",
            "release manager",
        )
    elif where == "late":
        yield Blocker(
            "window_closed",
            f"{window.code} closed at {local(window, window.closes_at)}; nothing starts after.",
            fix or LET_IT_START,
            "release manager",
        )


def clock_blockers(step: Activity) -> Iterator[Blocker]:
    """What is undone is undone at any hour."""
    if not step.is_backout and step.let_start_by_id is None:
        yield from window_clock_blockers(night_of(step))


def let_start_duty_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    if step.let_start_by_id is not None and step.let_start_by_id == actor.id:
        yield Blocker(
            "separation_of_duties",
            f"You let step {step.label} start out of its time; somebody else starts it.",
            f"Another implementer of {step.team.name} starts it.",
            step.team.name,
            kind="permission",
        )


def let_start_blockers(actor: Actor, step: Activity) -> Iterator[Blocker]:
    """A release manager who does not do the step themself, while it can still start or go on."""
    if step.state not in LET_FROM:
        yield Blocker(
            "wrong_state",
            f"Step {step.label} is {step.get_state_display().lower()}; it does not wait to begin.",
            "Reload the page: its state offers other moves.",
            "you",
            kind="state",
        )
    yield from role_blockers(actor, "release_manager")
    if actor.id is not None and actor.id in (step.owner_id, step.deputy_id):
        yield Blocker(
            "separation_of_duties",
            f"Step {step.label} is yours; somebody else lets it start.",
            "Another release manager decides.",
            "another release manager",
            kind="permission",
        )


def overrun_of(step: Activity, ended_at: datetime) -> int:
    """Minutes by which a step ends after its window closed; 0 where it does not."""
    window = night_of(step)
    if window is None or step.is_backout or ended_at <= window.closes_at:
        return 0
    return max(1, -((window.closes_at - ended_at) // timedelta(minutes=1)))
