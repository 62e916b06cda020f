"""How many packages are ready in time, at the pace of the last days."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.gates.domain.forecast import Forecast, Standing, forecast
from tests.gates.facts import NOW

DAY = timedelta(days=1)


def standing(code: str, open_items: int, *days_ago: float) -> Standing:
    return Standing(code, open_items, tuple(NOW - DAY * days for days in days_ago))


def told(*standings: Standing, days: float = 2) -> Forecast:
    return forecast(standings, NOW, NOW + DAY * days)


def test_the_pace_of_the_last_days_is_carried_on_to_the_deadline() -> None:
    # 5 gates in 5 days: one a day, two until the deadline.
    found = told(
        standing("A", 0, 1, 2, 3), standing("B", 2, 4, 4.5), standing("C", 1), standing("D", 4)
    )
    assert (found.per_day, found.expected, found.late) == (1.0, 2, ("B", "D"))
    assert found.sentence("T-24 h") == "At this pace 2 of 4 packages are ready by T-24 h."
    assert found.basis == "1.0 gates a day were met in the last 5 days; 7 gates are open."


def test_exactly_enough_days_are_enough() -> None:
    assert told(standing("A", 2, 0.5, 1, 2, 3, 4)).expected == 1


def test_what_was_met_long_ago_is_no_pace() -> None:
    found = told(standing("A", 1, 6, 7, 8, 1, 2))
    assert (found.per_day, found.expected) == (None, 0)


@pytest.mark.parametrize(
    ("standings", "days", "sentence"),
    [
        ((), 2, "No package is planned."),
        ((standing("A", 0),), 2, "The package is ready."),
        ((standing("A", 0), standing("B", 0)), 2, "All 2 packages are ready."),
        ((standing("A", 0), standing("B", 3)), -1,
         "1 of 2 packages is ready, 3 gates are open; T-24 h has passed."),
        ((standing("A", 2),), 2,
         "The package is not ready yet, 2 gates are open. Too little was met in the last 5 days "
         "to say whether it is ready by T-24 h."),
        ((standing("A", 2, 1, 2, 3, 4, 4),), 1, "At this pace the package is not ready by T-24 h."),
        ((standing("A", 2, 1, 2, 3, 4, 4),), 2, "At this pace the package is ready by T-24 h."),
        ((standing("A", 1, 1), standing("B", 3)), 2,
         "0 of 2 packages are ready, 4 gates are open. Too little was met in the last 5 days to "
         "say how many are ready by T-24 h."),
    ],
)  # fmt: skip
def test_little_data_and_none_are_told_as_such(
    standings: tuple[Standing, ...], days: int, sentence: str
) -> None:
    assert told(*standings, days=days).sentence("T-24 h") == sentence
