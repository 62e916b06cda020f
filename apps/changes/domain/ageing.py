"""How long something waits for people, by clocks that stand still while it is on hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

#: A change undecided for longer than so many business days is ageing.
AGEING_DAYS = 10
#: Shares of the time to answer at which somebody is told, in percent.
STAGES = (50, 100, 150)


@dataclass(frozen=True, slots=True)
class Hold:
    """A time on hold; `end` is None while it lasts."""

    start: datetime
    end: datetime | None = None


def holds_from(happened: Iterable[tuple[datetime, bool]]) -> tuple[Hold, ...]:
    """Holds from (when, whether it was put on hold or released), the earliest first."""
    holds: list[Hold] = []
    since: datetime | None = None
    for at, is_held in happened:
        if is_held and since is None:
            since = at
        elif not is_held and since is not None:
            holds.append(Hold(since, at))
            since = None
    return (*holds, Hold(since)) if since is not None else tuple(holds)


def running(since: datetime, until: datetime, holds: Sequence[Hold] = ()) -> timedelta:
    """The time between two moments that was not on hold. Holds do not overlap."""
    spent = max(until - since, timedelta())
    for hold in holds:
        start, end = max(hold.start, since), min(hold.end or until, until)
        spent -= max(end - start, timedelta())
    return spent


def business_time(
    since: datetime, until: datetime, zone: tzinfo, holds: Sequence[Hold] = ()
) -> timedelta:
    """The same, of Mondays to Fridays in `zone` only: a whole day counts as one day of 24 hours,
    the shortened and the lengthened day of a clock change as what they last."""
    spent = timedelta()
    start = since
    while start < until:
        there = start.astimezone(zone)
        midnight = datetime.combine(there.date() + timedelta(days=1), time(), zone)
        # Compared and subtracted in one zone's wall time, a day of a clock change would be wrong.
        end = min(midnight.astimezone(since.tzinfo), until)
        if there.weekday() < 5:
            spent += running(start, end, holds)
        start = end
    return spent


def is_ageing(since: datetime, until: datetime, zone: tzinfo, holds: Sequence[Hold] = ()) -> bool:
    return business_time(since, until, zone, holds) > timedelta(days=AGEING_DAYS)


def stage_of(spent: timedelta, sla: timedelta) -> int:
    """The highest of `STAGES` that `spent` has reached of the time to answer; 0 before all."""
    return max((stage for stage in STAGES if spent * 100 >= sla * stage), default=0)
