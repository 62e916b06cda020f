"""The wall clock of a zone, with the two nights a year on which it lies."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


class ImpossibleTime(ValueError):
    """The clocks are put forward over this wall time; it does not exist."""


class AmbiguousTime(ValueError):
    """The clocks are put back over this wall time; it comes twice, at `earlier` and `later`."""

    def __init__(self, text: str, earlier: datetime, later: datetime) -> None:
        super().__init__(text)
        self.earlier, self.later = earlier, later


def to_utc(wall: datetime, zone: str) -> datetime:
    """The moment in UTC at which the clocks of `zone` show the naive time `wall`.

    Raises ImpossibleTime in the gap of spring and AmbiguousTime in the overlap of autumn.
    """
    if wall.tzinfo is not None:
        raise ValueError("to_utc() takes a wall time without a zone.")
    there = ZoneInfo(zone)
    first, second = (wall.replace(tzinfo=there, fold=fold) for fold in (0, 1))
    shown = f"{wall:%Y-%m-%d %H:%M}"
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(there).replace(tzinfo=None) != wall:
        raise ImpossibleTime(
            f"{shown} does not exist in {zone}: the clocks are put forward over it."
        )
    raise AmbiguousTime(
        f"{shown} comes twice in {zone}: the clocks are put back over it.", first, second
    )


def to_wall(moment: datetime, zone: str) -> datetime:
    """What the clocks of `zone` show at `moment`, naive."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def moved_wall(moment: datetime, was: datetime, now: datetime, zone: str) -> datetime:
    """`moment` as many days and hours on the wall of `zone` after `now` as it is after `was`.

    Where the clocks leave its wall time out it lies as long after `now` as it does after `was`; a
    wall time that comes twice is the first.
    """
    wall = to_wall(now, zone) + (to_wall(moment, zone) - to_wall(was, zone))
    try:
        return to_utc(wall, zone)
    except ImpossibleTime:
        return now + (moment - was)
    except AmbiguousTime as error:
        return error.earlier.astimezone(UTC)
