"""The formats that a calendar is read from, in the order in which people choose among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.integrations.adapters.calendars import ical, release_weeks, slots
from apps.integrations.adapters.calendars.rows import Defaults, Read


@dataclass(frozen=True, slots=True)
class CalendarFormat:
    code: str
    label: str
    hint: str
    read: Callable[[str, Defaults], Read]


CALENDARS: dict[str, CalendarFormat] = {
    known.code: known
    for known in (
        CalendarFormat(
            "icalendar", "iCalendar (.ics)",
            "Whole days become rules, times become windows, recurring ones series.", ical.read,
        ),
        CalendarFormat(
            "release_weeks", "Weeks of release cycles (CSV)",
            "The weeks of OpenStack's cycles; freezes become rules.", release_weeks.read,
        ),
        CalendarFormat(
            "slots", "Weekly slots (CSV)",
            "Wikimedia's deployment slots; each becomes a series of windows.", slots.read,
        ),
    )
}  # fmt: skip
