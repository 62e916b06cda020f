"""The wall clock on the two nights on which it lies."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.windows.domain.local_time import (
    AmbiguousTime,
    ImpossibleTime,
    to_utc,
    to_wall,
)

AMS = "Europe/Amsterdam"
wall_time = datetime.fromisoformat


@pytest.mark.parametrize(
    ("wall", "moment"),
    [
        ("2026-11-21T22:00", "2026-11-21T21:00"),
        ("2026-07-01T22:00", "2026-07-01T20:00"),
        ("2026-03-29T01:59", "2026-03-29T00:59"),
        ("2026-03-29T03:00", "2026-03-29T01:00"),
    ],
)
def test_a_wall_time_is_one_moment(wall: str, moment: str) -> None:
    assert to_utc(datetime.fromisoformat(wall), AMS) == datetime.fromisoformat(f"{moment}+00:00")


def test_a_time_in_the_gap_does_not_exist() -> None:
    with pytest.raises(ImpossibleTime, match="2026-03-29 02:30 does not exist"):
        to_utc(wall_time("2026-03-29T02:30"), AMS)


def test_a_time_in_the_overlap_comes_twice() -> None:
    with pytest.raises(AmbiguousTime, match="comes twice") as found:
        to_utc(wall_time("2026-10-25T02:30"), AMS)
    assert found.value.earlier.isoformat() == "2026-10-25T02:30:00+02:00"
    assert found.value.later.isoformat() == "2026-10-25T02:30:00+01:00"


@given(st.datetimes(wall_time("2020-01-01"), wall_time("2035-01-01")))
def test_there_and_back(wall: datetime) -> None:
    try:
        moment = to_utc(wall, AMS)
    except (ImpossibleTime, AmbiguousTime):
        return
    assert to_wall(moment, AMS) == wall
