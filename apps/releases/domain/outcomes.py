"""Releases that did not go as planned, by how they went and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: How it went → the words; a release can be in several.
WAYS: dict[str, str] = {
    "failed": "Failed",
    "backed_out": "Backed out",
    "delayed": "Delayed",
    "emergency": "Emergency",
}


@dataclass(frozen=True, slots=True)
class Released:
    """One package in one way. `at` is its window's opening, or when it began or was made."""

    key: Any
    code: str
    name: str
    way: str
    cause: str
    text: str
    window: str
    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Group:
    """The releases of one way with one cause, the newest first."""

    way: str
    cause: str
    releases: tuple[Released, ...]


def grouped(releases: Iterable[Released]) -> list[Group]:
    """By way in the order of `WAYS`, then by cause, the most frequent first."""
    rows = sorted(releases, key=lambda row: (row.at, row.code), reverse=True)
    counts = Counter((row.way, row.cause) for row in rows)
    ways = list(WAYS)
    order = sorted(counts, key=lambda each: (ways.index(each[0]), -counts[each], each[1]))
    return [
        Group(way, cause, tuple(row for row in rows if (row.way, row.cause) == (way, cause)))
        for way, cause in order
    ]
