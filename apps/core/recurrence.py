"""Days that come again: weekdays, or an RFC 5545 rule that names days."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache

from dateutil.rrule import rrulestr

DAYS_MAX = 120
_INTERVAL = re.compile(r"[1-9][0-9]?")
_WEEKDAYS = re.compile(r"(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU))*")
#: What a rule may say. Counts and ends are fields beside it, where there are any.
_PARTS = frozenset(
    ("FREQ", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "BYYEARDAY", "BYWEEKNO", "WKST")
)
#: Without one of these, the days of a frequency would be those of its first day.
_NEEDED: dict[str, tuple[str, ...]] = {
    "DAILY": (),
    "WEEKLY": ("BYDAY",),
    "MONTHLY": ("BYDAY", "BYMONTHDAY"),
    "YEARLY": ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"),
}
#: 29 February is missing for eight years around 2100; a day not found in nine years never comes.
_YEARS = 9


def days_from(
    days: str, since: date, first: date | None = None, years: int = _YEARS
) -> Iterator[date]:
    """The days of a recurrence from `since` on, as far as nine years ahead or as many as told.

    `days` is empty for every day, weekdays such as "MO,FR", or a rule such as
    "FREQ=MONTHLY;BYMONTHDAY=-1". `first` is the day from which an INTERVAL counts; before it
    there are no days.
    """
    for year in range(since.year, since.year + years):
        found = _days_of_year(days, year, first)
        yield from found[bisect_left(found, since) :]


@lru_cache(maxsize=1024)
def _days_of_year(days: str, year: int, first: date | None) -> tuple[date, ...]:
    begin = date(year, 1, 1)
    start = datetime.combine(first or begin, datetime.min.time())  # days have no zone
    # Without an end, a rule that never comes true is tried until the year 9999.
    rule = rrulestr(f"{_rule(days)};UNTIL={year}1231", dtstart=start)
    return tuple(day.date() for day in rule if day.date() >= begin)


def _rule(days: str) -> str:
    if not days:
        return "FREQ=DAILY"
    return f"FREQ=WEEKLY;BYDAY={days}" if _WEEKDAYS.fullmatch(days) else days


def days_problems(days: str, first: date | None = None) -> Iterator[str]:
    """Sentences that tell why `days` names no days; none when it does."""
    if not days or _WEEKDAYS.fullmatch(days):
        return
    parts = dict(part.partition("=")[::2] for part in days.split(";"))
    frequency = parts.get("FREQ", "")
    strange = sorted(parts.keys() - _PARTS - ({"INTERVAL"} if first else set()))
    if frequency not in _NEEDED:
        yield 'Enter weekdays such as "MO,TU,FR" or a rule such as "FREQ=MONTHLY;BYMONTHDAY=-1".'
    elif strange:
        yield f"A rule of days has no {strange[0][:20]!r}: it goes on for ever and names days only."
    elif not _INTERVAL.fullmatch(parts.get("INTERVAL", "1")):
        yield "An interval is 1 to 99."  # with 0 the rule would never get on
    elif _NEEDED[frequency] and not parts.keys() & set(_NEEDED[frequency]):
        yield f"A {frequency.lower()} rule says its days by {' or '.join(_NEEDED[frequency])}."
    else:
        yield from _rule_problems(days, first)


def _rule_problems(days: str, first: date | None) -> Iterator[str]:
    try:
        found = next(days_from(days, first or date(2024, 1, 1), first), None)
    except (ValueError, TypeError, IndexError) as error:
        yield f"This is no rule of days: {error}."[:200]
        return
    if found is None:
        yield "No day is ever like this."
