"""What is in production when a package comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.releases.domain.baseline import (
    Base,
    Installation,
    base_at,
    base_of,
    in_order,
    is_older,
    why_before,
)

START = datetime(2026, 11, 21, 21, tzinfo=UTC)
ASSET = uuid4()
PRODUCTION = Base("01.00")


def coming(code: str, begins: int | None, hours: int = 8, **more: object) -> Installation:
    starts_at = None if begins is None else START + timedelta(hours=begins)
    ends_at = None if starts_at is None else starts_at + timedelta(hours=hours)
    return Installation(ASSET, uuid4(), code, starts_at=starts_at, ends_at=ends_at, **more)  # type: ignore[arg-type]


def test_production_is_the_base_until_a_package_has_ended() -> None:
    ordered = in_order([coming("P", 0, level="01.01")])
    assert base_at(ordered, START + timedelta(hours=7), PRODUCTION) == PRODUCTION
    assert base_at(ordered, START + timedelta(hours=8), PRODUCTION) == Base(
        "01.01", ordered[0].unit, is_predicted=True
    )


def test_nothing_in_production_and_nothing_to_come_is_no_base() -> None:
    assert base_at((), START) is None


def test_the_last_package_before_counts() -> None:
    last = coming("Q", 24, level="01.02")
    mine = coming("R", 48, level="01.04")
    ordered = in_order([mine, last, coming("P", 0, level="01.01"), coming("S", 72, level="01.05")])
    assert base_of(mine, ordered, PRODUCTION) == Base("01.02", last.unit, is_predicted=True)


def test_packages_that_start_together_are_ordered_by_code() -> None:
    second, first = coming("RP-02", 0), coming("RP-01", 0)
    assert in_order([second, first]) == (first, second)


def test_what_is_built_on_the_other_comes_later_in_the_same_night() -> None:
    later = coming("A", 0, built_on="01.01", level="01.02")
    earlier = coming("B", 0, built_on="01.00", level="01.01")
    ordered = in_order([later, earlier])
    assert ordered == (earlier, later)
    assert base_of(later, ordered, PRODUCTION) == Base("01.01", earlier.unit, is_predicted=True)
    assert base_of(earlier, ordered, PRODUCTION) == PRODUCTION


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"level": "01.01"}, {"level": "01.02"}, "version"),
        ({"level": "9"}, {"level": "10"}, "version"),
        ({"level": "01.02"}, {"level": "01.01"}, ""),
        ({"level": "01.01"}, {"level": "01.01"}, ""),
        ({"level": "c0ffee"}, {"level": "deadbeef"}, ""),
        ({"level": "c0ffee"}, {"built_on": "c0ffee", "level": "deadbeef"}, "built_on"),
        ({"level": "01.02"}, {"built_on": "01.02", "level": "01.01"}, "built_on"),
        ({}, {}, ""),
    ],
)
def test_versions_decide_where_times_overlap(
    first: dict[str, str], second: dict[str, str], reason: str
) -> None:
    assert why_before(coming("P", 0, **first), coming("Q", 1, **second)) == reason


def test_time_decides_where_times_do_not_overlap() -> None:
    built_on_the_later = coming("P", 0, built_on="01.01", level="01.02")
    later = coming("Q", 8, level="01.01")
    assert why_before(built_on_the_later, later) == "time"
    assert why_before(later, built_on_the_later) == ""


def test_what_a_package_declares_counts_most() -> None:
    first = coming("P", 8)
    second = coming("Q", 0, after=frozenset([first.unit]))
    assert why_before(first, second) == "declared"
    assert why_before(second, first) == ""
    assert in_order([second, first]) == (first, second)


def test_without_a_time_it_comes_after_everything_that_has_one() -> None:
    unplanned, planned = coming("A", None, level="01.02"), coming("B", 500, level="01.01")
    ordered = in_order([unplanned, planned])
    assert ordered == (planned, unplanned)
    assert base_of(unplanned, ordered) == Base("01.01", planned.unit, is_predicted=True)


def test_what_names_no_version_is_no_base() -> None:
    mine = coming("Q", 24)
    assert base_of(mine, in_order([coming("P", 0), mine]), PRODUCTION) == PRODUCTION


def test_a_circle_of_versions_still_has_an_order() -> None:
    one = coming("P", 0, built_on="a", level="b")
    other = coming("Q", 0, built_on="b", level="a")
    assert in_order([other, one]) == (one, other)


@pytest.mark.parametrize(
    ("level", "than", "older"),
    [("01.07", "01.08", True), ("01.08", "01.07", False), ("9", "10", True), ("a", "b", False)],
)
def test_only_numbered_levels_have_an_age(level: str, than: str, older: bool) -> None:
    assert is_older(level, than) is older


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=8),
    st.integers(0, 60),
)
def test_the_predicted_baseline_is_what_a_simulation_of_the_nights_leaves(
    times: list[tuple[int, int]], hours: int
) -> None:
    """Levels nobody can compare, so that time alone decides."""
    installations = [
        coming(f"RP-{number:02}", begins, length, level=f"commit{number}")
        for number, (begins, length) in enumerate(times)
    ]
    at = START + timedelta(hours=hours)
    in_production = PRODUCTION.level
    for one in sorted(installations, key=lambda i: (i.starts_at, i.code)):
        assert one.ends_at is not None
        if one.ends_at <= at:
            in_production = one.level
    base = base_at(in_order(installations), at, PRODUCTION)
    assert base is not None and base.level == in_production
