"""When people are told of a gate that is not met, and who."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.gates.domain.reminders import reminder_at
from tests.gates.facts import NOW

ZONE = ZoneInfo("Europe/Amsterdam")
OWNER, TWO, THREE = ("owner",), ("owner", "coordinator"), ("owner", "coordinator", "manager")
ALL = (*THREE, "release_manager")


@pytest.mark.parametrize(
    ("left", "hard", "code", "audience"),
    [
        (timedelta(days=5, seconds=1), True, None, ()),
        (timedelta(days=5), True, "5d", OWNER),
        (timedelta(hours=24, seconds=1), True, "5d", OWNER),
        (timedelta(hours=24), True, "24h", OWNER),
        (timedelta(hours=4), False, "4h", TWO),
        (timedelta(seconds=1), False, "4h", TWO),
        (timedelta(0), False, "late-20261120", THREE),
        (timedelta(0), True, "late-20261120", ALL),
        (-timedelta(days=1), False, "late-20261120", ALL),
    ],
)
def test_the_nearer_it_is_due_the_more_people_hear_of_it(
    left: timedelta, hard: bool, code: str | None, audience: tuple[str, ...]
) -> None:
    found = reminder_at(NOW + left, NOW, ZONE, hard)
    assert (found.code if found else None, found.audience if found else ()) == (code, audience)


def test_what_is_overdue_is_told_again_on_the_next_day_of_the_site() -> None:
    before_midnight = NOW.replace(hour=22, minute=59)
    codes = [
        reminder_at(NOW, moment, ZONE, hard=True).code  # type: ignore[union-attr]
        for moment in (before_midnight, before_midnight + timedelta(minutes=2))
    ]
    assert codes == ["late-20261120", "late-20261121"]


@pytest.mark.parametrize(
    ("left", "code", "audience"),
    [
        (timedelta(days=30), "second", ("second",)),
        (timedelta(days=5), "second-5d", ("second",)),
        (timedelta(hours=4), "second-4h", ("second", "coordinator")),
        (timedelta(0), "second-late-20261120", ("second", *THREE[1:], "release_manager")),
    ],
)
def test_whoever_should_confirm_hears_of_it_at_once_and_again_as_it_is_due(
    left: timedelta, code: str, audience: tuple[str, ...]
) -> None:
    found = reminder_at(NOW + left, NOW, ZONE, hard=True, submitted=True)
    assert found is not None
    assert (found.code, found.audience) == (code, audience)
