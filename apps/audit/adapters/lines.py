"""What every reader of a report says of a line that it cannot use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from apps.audit.domain.moved import Move

ELEMENT = re.compile(r"[A-Z0-9@#$_.:-]{1,80}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong in a line, and what mends it."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.text}"


#: Fields of a move → how many characters are kept of them.
LONGEST = {
    "element_type": ("type", 20), "version": ("version", 40), "scm_package": ("package", 60),
    "job": ("job", 8), "user": ("user", 20),
}  # fmt: skip


def fitting(move: Move) -> Move | Wrong:
    """The move, or which of its texts is longer than the report's columns are."""
    for field, (name, longest) in LONGEST.items():
        if len(getattr(move, field)) > longest:
            return Wrong(move.line, f"“{name}” is longer than {longest} characters.")
    return move


def moment(text: str, pattern: str, zone: ZoneInfo) -> datetime | None:
    """The moment on the clock of `zone`; None where the text is none."""
    try:
        read = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is set below
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=zone)
