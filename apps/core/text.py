"""What people type: bounded, without control characters, in one Unicode form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from apps.core.errors import Blocker, bad_input

#: Everything that is not printable but tab and line feed; also bidirectional overrides.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_QUESTION = re.compile("(what|why|who|how|when|where|which)\\b", re.IGNORECASE)
#: Labels that are no single thing: several, a verb, or words around a preposition.
_NO_THING = re.compile(
    r"^(from|until|to|by|at|on|in|is|has|may)\b|\b(at|on|to|by|up|done|criteria)$|[^sui]s$",
    re.IGNORECASE,
)

LINE_MAX = 200
TEXT_MAX = 20_000


def tidy(value: str) -> str:
    """NFC form, `\\n` line ends, outer blanks gone."""
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def missing(label: str) -> tuple[str, str]:
    """What is said of an input that was left empty, and the way out, in whole sentences whatever
    its label is: a thing ("Reason"), a question ("What happened"), or anything else ("Ended at").
    """
    name = label.partition(" (")[0].strip()
    plain = name if name[1:2].isupper() else name[:1].lower() + name[1:]
    if _QUESTION.match(plain):
        return f"It does not say {plain}.", f"Enter {plain}."
    if _NO_THING.search(plain):
        return f"“{label[:1].upper()}{label[1:]}” is empty.", "Fill it in."
    article = "an" if plain[:1].lower() in "aeio" else "a"
    return f"The {plain} is missing.", f"Enter {article} {plain}."


def day_in_words(moment: date) -> str:
    """Tue 17 Nov 2026: a day in a text that is kept."""
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def text_blockers(
    field: str, value: str, *, required: bool = False, longest: int = TEXT_MAX, label: str = ""
) -> Iterator[Blocker]:
    """Every reason why `value` cannot be stored as text."""
    name = label or field.replace("_", " ").capitalize()
    if required and not value.strip():
        yield bad_input(field, *missing(name), "required")
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
