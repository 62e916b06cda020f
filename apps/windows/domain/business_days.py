"""Business days: Mondays to Fridays that are no holidays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from apps.windows.domain.local_time import to_wall

#: Nobody plans over so many calendar days; where all of them are holidays, the search ends here.
_FARTHEST = 400
#: Business days around the end of a month in which a night counts as one of them (domain 5.6).
MONTH_END_DAYS = 2

_DAY = timedelta(days=1)
Days = Collection[date]


def is_business_day(day: date, holidays: Days = ()) -> bool:
    return day.weekday() < 5 and day not in holidays


def shifted(day: date, days: int, holidays: Days = ()) -> date:
    """The business day that lies `days` of them after `day`, before it where negative."""
    step, left = (_DAY if days > 0 else -_DAY), abs(days)
    for _ in range(_FARTHEST):
        if not left:
            break
        day += step
        left -= is_business_day(day, holidays)
    return day


def business_days_before(moment: datetime, days: int, zone: str, holidays: Days = ()) -> datetime:
    """The same wall time `days` business days earlier; past a gap, the first time after it."""
    wall = to_wall(moment, zone)
    day = shifted(wall.date(), -days, holidays)
    return datetime.combine(day, wall.time(), ZoneInfo(zone)).astimezone(UTC)


def is_near_month_end(day: date, holidays: Days = ()) -> bool:
    """Whether at most two business days lie between `day` and the last one of a month, that day
    itself counting as the first."""
    month = day.replace(day=1)
    next_month = (month + timedelta(days=32)).replace(day=1)
    ends = (shifted(first, -1, holidays) for first in (month, next_month))
    return any(_between(day, end, holidays) <= MONTH_END_DAYS for end in ends)


def _between(one: date, other: date, holidays: Days) -> int:
    """Business days after the earlier up to and with the later."""
    first, last = sorted((one, other))
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(is_business_day(day, holidays) for day in days)
