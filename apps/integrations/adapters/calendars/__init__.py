"""Calendars of others: what a file says of freezes, holidays and windows, before it is entered."""

from __future__ import annotations

from apps.integrations.adapters.calendars.formats import CALENDARS, CalendarFormat
from apps.integrations.adapters.calendars.rows import (
    Defaults,
    Found,
    Problem,
    Read,
    RuleRow,
    SeriesRow,
    WindowRow,
)

__all__ = [
    "CALENDARS",
    "CalendarFormat",
    "Defaults",
    "Found",
    "Problem",
    "Read",
    "RuleRow",
    "SeriesRow",
    "WindowRow",
]
