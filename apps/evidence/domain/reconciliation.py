"""What a version of a record is held against, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.evidence.domain.canonical import digest

ROW_WITHOUT_ENTRY = "row_without_entry"
ENTRY_WITHOUT_ROW = "entry_without_row"
OTHER_DIGEST = "other_digest"
OTHER_HEAD = "other_head"
TWICE = "twice"
GONE = "gone"

IN_WORDS = {
    ROW_WITHOUT_ENTRY: "It is kept, and no entry tells of it.",
    ENTRY_WITHOUT_ROW: "An entry tells of it, and it is not kept.",
    OTHER_DIGEST: "What is kept is not what its entry tells.",
    OTHER_HEAD: "The record names another entry than its last.",
    TWICE: "It is kept more than once.",
    GONE: "Versions of it are kept, and the record is gone.",
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that does not agree: `subject` is the record, `seq` its version."""

    code: str
    subject: str
    seq: int

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "where": f"{self.subject} #{self.seq}",
                "text": IN_WORDS[self.code]}  # fmt: skip


def compared(
    subject: str,
    seq: int,
    values: Mapping[str, Any],
    told: Mapping[str, Any] | None,
    names: frozenset[str] | None,
) -> Iterator[Mismatch]:
    """Hold the `values` of a row against `told`, the "history" of its entry.

    `names` are the columns that the digest is over; None where they are not known, or where a
    column of then is there no more: then nothing can be said.
    """
    if told is None:
        yield Mismatch(ROW_WITHOUT_ENTRY, subject, seq)
    elif (
        names is not None
        and names <= values.keys()
        and digest({name: values[name] for name in names}) != told.get("sha256")
    ):
        yield Mismatch(OTHER_DIGEST, subject, seq)
