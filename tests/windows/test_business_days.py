"""Counting days on which people work."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.windows.domain.business_days import (
    business_days_before,
    is_business_day,
    is_near_month_end,
    shifted,
)

AMS = "Europe/Amsterdam"
CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 26)})


@pytest.mark.parametrize(
    ("day", "days", "holidays", "expected"),
    [
        (date(2026, 11, 25), 2, (), date(2026, 11, 27)),
        (date(2026, 11, 27), 1, (), date(2026, 11, 30)),
        (date(2026, 11, 30), -1, (), date(2026, 11, 27)),
        (date(2026, 11, 29), -1, (), date(2026, 11, 27)),
        (date(2026, 11, 28), 0, (), date(2026, 11, 28)),
        # the 25th is a Friday and closed
        (date(2026, 12, 24), 1, CHRISTMAS, date(2026, 12, 28)),
        (date(2026, 12, 28), -1, CHRISTMAS, date(2026, 12, 24)),
        # over the end of a year, and over 29 February
        (date(2026, 12, 31), 2, {date(2027, 1, 1)}, date(2027, 1, 5)),
        (date(2028, 2, 28), 1, (), date(2028, 2, 29)),
        (date(2027, 2, 26), 1, (), date(2027, 3, 1)),
    ],
)
def test_a_day_is_shifted_over_days_that_count(
    day: date, days: int, holidays: frozenset[date], expected: date
) -> None:
    assert shifted(day, days, holidays) == expected


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 40))
def test_a_shifted_day_is_a_business_day_and_leads_back(day: date, days: int) -> None:
    there = shifted(day, days)
    assert is_business_day(there)
    assert shifted(there, -days) <= day


def test_a_search_among_holidays_alone_comes_to_an_end() -> None:
    closed = [date(2026, 1, 1) + timedelta(days=n) for n in range(2000)]
    assert shifted(date(2026, 1, 1), 1, frozenset(closed)) == date(2027, 2, 5)


def test_business_days_keep_the_wall_clock_over_a_change_of_the_clocks() -> None:
    monday = datetime(2026, 10, 26, 21, 0, tzinfo=UTC)
    assert business_days_before(monday, 5, AMS) == datetime(2026, 10, 19, 20, 0, tzinfo=UTC)


def test_a_holiday_is_no_business_day_before_something() -> None:
    monday = datetime(2026, 12, 28, 21, 0, tzinfo=UTC)
    assert business_days_before(monday, 5, AMS, CHRISTMAS) == datetime(
        2026, 12, 18, 21, 0, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("day", "near"),
    [
        (date(2026, 11, 21), False),
        (date(2026, 11, 25), False),
        (date(2026, 11, 26), True),
        (date(2026, 11, 30), True),
        (date(2026, 12, 2), True),
        (date(2026, 12, 3), False),
        (date(2026, 12, 31), True),
        (date(2027, 1, 4), True),
    ],
)
def test_a_night_is_near_a_month_s_end_within_two_business_days(day: date, near: bool) -> None:
    assert is_near_month_end(day) is near


def test_a_holiday_does_not_count_between_a_night_and_a_month_s_end() -> None:
    assert not is_near_month_end(date(2027, 1, 5))
    assert is_near_month_end(date(2027, 1, 5), {date(2027, 1, 1)})
