"""When somebody is reminded of a gate that is not met, and who is told beside its owner.

The times are before the gate is due: five days, a day, four hours, and once it is overdue every day
of the site's calendar. Each is told once, whenever in its span the beat comes by.

What was attested and waits for a second person is told to whoever may be that, in place of the
owner, who has done their part: at once, and then at the same times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Literal

Audience = Literal["owner", "second", "coordinator", "manager", "release_manager"]

#: Before the due time, the nearest first: (how long, code, in words).
AHEAD: tuple[tuple[timedelta, str, str], ...] = (
    (timedelta(hours=4), "4h", "within 4 hours"),
    (timedelta(hours=24), "24h", "within a day"),
    (timedelta(days=5), "5d", "within 5 days"),
)
FURTHEST = max(span for span, _, _ in AHEAD)
#: Overdue for longer than this, the release manager is told.
LONG_OVERDUE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Reminder:
    """`code` is the same for as long as nobody is told again; `words` say when it is due, empty
    where that is far."""

    code: str
    words: str
    audience: tuple[Audience, ...]
    is_overdue: bool = False


def reminder_at(
    due_at: datetime, now: datetime, zone: tzinfo, hard: bool, *, submitted: bool = False
) -> Reminder | None:
    """What is due to be told at `now` of a gate due at `due_at`; None before the first time.

    Four hours before, the coordinator hears of it too; once it is overdue the owner's manager as
    well; a day later, or at once where a hard gate holds the package back, the release manager.
    `submitted`: it waits for a second person.
    """
    found = _by_due_time(due_at, now, zone, hard)
    if not submitted:
        return found
    if found is None:
        return Reminder("second", "", ("second",))
    people: tuple[Audience, ...] = tuple(
        "second" if part == "owner" else part for part in found.audience
    )
    return replace(found, code=f"second-{found.code}", audience=people)


def _by_due_time(due_at: datetime, now: datetime, zone: tzinfo, hard: bool) -> Reminder | None:
    left = due_at - now
    if left <= timedelta(0):
        late = -left >= LONG_OVERDUE or hard
        people: tuple[Audience, ...] = ("owner", "coordinator", "manager")
        return Reminder(
            f"late-{now.astimezone(zone):%Y%m%d}",
            "overdue",
            (*people, "release_manager") if late else people,
            is_overdue=True,
        )
    for span, code, words in AHEAD:
        if left <= span:
            return Reminder(code, words, ("owner", "coordinator") if code == "4h" else ("owner",))
    return None
