"""When a job runs next, as tables of wall times in Amsterdam."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.recurrence import days_problems
from apps.inventory.domain.schedule import Schedule, next_run

AMS = ZoneInfo("Europe/Amsterdam")


def wall(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMS, fold=fold).astimezone(UTC)


def at(start: str, days: str = "", **more: object) -> Schedule:
    return Schedule(AMS.key, time.fromisoformat(start), days, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("schedule", "asked", "expected"),
    [
        # daily
        (at("05:10"), "2026-11-22 00:40", "2026-11-22 05:10"),
        (at("05:10"), "2026-11-22 05:10", "2026-11-22 05:10"),
        (at("05:10"), "2026-11-22 05:11", "2026-11-23 05:10"),
        # weekdays; 22 November 2026 is a Sunday
        (at("22:00", "MO,FR"), "2026-11-22 12:00", "2026-11-23 22:00"),
        (at("22:00", "MO,FR"), "2026-11-23 22:30", "2026-11-27 22:00"),
        (at("22:00", "SU"), "2026-11-22 22:30", "2026-11-29 22:00"),
        # month ends
        (at("23:00", "FREQ=MONTHLY;BYMONTHDAY=-1"), "2026-11-22 00:40", "2026-11-30 23:00"),
        (at("23:00", "FREQ=MONTHLY;BYMONTHDAY=-1"), "2027-01-31 23:01", "2027-02-28 23:00"),
        (
            at("20:00", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
            "2026-10-31 00:00", "2026-11-30 20:00",
        ),
        (
            at("20:00", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
            "2096-03-01 00:00", "2104-02-29 20:00",
        ),
        (
            at("20:00", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"),
            "2026-12-31 21:00", "2027-12-31 20:00",
        ),
    ],
)  # fmt: skip
def test_the_next_run_is_the_first_start_from_then_on(
    schedule: Schedule, asked: str, expected: str
) -> None:
    assert next_run(schedule, wall(asked)) == wall(expected)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("2026-11-22 00:07", "2026-11-22 00:15"),
        ("2026-11-22 02:00", "2026-11-22 02:00"),
        ("2026-11-22 02:01", "2026-11-22 22:00"),
        ("2026-11-22 22:15", "2026-11-22 22:15"),
    ],
)
def test_a_cyclic_job_repeats_beyond_midnight_until_its_end(asked: str, expected: str) -> None:
    cyclic = at("22:00", repeat=timedelta(minutes=15), repeat_until=time(2, 0))
    assert next_run(cyclic, wall(asked)) == wall(expected)


def test_a_cyclic_job_without_an_end_repeats_for_a_day() -> None:
    sunday = at("06:00", "SU", repeat=timedelta(hours=1))
    assert next_run(sunday, wall("2026-11-23 04:30")) == wall("2026-11-23 05:00")
    assert next_run(sunday, wall("2026-11-23 05:30")) == wall("2026-11-29 06:00")


def test_a_time_that_the_clocks_skip_is_taken_by_the_offset_before() -> None:
    assert next_run(at("02:30"), wall("2027-03-28 00:00")) == wall("2027-03-28 03:30")
    assert next_run(at("02:30"), wall("2027-03-28 04:00")) == wall("2027-03-29 02:30")


def test_a_time_that_comes_twice_is_the_first() -> None:
    assert next_run(at("02:30"), wall("2026-10-25 00:00")) == wall("2026-10-25 02:30", fold=0)
    assert next_run(at("02:30"), wall("2026-10-25 02:30", fold=1)) == wall("2026-10-26 02:30")


def test_a_cyclic_job_runs_through_the_hour_that_comes_twice() -> None:
    cyclic = at("01:00", repeat=timedelta(minutes=30), repeat_until=time(4, 0))
    assert next_run(cyclic, wall("2026-10-25 02:45", fold=0)) == wall("2026-10-25 02:00", fold=1)


def test_a_job_on_demand_has_no_next_run() -> None:
    assert next_run(Schedule(is_on_demand=True), wall("2026-11-22 00:40")) is None


@pytest.mark.parametrize(
    "days", ["", "MO", "MO,SU", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO", "FREQ=MONTHLY;BYDAY=-1FR"]
)
def test_days_that_can_be_meant(days: str) -> None:
    assert list(days_problems(days)) == []


@pytest.mark.parametrize(
    "days",
    [
        "Monday", "MO, FR", "MO,MO,", "FREQ=HOURLY", "FREQ=WEEKLY", "FREQ=MONTHLY", "BYDAY=MO",
        "FREQ=DAILY;COUNT=3", "FREQ=DAILY;UNTIL=20270101", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
        "FREQ=MONTHLY;BYMONTHDAY=40", "FREQ=MONTHLY;BYDAY=XX", "FREQ=MONTHLY;BYMONTHDAY=",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY\nFREQ=DAILY", "FREQ=DAILY;BYHOUR=3",
    ],
)  # fmt: skip
def test_what_names_no_days_is_told(days: str) -> None:
    assert len(list(days_problems(days))) == 1


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC)
)
schedules = st.builds(
    at,
    st.times().map(lambda t: f"{t:%H:%M}"),
    st.sampled_from(["", "MO,TH", "FREQ=MONTHLY;BYMONTHDAY=-1"]),
    repeat=st.sampled_from([None, timedelta(minutes=7)]),
    repeat_until=st.sampled_from([None, time(2, 0)]),
)


@given(schedules, moments, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_who_waits_longer_never_runs_earlier(
    schedule: Schedule, moment: datetime, wait: timedelta
) -> None:
    soon, later = next_run(schedule, moment), next_run(schedule, moment + wait)
    assert soon is not None and later is not None
    assert moment <= soon <= later
    assert next_run(schedule, soon) == soon
