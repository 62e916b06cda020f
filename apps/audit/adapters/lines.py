"""What every reader of a report says of a line that it cannot use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

ELEMENT = re.compile(r"[A-Z0-9@#$_.:-]{1,80}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong in a line, and what mends it."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.text}"


def moment(text: str, pattern: str, zone: ZoneInfo) -> datetime | None:
    """The moment on the clock of `zone`; None where the text is none."""
    try:
        read = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is set below
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=zone)
