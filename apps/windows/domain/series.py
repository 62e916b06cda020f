"""A series of windows: a recurrence and a template become nights on the wall clock of one zone.

A recurrence is as `core.recurrence` reads it and may, unlike there, end by COUNT or UNTIL (RFC
5545, 3.3.10). Opening, closing and cut-offs are clock times; each night finds its moments anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from apps.core.recurrence import days_from, days_problems
from apps.windows.domain.local_time import AmbiguousTime, ImpossibleTime, to_utc, to_wall

#: Windows that one series drafts at most; a rule that makes more was not meant.
MOST = 400
#: How far ahead windows are drafted at most.
HORIZON_MOST = 800
#: Whole days by which a closing or a cut-off may be later than its first clock time.
MORE_DAYS_MOST = 6
YEARS = range(2000, 2200)

_COUNT = re.compile(r"[1-9][0-9]{0,6}")
_UNTIL = re.compile(r"(\d{8})(T\d{6}Z?)?")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CutoffPattern:
    """A cut-off at the first `clock` after the opening, `more_days` whole days later."""

    label: str
    clock: time
    more_days: int = 0
    kind: str = "batch_start"
    is_hard: bool = True


@dataclass(frozen=True, slots=True)
class Pattern:
    """When the windows of a series are. `closes` is the first such clock time after `opens`,
    `more_days` whole days later; on `left_out` there is none."""

    zone: str
    recurrence: str
    first_day: date
    opens: time
    closes: time
    more_days: int = 0
    cutoffs: tuple[CutoffPattern, ...] = ()
    left_out: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Night:
    """One window of a series; moments in UTC. `notes` tell what the clocks did to it, `problem`
    why it cannot be."""

    day: date
    opens_at: datetime
    closes_at: datetime
    cutoffs: tuple[tuple[CutoffPattern, datetime], ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Ending:
    """A recurrence without its end, and that end."""

    days: str
    count: int | None = None
    until: datetime | None = None
    until_is_utc: bool = False


def has_end(recurrence: str) -> bool:
    return any(part.startswith(("COUNT=", "UNTIL=")) for part in recurrence.split(";"))


def recurrence_problems(recurrence: str, first_day: date | None) -> Iterator[str]:
    """Sentences that tell why the recurrence makes no windows; none when it does."""
    try:
        ending = _ending(recurrence)
    except ValueError as error:
        yield str(error)
        return
    yield from days_problems(ending.days, first_day)


def _ending(recurrence: str) -> _Ending:
    """Raises ValueError with a sentence."""
    kept, ends = [], {}
    for part in recurrence.split(";"):
        name, _, value = part.partition("=")
        if name in ("COUNT", "UNTIL"):
            ends[name] = value
        else:
            kept.append(part)
    days = ";".join(kept)
    if len(ends) == 2:
        raise ValueError("A rule ends by COUNT or by UNTIL, not by both.")
    if "COUNT" in ends:
        if not _COUNT.fullmatch(ends["COUNT"]):
            raise ValueError("COUNT is a number from 1 on.")
        return _Ending(days, count=int(ends["COUNT"]))
    if "UNTIL" in ends:
        return _Ending(days, None, *_until(ends["UNTIL"]))
    return _Ending(days)


def _until(text: str) -> tuple[datetime, bool]:
    """The end, naive, and whether it is told in UTC; a day means all of it."""
    found = _UNTIL.fullmatch(text)
    day, clock = found.groups() if found else ("", "")
    try:
        until = datetime.fromisoformat(f"{day}{clock or ''}".rstrip("Z"))
    except ValueError:
        raise ValueError("UNTIL is a day such as 20271231 or a moment.") from None
    is_utc = bool(clock) and clock.endswith("Z")
    return (until if clock else until + _DAY - timedelta.resolution), is_utc


def nights(
    pattern: Pattern, last_day: date, since: date | None = None, most: int = MOST + 1
) -> list[Night]:
    """The windows from `since`, or from the first day, to `last_day`: no more than `most`."""
    first = max(since or pattern.first_day, pattern.first_day)
    return [_night(pattern, day) for day in islice(_days(pattern, first, last_day), most)]


def last_day_of(horizon_days: int | None, today: date) -> date:
    """How far windows are drafted, seen from `today`."""
    return today + (horizon_days or 9 * 365) * _DAY


def _days(pattern: Pattern, first: date, last_day: date) -> Iterator[date]:
    ending = _ending(pattern.recurrence)
    # A count begins at the first day, whichever days are asked for.
    since = first if ending.count is None else pattern.first_day
    years = max(last_day.year - since.year + 1, 0)
    days: Iterator[date] = days_from(ending.days, since, pattern.first_day, years)
    if ending.count is not None:
        days = islice(days, ending.count)
    if ending.until is not None:
        until = ending.until
        if ending.until_is_utc:
            until = to_wall(until.replace(tzinfo=UTC), pattern.zone)
        days = takewhile(lambda day: datetime.combine(day, pattern.opens) <= until, days)
    for day in days:
        if day > last_day:
            return
        if day >= first and day not in pattern.left_out:
            yield day


def _night(pattern: Pattern, day: date) -> Night:
    notes: list[str] = []
    opens = datetime.combine(day, pattern.opens)  # wall clocks are naive until they are moments

    def moment(wall: datetime) -> datetime:
        at, note = _moment(wall, pattern.zone)
        if note and note not in notes:
            notes.append(note)
        return at

    opens_at = moment(opens)
    closes_at = moment(_after(opens, pattern.closes, pattern.more_days))
    cutoffs = tuple(
        (cutoff, moment(_after(opens, cutoff.clock, cutoff.more_days)))
        for cutoff in pattern.cutoffs
    )
    problem = ""
    if closes_at <= opens_at:
        problem = "The clocks are put forward over it; nothing of it is left."
    else:
        outside = [c.label for c, at in cutoffs if not opens_at < at <= closes_at]
        if outside:
            problem = f"The cut-off {outside[0]} is outside the window."
    return Night(day, opens_at, closes_at, cutoffs, tuple(notes), problem)


def _after(opens: datetime, clock: time, more_days: int) -> datetime:
    first = datetime.combine(opens.date(), clock)
    if first <= opens:
        first += _DAY
    return first + more_days * _DAY


def _moment(wall: datetime, zone: str) -> tuple[datetime, str]:
    """The moment of a wall time, and what is to be said of it (RFC 5545, 3.3.5): one that the
    clocks skip is taken by the offset before the gap, of one that comes twice the first."""
    try:
        return to_utc(wall, zone), ""
    except ImpossibleTime as error:
        at = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        return at, f"{error} It is {to_wall(at, zone):%H:%M} that night."
    except AmbiguousTime as error:
        return error.earlier.astimezone(UTC), f"{error} The first of the two is meant."


def pattern_problems(pattern: Pattern) -> Iterator[tuple[str, str]]:
    """(field, sentence) of what is wrong with the clock times on any day, whatever the zone does.

    `field` is "cutoffs" where a cut-off is at fault."""
    opens = datetime.combine(pattern.first_day, pattern.opens)
    closes = _after(opens, pattern.closes, pattern.more_days)
    for cutoff in pattern.cutoffs:
        if _after(opens, cutoff.clock, cutoff.more_days) > closes:
            yield "cutoffs", f"The cut-off {cutoff.label} is after the closing."
