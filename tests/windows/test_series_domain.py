"""What a series makes of a recurrence and clock times. No database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from itertools import pairwise

import pytest

from apps.windows.domain.series import (
    MOST,
    CutoffPattern,
    Night,
    Pattern,
    has_end,
    nights,
    pattern_problems,
    recurrence_problems,
)

BATCH = CutoffPattern("CLOSEFIL", time(4, 30))
FAR = date(2030, 12, 31)


def made(
    recurrence: str,
    first: str = "2026-10-01",
    *,
    opens: str = "22:00",
    closes: str = "06:00",
    zone: str = "Europe/Amsterdam",
    until: date = FAR,
    **more: object,
) -> list[Night]:
    pattern = Pattern(
        zone, recurrence, date.fromisoformat(first), time.fromisoformat(opens),
        time.fromisoformat(closes), **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return nights(pattern, until)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_wall_clock_stays_while_the_offset_moves() -> None:
    summer, change, winter = made("FREQ=WEEKLY;BYDAY=SA;COUNT=3", "2026-10-17", cutoffs=(BATCH,))
    assert (summer.opens_at, summer.closes_at) == (utc("2026-10-17T20:00"), utc("2026-10-18T04:00"))
    # The night on which the clocks are put back is an hour longer.
    assert (change.opens_at, change.closes_at) == (utc("2026-10-24T20:00"), utc("2026-10-25T05:00"))
    assert change.cutoffs[0][1] == utc("2026-10-25T03:30")
    assert winter.opens_at == utc("2026-10-31T21:00")


@pytest.mark.parametrize(
    ("zone", "day", "opens", "at", "note"),
    [
        ("Europe/Amsterdam", "2027-03-28", "02:30", "2027-03-28T01:30", "03:30 that night"),
        ("Europe/Amsterdam", "2026-10-25", "02:30", "2026-10-25T00:30", "first of the two"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45", "02:45 that night"),
        ("Asia/Kathmandu", "2026-12-31", "22:00", "2026-12-31T16:15", ""),
        ("America/St_Johns", "2027-01-01", "00:00", "2027-01-01T03:30", ""),
    ],
)
def test_a_clock_time_that_is_missing_or_comes_twice_is_told(
    zone: str, day: str, opens: str, at: str, note: str
) -> None:
    (night,) = made("FREQ=DAILY;COUNT=1", day, opens=opens, closes="09:00", zone=zone)
    assert night.opens_at == utc(at)
    assert bool(night.notes) == bool(note)
    assert note in " ".join(night.notes)


def test_a_night_that_the_clocks_skip_is_no_window() -> None:
    (night,) = made("FREQ=DAILY;COUNT=1", "2027-03-28", opens="02:30", closes="03:15")
    assert "nothing of it is left" in night.problem


def test_a_window_may_go_over_the_year_and_over_days() -> None:
    (night,) = made("FREQ=DAILY;COUNT=1", "2026-12-31", more_days=1)
    assert night.closes_at == utc("2027-01-02T05:00")


def test_29_february_comes_in_leap_years_only() -> None:
    days = [n.day for n in made("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2024-02-29")]
    assert days == [date(2024, 2, 29), date(2028, 2, 29)]


def test_a_month_without_a_31st_has_no_window() -> None:
    months = [
        night.day.month
        for night in made("FREQ=MONTHLY;BYMONTHDAY=31", "2027-01-01", until=date(2027, 12, 31))
    ]
    assert months == [1, 3, 5, 7, 8, 10, 12]


@pytest.mark.parametrize(
    ("rule", "last"),
    [
        ("FREQ=WEEKLY;BYDAY=SA;UNTIL=20261024", "2026-10-24"),
        ("FREQ=WEEKLY;BYDAY=SA;UNTIL=20261024T200000Z", "2026-10-24"),
        # 22:00 in Amsterdam is 20:00 UTC; a second before that is before the opening.
        ("FREQ=WEEKLY;BYDAY=SA;UNTIL=20261024T195959Z", "2026-10-17"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;COUNT=2", "2026-10-17"),
        ("MO;COUNT=2", "2026-10-12"),
    ],
)
def test_a_rule_ends_where_it_says(rule: str, last: str) -> None:
    assert made(rule, "2026-10-01")[-1].day == date.fromisoformat(last)


def test_a_day_that_is_left_out_counts_but_has_no_window() -> None:
    days = made("SA;COUNT=3", "2026-10-01", left_out=frozenset({date(2026, 10, 10)}))
    assert [night.day.day for night in days] == [3, 17]


def test_a_rule_of_a_hundred_thousand_is_not_worked_off() -> None:
    assert len(made("FREQ=DAILY;COUNT=100000", until=date(2199, 1, 1))) == MOST + 1


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=3",
        "FREQ=WEEKLY",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=x",
        "FREQ=DAILY;UNTIL=20261332",
        "FREQ=DAILY;UNTIL=soon",
        "FREQ=DAILY;COUNT=2;UNTIL=20271231",
        "FREQ=DAILY;INTERVAL=0;COUNT=1",
        "nonsense",
        ";;;",
    ],
)
def test_what_is_no_rule_is_told(rule: str) -> None:
    assert list(recurrence_problems(rule, date(2026, 10, 1)))


def test_only_a_rule_with_count_or_until_has_an_end() -> None:
    assert has_end("FREQ=DAILY;COUNT=3") and has_end("MO;UNTIL=20271231")
    assert not has_end("FREQ=DAILY") and not has_end("")


def test_a_cutoff_after_the_closing_is_told() -> None:
    late = CutoffPattern("CICS", time(7))
    pattern = Pattern("UTC", "SA", date(2026, 10, 1), time(22), time(6), cutoffs=(BATCH, late))
    assert [field for field, _ in pattern_problems(pattern)] == ["cutoffs"]


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/Sao_Paulo", "Pacific/Apia", "UTC"])
def test_nights_of_a_daily_series_never_meet(zone: str) -> None:
    found = made("FREQ=DAILY", "2026-01-01", zone=zone, until=date(2027, 1, 31))
    assert len(found) == 396
    assert all(one.closes_at <= other.opens_at for one, other in pairwise(found))
