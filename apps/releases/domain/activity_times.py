"""When a step began or ended, as claimed and as recorded."""

from __future__ import annotations

from datetime import datetime, timedelta

#: People press the key after the event; longer ago is told in a note, not claimed.
BACKDATE_MAX = timedelta(minutes=15)
REASON_SHORTEST = 5


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
