"""Which business date a night's batch has."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from apps.inventory.domain.business_date import business_date

ZONE = "Europe/Amsterdam"
#: Saturday 22:00 there.
OPENS = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
SATURDAY, SUNDAY = date(2026, 11, 21), date(2026, 11, 22)


@pytest.mark.parametrize(
    ("latest_start", "new_day_at", "expected"),
    [
        (time(4, 30), time(0, 0), SUNDAY),
        (time(4, 30), time(7, 0), SATURDAY),
        (time(7, 0), time(7, 0), SUNDAY),
        (time(23, 0), time(7, 0), SATURDAY),
        (time(22, 0), time(0, 0), SATURDAY),
        (time(21, 59), time(0, 0), SUNDAY),
    ],
)
def test_the_cycle_after_the_opening_counts_by_the_new_day_of_its_scheduler(
    latest_start: time, new_day_at: time, expected: date
) -> None:
    assert business_date(OPENS, latest_start, new_day_at, ZONE) == expected
