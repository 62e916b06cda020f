"""When a batch job runs next. Days and times are those of the wall clock where it runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.core.recurrence import days_from


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job starts and how long it takes.

    `days` is empty for every day, weekdays such as "MO,FR", or an RFC 5545 rule such as
    "FREQ=MONTHLY;BYMONTHDAY=-1". A cyclic job starts again every `repeat` until `repeat_until`
    (included; the next day's if not after `start`), without one until the same time next day.
    Without a `start` nobody knows when it runs: `is_on_demand`, or when something triggers it.
    """

    zone: str = "UTC"
    start: time | None = None
    days: str = ""
    repeat: timedelta | None = None
    repeat_until: time | None = None
    elapsed: timedelta = timedelta()
    is_on_demand: bool = False


def next_run(schedule: Schedule, moment: datetime) -> datetime | None:
    """The first start at or after `moment` (aware), in UTC; None where none is planned.

    A wall time that the clocks skip is taken by the offset before the gap, one that comes twice
    is the first (RFC 5545, 3.3.5).
    """
    if schedule.start is None:
        return None
    moment = moment.astimezone(UTC)  # two times of one zone compare without regard to its fold
    # Yesterday's start may repeat beyond midnight.
    since = moment.astimezone(ZoneInfo(schedule.zone)).date() - timedelta(days=1)
    for day in days_from(schedule.days, since):
        first = _instant(day, schedule.start, schedule.zone)
        if first >= moment:
            return first
        if schedule.repeat:
            again = first + -((first - moment) // schedule.repeat) * schedule.repeat
            if again <= _last(schedule, day, first):
                return again
    return None


def moment_told(text: str, zone: str, now: datetime) -> datetime:
    """The moment of a wall time such as "00:40" (of today, there) or of an ISO time; one that
    says no zone is of `zone`. Raises ValueError with a sentence."""
    there = ZoneInfo(zone)
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}", text):
            today = now.astimezone(there).date()
            return _instant(today, time.fromisoformat(text.rjust(5, "0")), zone)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=there)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:40]!r} is no time.") from None


def _last(schedule: Schedule, day: date, first: datetime) -> datetime:
    """The latest moment at which a cyclic job that started at `first` may start again."""
    until, start = schedule.repeat_until, schedule.start
    assert start is not None
    if until is None:
        return first + timedelta(days=1) - timedelta.resolution
    return _instant(day if until > start else day + timedelta(days=1), until, schedule.zone)


def _instant(day: date, wall: time, zone: str) -> datetime:
    return datetime.combine(day, wall, ZoneInfo(zone)).astimezone(UTC)
