"""How long what is kept, and what a hold keeps longer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

#: Stands among labels of subjects for the files of exhibits.
FILE = "file"
YEARS_LEAST, YEARS_MOST = 1, 99
#: Days until another term is acted on, so that a mistake is noticed before anything is gone.
SETTLES_AFTER_DAYS = 30

HELD, RELEASED = "held", "released"
HOLD_STATES = ((HELD, "Held"), (RELEASED, "Released"))
PROPOSED, DONE, REFUSED = "proposed", "done", "refused"
REDACTION_STATES = ((PROPOSED, "Proposed"), (DONE, "Erased"), (REFUSED, "Refused"))

#: Code, name, labels (none: every other), years, and why so long.
DELIVERED: tuple[tuple[str, str, tuple[str, ...], int, str], ...] = (
    ("RECORDS", "Changes, releases and everything else", (), 7,
     "Financial reporting controls are audited over seven years (Sarbanes-Oxley practice)."),
    ("ACCESS", "Refusals and reads", ("refusal", "read"), 2,
     "PCI DSS 10.5.1 asks for twelve months; two years cover the audit of the year before."),
    ("FILES", "Files of exhibits", (FILE,), 7, "As long as the records that they prove."),
)  # fmt: skip


def gone_before(now: datetime, years: int) -> datetime:
    """What happened before this moment may go `now`; on 29 February, before the 28th of then."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)


def is_held(scopes: Collection[str], subject: str, about: str) -> bool:
    """Whether one of the `scopes` of holds covers what is about `subject`, or `about` another.

    A scope is "" (everything), a label ("change") or a record ("change:<id>").
    """
    labels = {subject.partition(":")[0], about.partition(":")[0]}
    touched = {subject, about, *labels} - {""}
    return "" in scopes or not touched.isdisjoint(scopes)


def versions_of(text: str) -> list[int] | None:
    """The numbers in "3, 5-7"; None for what is no list of versions."""
    found: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            return None
        low, high = int(first), int(last or first)
        if not 1 <= low <= high <= low + 1_000:
            return None
        found.update(range(low, high + 1))
    return sorted(found)
