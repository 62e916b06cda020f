"""Days that come again, counted from a first one."""

from __future__ import annotations

from datetime import date
from itertools import islice

import pytest

from apps.core.recurrence import days_from, days_problems

FRIDAYS = "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"


def test_an_interval_counts_from_the_first_day_over_the_years() -> None:
    found = islice(days_from(FRIDAYS, date(2027, 1, 1), date(2026, 11, 6)), 2)
    assert list(found) == [date(2027, 1, 1), date(2027, 1, 15)]


def test_before_the_first_day_there_are_none() -> None:
    assert next(days_from("MO", date(2026, 1, 1), date(2026, 11, 10))) == date(2026, 11, 16)


@pytest.mark.parametrize(
    ("rule", "first", "problem"),
    [
        (FRIDAYS, None, "has no 'INTERVAL'"),
        ("FREQ=DAILY;INTERVAL=0", date(2026, 1, 1), "1 to 99"),
        ("FREQ=DAILY;COUNT=3", date(2026, 1, 1), "has no 'COUNT'"),
        ("FREQ=DAILY;UNTIL=20261231", date(2026, 1, 1), "has no 'UNTIL'"),
        ("FREQ=HOURLY", None, "Enter weekdays"),
    ],
)
def test_what_names_no_days_is_told(rule: str, first: date | None, problem: str) -> None:
    assert problem in " ".join(days_problems(rule, first))


def test_an_interval_with_a_first_day_names_days() -> None:
    assert list(days_problems(FRIDAYS, date(2026, 11, 6))) == []
