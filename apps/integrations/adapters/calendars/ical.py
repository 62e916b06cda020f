"""iCalendar files (RFC 5545): whole days and transparent times are rules, other times windows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from icalendar import Event

from apps.core.recurrence import days_from
from apps.integrations.adapters.calendars.rows import (
    MOST_ROWS,
    Defaults,
    Found,
    Problem,
    Read,
    RuleRow,
    SeriesRow,
    WindowRow,
    code_of,
    span_values,
)
from apps.windows.domain.local_time import to_wall

_DAY = timedelta(days=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_KINDS = ("HOLIDAY", "FREEZE", "BLACKOUT", "MAINTENANCE", "PAYDAY")
_MOST_COUNTED = 400


class _Bad(ValueError):
    """An event that cannot be entered, with the sentence why."""


def read(text: str, defaults: Defaults) -> Read:
    """Every VEVENT of the file; a bad one is a problem at the line where it begins."""
    found = Read()
    if "BEGIN:VCALENDAR" not in text[:2_000].upper():
        found.problems.append(Problem(1, "This is no iCalendar file: BEGIN:VCALENDAR is missing."))
        return found
    for line, block in _events(text):
        if len(found.rows) >= MOST_ROWS:
            found.problems.append(Problem(line, f"A file holds at most {MOST_ROWS:,} events."))
            break
        try:
            row = _row(line, _parsed(block), defaults)
        except _Bad as bad:
            found.problems.append(Problem(line, str(bad)))
            continue
        if row is None:
            found.skipped += 1
        else:
            found.rows.append(row)
    return found


def _events(text: str) -> Iterator[tuple[int, str]]:
    """(line, text) of each VEVENT."""
    block: list[str] = []
    begin = 0
    for number, line in enumerate(text.splitlines(), start=1):
        word = line.strip().upper()
        if word == "BEGIN:VEVENT":
            block, begin = [line], number
        elif begin:
            block.append(line)
            if word == "END:VEVENT":
                yield begin, "\r\n".join([*block, ""])
                begin = 0
    if begin:
        yield begin, "\r\n".join([*block, ""])


def _parsed(block: str) -> Event:
    try:
        event = Event.from_ical(block)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise _Bad(f"This event cannot be read: {str(error)[:120]}") from None
    if not isinstance(event, Event):
        raise _Bad("This event has no end: END:VEVENT is missing.")
    broken = [f"{name}: {why}" for name, why in event.errors if name != "COMMENT"]
    if broken:
        raise _Bad(f"This event cannot be read: {broken[0][:120]}")
    return event


def _row(line: int, event: Event, defaults: Defaults) -> Found | None:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    for name in ("RECURRENCE-ID", "RDATE", "EXRULE"):
        if name in event:
            raise _Bad(f"{name} is not read. Enter that event by hand, and take it out of the file")
    name = " ".join(str(event.get("SUMMARY", "")).split())[:120]
    uid = str(event.get("UID", ""))
    if not name or not uid:
        raise _Bad(f"It has no {'SUMMARY' if not name else 'UID'}.")
    start, end = _times(event, defaults.zone)
    rules = event.get("RRULE")
    if isinstance(rules, list):
        raise _Bad("It has more than one RRULE.")
    rule = rules.to_ical().decode() if rules is not None else ""
    if not isinstance(start, datetime):
        return RuleRow(line, code_of(name, uid, 20),
                       _days(event, name, start, end, rule, defaults))  # fmt: skip
    assert isinstance(end, datetime)
    zone = str(event["DTSTART"].params.get("TZID") or "UTC")
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return RuleRow(line, code_of(name, uid, 20),
                       _hours(event, name, start, end, rule, zone, defaults))  # fmt: skip
    if not rule:
        at = {"opens_at": start, "closes_at": end}
        if end <= start:
            raise _Bad("It ends before it begins.")
        return WindowRow(line, code_of(name, uid, 20), {"name": name, "zone": zone, **at})
    return SeriesRow(line, code_of(name, uid, 12), _series(event, name, start, end, rule, zone,
                                                           defaults))  # fmt: skip


def _times(event: Event, zone: str) -> tuple[date, date]:
    """First and end; both are days, or both are moments that know their zone."""
    try:
        start, end = event.start, event.end
    except Exception as error:  # noqa: BLE001  # its errors have no common class of their own
        raise _Bad(f"Its times cannot be read: {str(error)[:120]}") from None
    if isinstance(start, datetime):
        asked = event["DTSTART"].params.get("TZID")
        if start.tzinfo is None and asked:
            raise _Bad(f"There is no time zone {str(asked)[:40]!r}.")
        if start.tzinfo is None or not isinstance(end, datetime) or end.tzinfo is None:
            raise _Bad(f"Its times float: say their zone, such as TZID={zone}.")
    if not 1990 <= start.year < 2200:
        raise _Bad("This is no year of a release.")
    return start, end


def _kind(event: Event, defaults: Defaults) -> tuple[str, str]:
    """Kind and strength: by the event's categories, where they say it."""
    told = event.get("CATEGORIES")
    lists = told if isinstance(told, list) else [told] if told is not None else []
    words = {str(word).upper() for each in lists for word in each.cats}
    kind = next((word.lower() for word in _KINDS if word in words), defaults.kind)
    strength = next((w for w in ("hard", "approval", "advisory") if w.upper() in words),
                    "advisory" if kind in ("holiday", "payday") else defaults.strength)  # fmt: skip
    return kind, strength


def _rule(event: Event, name: str, defaults: Defaults) -> dict[str, Any]:
    kind, strength = _kind(event, defaults)
    return {"name": name, "kind": kind, "strength": strength,
            "reason": f"It stands in the calendar that was imported: {name}."}  # fmt: skip


def _days(
    event: Event, name: str, start: date, end: date, rule: str, defaults: Defaults
) -> dict[str, Any]:
    last = max(end - _DAY, start)
    values = {**_rule(event, name, defaults), "zone": defaults.zone}
    if not rule:
        return {**values, "dates": [_period(start, last)]}
    if last > start:
        raise _Bad("A recurrence of more than one day each is not read. List the days instead.")
    return {**values, **_recurrence(rule, start)}


def _period(first: date, last: date) -> str:
    return first.isoformat() if first == last else f"{first}/{last}"


def _hours(
    event: Event, name: str, start: datetime, end: datetime, rule: str, zone: str,
    defaults: Defaults,
) -> dict[str, Any]:  # fmt: skip
    if not timedelta() < end - start <= _DAY:
        raise _Bad("A transparent time lasts up to a day; enter whole days for more.")
    begins, ends = to_wall(start, zone), to_wall(end, zone)
    values = {**_rule(event, name, defaults), "zone": zone,
              "starts_time": begins.time(), "ends_time": ends.time()}  # fmt: skip
    if rule:
        return {**values, **_recurrence(rule, begins.date())}
    return {**values, "dates": [begins.date().isoformat()]}


def _recurrence(rule: str, first: date) -> dict[str, Any]:
    """A rule of the calendar has its end beside it: UNTIL and COUNT become its last day."""
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    until, count = parts.pop("UNTIL", ""), parts.pop("COUNT", "")
    days = _named(parts, first)
    last: date | None = None
    try:
        if until:
            last = date.fromisoformat(until[:8])
        if count:
            if int(count) > _MOST_COUNTED:
                raise _Bad(f"COUNT is more than {_MOST_COUNTED}. End it by UNTIL.")
            counted = days_from(days, first, first)
            last = [day for _, day in zip(range(int(count)), counted, strict=False)][-1]
    except (ValueError, TypeError, IndexError) as error:
        raise _Bad(f"Its RRULE cannot be read: {str(error)[:120]}") from None
    return {"recurrence": days, "first_day": first, "last_day": last}


def _named(parts: dict[str, str], first: date) -> str:
    """The rule with the days that RFC 5545 takes from the first one."""
    if parts.get("INTERVAL") == "1":
        parts.pop("INTERVAL")
    frequency, named = parts.get("FREQ"), [p for p in parts if p.startswith("BY")]
    if not named and frequency == "WEEKLY":
        parts["BYDAY"] = _WEEKDAYS[first.weekday()]
    elif not named and frequency == "MONTHLY":
        parts["BYMONTHDAY"] = str(first.day)
    elif frequency == "YEARLY" and named in ([], ["BYMONTH"]):
        parts.setdefault("BYMONTH", str(first.month))
        parts["BYMONTHDAY"] = str(first.day)
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _series(
    event: Event, name: str, start: datetime, end: datetime, rule: str, zone: str,
    defaults: Defaults,
) -> dict[str, Any]:  # fmt: skip
    begins, ends = to_wall(start, zone), to_wall(end, zone)
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    kept = {name: parts.pop(name) for name in ("UNTIL", "COUNT") if name in parts}
    days = _named(parts, begins.date())
    try:
        opens, closes, more = span_values(begins, ends)
    except ValueError as error:
        raise _Bad(str(error)) from None
    return {
        "name": name,
        "zone": zone,
        "recurrence": ";".join([days, *(f"{n}={v}" for n, v in kept.items())]),
        "first_day": begins.date(),
        "horizon_days": defaults.horizon_days,
        "left_out": sorted(_left_out(event, zone)),
        "opens_time": opens,
        "closes_time": closes,
        "more_days": more,
    }


def _left_out(event: Event, zone: str) -> set[str]:
    told = event.get("EXDATE")
    lists = told if isinstance(told, list) else [told] if told is not None else []
    found = set()
    for each in lists:
        for entry in each.dts:
            at: date | datetime | time = entry.dt
            if isinstance(at, datetime):
                at = to_wall(at, zone).date() if at.tzinfo else at.date()
            if isinstance(at, date):
                found.add(at.isoformat())
    return found
