"""The file that calendar programs read. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from apps.windows.domain.ical import FreezeEntry, WindowEntry, calendar_file, freeze_days

AT = datetime(2026, 11, 21, 21, tzinfo=UTC)
WINDOW = WindowEntry(
    key="0199", version=3, changed_at=AT - timedelta(days=9), code="W-2611",
    name="Q4 release weekend, żółw " + "and more " * 9, site="AMS", state="open",
    zone="Europe/Amsterdam", opens_at=AT, closes_at=AT + timedelta(hours=8),
    cutoff_at=AT + timedelta(minutes=390), cutoff="CLOSEFIL",
    url="https://interlock.example/admin/",
)  # fmt: skip
FREEZE = FreezeEntry(
    "YEAR-END", 2, AT, "Year-end freeze", "hard", date(2026, 12, 14), date(2027, 1, 3)
)


def read(*windows: WindowEntry, freezes: tuple[FreezeEntry, ...] = ()) -> Calendar:
    raw = calendar_file("My windows", windows, freezes)
    lines = raw.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    return Calendar.from_ical(raw)  # type: ignore[return-value]


def test_a_window_has_its_zone_its_cutoff_and_a_stable_name() -> None:
    calendar = read(WINDOW)
    (event,) = calendar.walk("VEVENT")
    assert event["UID"] == "window-0199@interlock"
    assert event["SEQUENCE"] == 2
    assert event["DTSTART"].params["TZID"] == "Europe/Amsterdam"
    assert event["DTSTART"].dt.astimezone(UTC) == WINDOW.opens_at
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Amsterdam"]
    (alarm,) = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == WINDOW.cutoff_at - timedelta(hours=1)
    assert alarm["DESCRIPTION"] == "W-2611: Cut-off 04:30, CLOSEFIL."
    assert event["SUMMARY"] == f"W-2611 {WINDOW.name}"


def test_the_point_of_no_return_alarms_where_a_plan_tells_one() -> None:
    told = replace(WINDOW, no_return_at=AT + timedelta(hours=5))
    (event,) = read(told).walk("VEVENT")
    assert [alarm["DESCRIPTION"] for alarm in event.walk("VALARM")][1:] == [
        "W-2611: Point of no return 03:00."
    ]


@pytest.mark.parametrize(
    ("state", "status", "alarms"),
    [("draft", "TENTATIVE", 1), ("in_progress", "CONFIRMED", 1), ("cancelled", "CANCELLED", 0)],
)
def test_a_cancelled_window_is_told_so_that_it_goes_away(
    state: str, status: str, alarms: int
) -> None:
    (event,) = read(replace(WINDOW, state=state)).walk("VEVENT")
    assert (event["STATUS"], len(event.walk("VALARM"))) == (status, alarms)


def test_a_freeze_is_days_that_do_not_make_anybody_busy() -> None:
    (event,) = read(freezes=(FREEZE,)).walk("VEVENT")
    assert event["TRANSP"] == "TRANSPARENT"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 12, 14), date(2027, 1, 4))


def test_the_days_of_a_freeze_are_those_of_its_zone() -> None:
    begins = datetime(2026, 12, 13, 23, tzinfo=UTC)
    assert freeze_days(begins, begins + timedelta(days=21), "Europe/Amsterdam") == (
        date(2026, 12, 14), date(2027, 1, 3),
    )  # fmt: skip
