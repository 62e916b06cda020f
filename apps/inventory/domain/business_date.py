"""Which business date the batch cycle after an evening has (ODATE in the schedulers' words)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def business_date(opens_at: datetime, latest_start: time, new_day_at: time, zone: str) -> date:
    """The date of the cycle that starts next at or after `opens_at` (aware).

    `latest_start` and `new_day_at` are times of the wall clock in `zone`. A cycle that starts
    before the scheduler's new day begins counts for the day before (Control-M's New Day Time).
    """
    opens = opens_at.astimezone(ZoneInfo(zone))
    starts_on = opens.date()
    if latest_start < opens.time():
        starts_on += timedelta(days=1)
    return starts_on if latest_start >= new_day_at else starts_on - timedelta(days=1)
