"""When a step began or ended, as claimed and as recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: People press the key after the event; longer ago is told in a note, not claimed.
BACKDATE_MAX = timedelta(minutes=15)
REASON_SHORTEST = 5
#: What comes in sooner was not held up by anything.
AT_ONCE = timedelta(seconds=30)


def time_problems(
    claimed_at: datetime | None,
    recorded_at: datetime,
    *,
    reason: str,
    not_before_at: datetime | None = None,
    before_what: str = "",
) -> list[tuple[str, str, str]]:
    """(code, text, remedy) for each reason why `claimed_at` cannot be the time of the event.

    Both times are aware; None claims nothing. `not_before_at` is an event it cannot precede.
    """
    moment = claimed_at or recorded_at
    problems = []
    if claimed_at is not None:
        if claimed_at.tzinfo is None:
            return [("naive_time", "The time has no zone.", "Send it with its offset from UTC.")]
        if claimed_at > recorded_at:
            problems.append(("time_ahead", "The time lies ahead.", "Enter when it happened."))
        if recorded_at - claimed_at > BACKDATE_MAX:
            problems.append((
                "backdated_too_far",
                "A time may lie at most 15 minutes back.",
                "Leave the time empty and tell the real one in a note.",
            ))  # fmt: skip
        if claimed_at < recorded_at and len(reason.strip()) < REASON_SHORTEST:
            problems.append((
                "backdate_reason",
                "A time in the past needs a reason.",
                "Say why it is recorded late.",
            ))  # fmt: skip
    if not_before_at is not None and moment < not_before_at:
        problems.append((
            "time_before",
            f"That is before {before_what or 'the step could begin'} "
            f"({not_before_at.isoformat(timespec='minutes')}).",
            "Enter a later time.",
        ))  # fmt: skip
    return problems


@dataclass(frozen=True, slots=True)
class Pressed:
    """When what a person pressed counts as done. `told_at` is when they pressed it, where the line
    brought it later; it counts as long as it may be claimed at all."""

    at: datetime
    told_at: datetime | None = None

    @property
    def counts(self) -> bool:
        return self.at == self.told_at


def as_pressed(
    pressed_at: datetime | None, recorded_at: datetime, not_before_at: datetime | None = None
) -> Pressed:
    """The time of an action that a device kept while it had no line.

    Never a refusal: what is too long ago, or before `not_before_at`, counts when it arrives. A
    device whose clock is ahead pressed it now.
    """
    if pressed_at is None or recorded_at - pressed_at <= AT_ONCE:
        return Pressed(recorded_at)
    too_long_ago = recorded_at - pressed_at > BACKDATE_MAX
    too_early = not_before_at is not None and pressed_at < not_before_at
    return Pressed(recorded_at if too_long_ago or too_early else pressed_at, pressed_at)


def outside(now: datetime, opens_at: datetime, closes_at: datetime) -> str:
    """ "early" before a window opens, "late" once it closed, "" inside it."""
    if now < opens_at:
        return "early"
    return "late" if now >= closes_at else ""
