"""What every reader of a calendar hands over; lines count from 1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any, TypeAlias

#: Rows of one file; a longer one is no calendar of releases.
MOST_ROWS = 2_000
MOST_BYTES = 1_000_000
_NOT_IN_CODES = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the file does not say: whose clocks, what whole days are, how far series are drafted."""

    zone: str
    kind: str = "freeze"
    strength: str = "advisory"
    horizon_days: int = 28
    first_day: date = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule of the calendar; `values` are those of its service, without the site."""

    line: int
    code: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeriesRow:
    line: int
    code: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WindowRow:
    line: int
    code: str
    values: Mapping[str, Any]


Found: TypeAlias = RuleRow | SeriesRow | WindowRow


@dataclass(slots=True)
class Read:
    """All of a file. `skipped` counts what it holds that is nothing for the calendar."""

    rows: list[Found] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: int = 0


def code_of(name: str, identity: str, longest: int) -> str:
    """A code that is the same each time: what can be told of the name, and a digest of what makes
    the thing itself."""
    digest = sha256(identity.encode()).hexdigest()[:4].upper()
    told = _NOT_IN_CODES.sub("-", name.upper()).strip("-")
    return f"{told[: longest - 5].strip('-') or 'X'}-{digest}"


def clock_of(hours: float) -> time:
    """0.5 → 00:30. Raises ValueError outside a day."""
    minutes = round(hours * 60)
    if not 0 <= minutes < 24 * 60:
        raise ValueError(f"{hours:g} is no hour of a day.")
    return time(minutes // 60, minutes % 60)


def span_values(since: datetime, until: datetime) -> tuple[time, time, int]:
    """(opens, closes, whole days later) of a window on wall clocks. Raises ValueError."""
    length = until - since
    if not length:
        raise ValueError("It has no length.")
    if length.total_seconds() < 0:
        raise ValueError("It ends before it begins.")
    more = length.days - (1 if until.time() == since.time() else 0)
    return since.time(), until.time(), more
