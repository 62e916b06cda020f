"""When a batch job runs next. Days and times are those of the wall clock where it runs."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

DAYS_MAX = 120
_WEEKDAYS = re.compile(r"(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU))*")
#: What a rule may say. Counts, intervals and ends need a first day, which a schedule does not have.
_PARTS = frozenset(
    ("FREQ", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "BYYEARDAY", "BYWEEKNO", "WKST")
)
#: Without one of these, the days of a frequency would be those of its first day.
_NEEDED = {
    "DAILY": (),
    "WEEKLY": ("BYDAY",),
    "MONTHLY": ("BYDAY", "BYMONTHDAY"),
    "YEARLY": ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"),
}
#: 29 February is missing for eight years around 2100; a day not found in nine years never comes.
_YEARS = 9


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
    for day in _days_from(schedule.days, since):
        first = _instant(day, schedule.start, schedule.zone)
        if first >= moment:
            return first
        if schedule.repeat:
            again = first + -((first - moment) // schedule.repeat) * schedule.repeat
            if again <= _last(schedule, day, first):
                return again
    return None


def _last(schedule: Schedule, day: date, first: datetime) -> datetime:
    """The latest moment at which a cyclic job that started at `first` may start again."""
    until, start = schedule.repeat_until, schedule.start
    assert start is not None
    if until is None:
        return first + timedelta(days=1) - timedelta.resolution
    return _instant(day if until > start else day + timedelta(days=1), until, schedule.zone)


def _instant(day: date, wall: time, zone: str) -> datetime:
    return datetime.combine(day, wall, ZoneInfo(zone)).astimezone(UTC)


def _days_from(days: str, since: date) -> Iterator[date]:
    for year in range(since.year, since.year + _YEARS):
        found = _days_of_year(days, year)
        yield from found[bisect_left(found, since) :]


@lru_cache(maxsize=1024)
def _days_of_year(days: str, year: int) -> tuple[date, ...]:
    first = datetime(year, 1, 1)  # noqa: DTZ001 - days have no zone
    # Without an end, a rule that never comes true is tried until the year 9999.
    rule = rrulestr(f"{_rule(days)};UNTIL={year}1231", dtstart=first)
    return tuple(day.date() for day in rule)


def _rule(days: str) -> str:
    if not days:
        return "FREQ=DAILY"
    return f"FREQ=WEEKLY;BYDAY={days}" if _WEEKDAYS.fullmatch(days) else days


def days_problems(days: str) -> Iterator[str]:
    """Sentences that tell why `days` names no days; none when it does."""
    if not days or _WEEKDAYS.fullmatch(days):
        return
    parts = dict(part.partition("=")[::2] for part in days.split(";"))
    frequency = parts.get("FREQ", "")
    strange = sorted(parts.keys() - _PARTS)
    if frequency not in _NEEDED:
        yield 'Enter weekdays such as "MO,TU,FR" or a rule such as "FREQ=MONTHLY;BYMONTHDAY=-1".'
    elif strange:
        yield f"A rule of days has no {strange[0][:20]!r}: it goes on for ever and names days only."
    elif _NEEDED[frequency] and not parts.keys() & set(_NEEDED[frequency]):
        yield f"A {frequency.lower()} rule says its days by {' or '.join(_NEEDED[frequency])}."
    else:
        yield from _rule_problems(days)


def _rule_problems(days: str) -> Iterator[str]:
    try:
        found = next(_days_from(days, date(2024, 1, 1)), None)
    except (ValueError, TypeError, IndexError) as error:
        yield f"This is no rule of days: {error}."[:200]
        return
    if found is None:
        yield "No day is ever like this."
