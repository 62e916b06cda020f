"""What a channel carries, and the words that fit in it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Letter:
    """`key` is the same each time the letter is sent, so that a receiver can drop a second copy."""

    key: str
    address: str
    subject_line: str
    text: str


class Undeliverable(Exception):
    """Trying again will not help; the text says why."""


def one_line(text: str, longest: int) -> str:
    """`text` fit for a header: line breaks and other controls become blanks, the end is cut."""
    printable = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") else sign for sign in text
    )
    line = " ".join(printable.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def wall_clock(moment: datetime, zone: str) -> str:
    """ "Sat 21 Nov 2026 22:00 (Europe/Amsterdam)": a message is read on another day."""
    there = moment.astimezone(ZoneInfo(zone))
    return f"{there:%a} {there.day} {there:%b %Y %H:%M} ({zone})"


def hour_there(moment: datetime, zone: str) -> str:
    """ "04:50", where the same text tells the day."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def day_there(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()
