"""What people type: bounded, without control characters, in one Unicode form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from apps.core.errors import Blocker, bad_input

#: Everything that is not printable but tab and line feed; also bidirectional overrides.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

LINE_MAX = 200
TEXT_MAX = 20_000


def tidy(value: str) -> str:
    """NFC form, `\\n` line ends, outer blanks gone."""
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def text_blockers(
    field: str, value: str, *, required: bool = False, longest: int = TEXT_MAX, label: str = ""
) -> Iterator[Blocker]:
    """Every reason why `value` cannot be stored as text."""
    name = label or field.replace("_", " ").capitalize()
    if required and not value.strip():
        yield bad_input(field, f"{name} is missing.", f"Enter {name.lower()}.", "required")
    if len(value) > longest:
        yield bad_input(
            field,
            f"{name} has {len(value):,} characters; {longest:,} fit.",
            "Shorten it, or attach the long text as a file.",
            "too_long",
        )
    found = _FORBIDDEN.search(value)
    if found:
        yield bad_input(
            field,
            f"{name} holds the control character U+{ord(found.group()):04X} "
            f"at position {found.start() + 1}.",
            "Remove it; paste as plain text.",
            "control_character",
        )
