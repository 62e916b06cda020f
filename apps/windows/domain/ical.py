"""Windows and freezes as an iCalendar file (RFC 5545), for calendar programs that read along.

A program keeps what it read: the UID of a thing never changes, SEQUENCE rises with each change.
Names and times only: what people wrote as a reason stays in the portal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event

_PRODUCT = "-//Interlock//Release calendar//EN"
#: How long before a cut-off, and before the point of no return, a calendar program alarms.
CUTOFF_ALARM = timedelta(minutes=60)
NO_RETURN_ALARM = timedelta(minutes=30)
REFRESH = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WindowEntry:
    """A window: `key` and `version` of its record, moments in UTC, and the zone of its clocks.

    `cutoff` is what gives the effective cut-off, `no_return_at` where a plan tells one.
    """

    key: str
    version: int
    changed_at: datetime
    code: str
    name: str
    site: str
    state: str
    zone: str
    opens_at: datetime
    closes_at: datetime
    cutoff_at: datetime
    cutoff: str
    url: str = ""
    no_return_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FreezeEntry:
    """Whole days from `first` to `last` on which a rule of the calendar holds."""

    rule: str
    version: int
    changed_at: datetime
    name: str
    strength: str
    first: date
    last: date


def freeze_days(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[date, date]:
    """The days in `zone` that the time from `starts_at` to before `ends_at` touches."""
    there = ZoneInfo(zone)
    last = ends_at.astimezone(there) - timedelta.resolution
    return starts_at.astimezone(there).date(), last.date()


def calendar_file(
    name: str, windows: Iterable[WindowEntry], freezes: Iterable[FreezeEntry] = ()
) -> bytes:
    """The file, lines ended by CRLF and folded; zones are told by VTIMEZONE."""
    found = Calendar()
    found.add("prodid", _PRODUCT)
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("name", name)
    found.add("x-wr-calname", name)
    found.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for window in windows:
        found.add_component(_window(window))
    for freeze in freezes:
        found.add_component(_freeze(freeze))
    found.add_missing_timezones()
    return bytes(found.to_ical())


def _event(uid: str, version: int, changed_at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@interlock")
    event.add("sequence", version - 1)
    event.add("dtstamp", changed_at.astimezone(UTC))
    event.add("last-modified", changed_at.astimezone(UTC))
    return event


def _window(window: WindowEntry) -> Event:
    there = ZoneInfo(window.zone)
    event = _event(f"window-{window.key}", window.version, window.changed_at)
    event.add("summary", f"{window.code} {window.name}")
    event.add("dtstart", window.opens_at.astimezone(there))
    event.add("dtend", window.closes_at.astimezone(there))
    event.add("location", window.site)
    status = {"draft": "TENTATIVE", "cancelled": "CANCELLED"}.get(window.state, "CONFIRMED")
    event.add("status", status)
    lines = [f"Cut-off {window.cutoff_at.astimezone(there):%H:%M}, {window.cutoff}."]
    if window.no_return_at is not None:
        lines.append(f"Point of no return {window.no_return_at.astimezone(there):%H:%M}.")
    event.add("description", "\n".join(lines))
    if window.url:
        event.add("url", window.url)
    if status != "CANCELLED":
        event.add_component(_alarm(window.cutoff_at - CUTOFF_ALARM, f"{window.code}: {lines[0]}"))
        if window.no_return_at is not None:
            at = window.no_return_at - NO_RETURN_ALARM
            event.add_component(_alarm(at, f"{window.code}: {lines[1]}"))
    return event


def _alarm(at: datetime, text: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", at.astimezone(UTC), parameters={"VALUE": "DATE-TIME"})
    alarm.add("description", text)
    return alarm


def _freeze(freeze: FreezeEntry) -> Event:
    event = _event(f"rule-{freeze.rule}-{freeze.first:%Y%m%d}", freeze.version, freeze.changed_at)
    event.add("summary", f"{freeze.name} ({freeze.rule})")
    event.add("dtstart", freeze.first)
    event.add("dtend", freeze.last + _DAY)
    event.add("transp", "TRANSPARENT")
    event.add("categories", ["FREEZE", freeze.strength.upper()])
    return event
