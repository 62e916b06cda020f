"""How much of a window is free."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.windows.domain.capacity import Capacity, Load, crossed, shortfalls, uses

TEN = Capacity(Load(10, Decimal(20), 5, 4), 20)


@pytest.mark.parametrize(
    ("booked", "emergency", "wanted", "is_emergency", "short"),
    [
        (Load(), Load(), Load(8, Decimal(16), 1), False, {}),
        (Load(), Load(), Load(9, Decimal(1), 1), False, {"changes": 8}),
        (Load(), Load(), Load(9, Decimal(1), 1), True, {}),
        (Load(8, Decimal(16), 4), Load(), Load(1, Decimal("0.1"), 1), False,
         {"changes": 0, "points": 0, "packages": 0}),
        (Load(8, Decimal(16), 4), Load(), Load(2, Decimal(4), 1), True, {}),
        (Load(8, Decimal(16), 4), Load(), Load(3, Decimal(4), 1), True, {"changes": 2}),
        # What an emergency took of the reserve is not taken from planned work, until all is gone.
        (Load(9, Decimal(10), 2), Load(2), Load(1), False, {}),
        (Load(9, Decimal(10), 2), Load(2), Load(2), False, {"changes": 1}),
        (Load(10, Decimal(10), 2), Load(5), Load(1), False, {"changes": 0}),
        (Load(binds=2), Load(), Load(binds=2), False, {"binds": 1}),
        (Load(binds=2), Load(), Load(binds=2), True, {}),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_what_is_free(
    booked: Load, emergency: Load, wanted: Load, is_emergency: bool, short: dict[str, int]
) -> None:
    found = shortfalls(TEN, booked, emergency, wanted, is_emergency=is_emergency)
    assert {shortfall.unit: shortfall.free for shortfall in found} == short


@given(
    st.integers(0, 40), st.integers(0, 90), st.lists(st.tuples(st.integers(1, 9), st.booleans()))
)
def test_nothing_that_fits_ever_oversells(
    capacity: int, reserve: int, asked: list[tuple[int, bool]]
) -> None:
    limits = Capacity(Load(capacity, Decimal(10_000), 100), reserve)
    booked, emergency = Load(), Load()
    for changes, is_emergency in asked:
        wanted = Load(changes)
        if not list(shortfalls(limits, booked, emergency, wanted, is_emergency=is_emergency)):
            booked += wanted
            emergency += wanted if is_emergency else Load()
    assert booked.changes <= capacity
    assert (booked.changes - emergency.changes) * 100 <= capacity * (100 - reserve)


def test_percent_counts_against_what_planned_work_may_book() -> None:
    by_unit = {use.unit: use for use in uses(TEN, Load(6, Decimal(16), 1, 3), Load())}
    assert by_unit["changes"].percent == 75
    assert by_unit["points"].percent == 100
    assert (by_unit["binds"].percent, by_unit["binds"].word) == (100, "full")
    assert by_unit["changes"].word == "filling up"
    assert by_unit["points"].free == 0


def test_an_unlimited_unit_is_not_shown() -> None:
    assert [use.unit for use in uses(Capacity(Load(1), 0), Load(), Load())] == [
        "changes", "points", "packages",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("percent", "threshold"), [(0, 0), (74, 0), (75, 75), (89, 75), (90, 90), (99, 90), (130, 100)]
)
def test_thresholds(percent: int, threshold: int) -> None:
    assert crossed(percent) == threshold
