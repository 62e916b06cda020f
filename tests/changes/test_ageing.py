"""Clocks that stand still on hold, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.changes.domain.ageing import (
    Hold,
    business_time,
    holds_from,
    is_ageing,
    running,
    stage_of,
)

#: A Monday.
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def at(number: float) -> datetime:
    return MONDAY + hours(number)


@pytest.mark.parametrize(
    ("holds", "until", "spent"),
    [
        ((), 10, 10),
        ((Hold(at(2), at(5)),), 10, 7),
        ((Hold(at(2), at(5)), Hold(at(6), at(7))), 10, 6),
        ((Hold(at(-3), at(2)),), 10, 8),
        ((Hold(at(8), None),), 10, 8),
        ((Hold(at(8), at(20)),), 10, 8),
        ((Hold(at(20), at(30)),), 10, 10),
        ((Hold(at(-3), None),), 10, 0),
        ((), -1, 0),
    ],
)
def test_time_on_hold_does_not_count(holds: tuple[Hold, ...], until: float, spent: float) -> None:
    assert running(MONDAY, at(until), holds) == hours(spent)


def test_holds_come_from_what_happened() -> None:
    told = [(at(1), True), (at(2), False), (at(3), False), (at(4), True), (at(5), True)]
    assert holds_from(told) == (Hold(at(1), at(2)), Hold(at(4), None))
    assert holds_from([]) == ()


@pytest.mark.parametrize(
    ("spent", "sla", "stage"),
    [
        (23.9, 48, 0),
        (24, 48, 50),
        (47.9, 48, 50),
        (48, 48, 100),
        (71.9, 48, 100),
        (72, 48, 150),
        (500, 48, 150),
        (0.5, 1, 50),
        (1.5, 1, 150),
    ],
)
def test_the_highest_stage_that_is_reached(spent: float, sla: float, stage: int) -> None:
    assert stage_of(hours(spent), hours(sla)) == stage


@pytest.mark.parametrize(
    ("days", "holds", "business_days"),
    [
        (4, (), 4),
        (7, (), 5),
        (14, (), 10),
        (14, (Hold(at(24), at(72)),), 8),
        # A hold over the weekend changes nothing.
        (14, (Hold(datetime(2026, 11, 7, 0, 0, tzinfo=AMSTERDAM).astimezone(UTC),
                   datetime(2026, 11, 9, 0, 0, tzinfo=AMSTERDAM).astimezone(UTC)),), 10),
    ],
)  # fmt: skip
def test_weekends_do_not_count(days: int, holds: tuple[Hold, ...], business_days: int) -> None:
    until = MONDAY + timedelta(days=days)
    assert business_time(MONDAY, until, AMSTERDAM, holds) == timedelta(days=business_days)


def test_the_weekend_is_that_of_the_site() -> None:
    friday_night = datetime(2026, 11, 6, 23, 30, tzinfo=UTC)
    assert business_time(friday_night, friday_night + hours(1), AMSTERDAM) == timedelta()
    assert business_time(friday_night, friday_night + hours(0.5), UTC) == hours(0.5)


def test_the_night_of_a_clock_change_is_no_business_time() -> None:
    saturday = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    monday = datetime(2026, 10, 26, 12, 0, tzinfo=UTC)
    assert business_time(saturday, monday, AMSTERDAM) == hours(13)


def test_a_change_ages_after_more_than_ten_business_days() -> None:
    assert not is_ageing(MONDAY, MONDAY + timedelta(days=14), AMSTERDAM)
    assert is_ageing(MONDAY, MONDAY + timedelta(days=14, minutes=1), AMSTERDAM)
