"""Slots of a week, as Wikimedia's deployment calendar has them (CSV).

A slot of a whole day is a day without deployments, any other a series of windows. A slot of
another schedule than the usual one is entered too, but is not in force.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta

from apps.integrations.adapters.calendars.rows import (
    MOST_ROWS,
    Defaults,
    Problem,
    Read,
    RuleRow,
    SeriesRow,
    clock_of,
    code_of,
    span_values,
)

COLUMNS = ("schedule", "weekday", "start_hour", "length_hours", "window_key", "title")
USUAL = "schedule"
_DAYS = {"mon": "MO", "tue": "TU", "wed": "WE", "thu": "TH", "fri": "FR", "sat": "SA", "sun": "SU"}
_LINK = re.compile(r"\[\[[^\]|]*\|?\s*([^\]]*)\]?\]?")
_Key = tuple[str, str, float, float]


def read(text: str, defaults: Defaults) -> Read:
    found = Read()
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        found.problems.append(Problem(1, f"The columns are: {', '.join(COLUMNS)}."))
        return found
    slots: dict[_Key, tuple[int, set[str], str]] = {}
    for row in reader:
        line = reader.line_num
        if line > MOST_ROWS:
            found.problems.append(Problem(line, f"A file holds at most {MOST_ROWS:,} slots."))
            break
        try:
            key, days = _slot(row)
        except ValueError as error:
            found.problems.append(Problem(line, str(error)))
            continue
        slots.setdefault(key, (line, set(), row["title"]))[1].update(days)
    for key, (line, days, title) in slots.items():
        found.rows.append(_row(key, line, days, title, defaults))
    return found


def _slot(row: dict[str, str]) -> tuple[_Key, set[str]]:
    """Raises ValueError with a sentence."""
    if None in row.values() or None in row:
        raise ValueError(f"{len(COLUMNS)} columns are expected.")
    first, _, last = row["weekday"].partition("-")
    names = list(_DAYS)
    if first not in names or (last or first) not in names[names.index(first) :]:
        raise ValueError(f"{row['weekday'][:20]!r} are no weekdays; enter mon, or mon-wed.")
    if not re.fullmatch(r"\w{1,60}", row["window_key"]):
        raise ValueError(f"{row['window_key'][:40]!r} is no key of a slot.")
    start, length = _hours(row["start_hour"]), _hours(row["length_hours"])
    if not (0 <= start < 24 and 0 < length <= 24):
        raise ValueError("A slot starts at 0 to 23.5 and is up to 24 hours long.")
    days = names[names.index(first) : names.index(last or first) + 1]
    return (row["schedule"], row["window_key"], start, length), {_DAYS[day] for day in days}


def _hours(text: str) -> float:
    """The number; one that cannot be for what is none."""
    return float(text) if re.fullmatch(r"\d{1,2}(\.\d{1,2})?", text.strip()) else -1.0


def _row(
    key: _Key, line: int, days: set[str], title: str, defaults: Defaults
) -> RuleRow | SeriesRow:
    schedule, slot, start, length = key
    name = _LINK.sub(r"\1", title).strip(" -\u2013")[:90] or slot
    recurrence = ",".join(day for day in _DAYS.values() if day in days)
    if schedule != USUAL:
        name = f"{name} ({schedule})"
    identity = f"{schedule}/{slot}/{start:g}/{length:g}"
    if start == 0 and length == 24:
        values = {
            "name": name[:120], "kind": "blackout", "strength": "hard", "zone": defaults.zone,
            "recurrence": recurrence, "reason": name[:120], "is_active": schedule == USUAL,
        }  # fmt: skip
        return RuleRow(line, code_of(slot, identity, 20), values)
    begins = datetime.combine(defaults.first_day, clock_of(start))
    opens, closes, more = span_values(begins, begins + timedelta(hours=length))
    values = {
        "name": name[:120], "zone": defaults.zone, "recurrence": recurrence,
        "first_day": defaults.first_day, "horizon_days": defaults.horizon_days,
        "opens_time": opens, "closes_time": closes, "more_days": more, "left_out": [],
        "is_active": schedule == USUAL,
    }  # fmt: skip
    initials = "".join(word[0] for word in slot.split("_") if word) if "_" in slot else slot
    return SeriesRow(line, code_of(initials, identity, 12), values)
