"""The file of invariants, read: rules in words, each with the query that finds what breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEAD = re.compile(r"-- (I\d+[a-z]?) (.+)")
_FLAG = re.compile(r"-- (only): (.+)")


@dataclass(frozen=True, slots=True)
class Invariant:
    """One rule; `only_live`: it is asked of a ledger in use, not in a demo or a test."""

    code: str
    rule: str
    query: str
    only_live: bool = False


def read_invariants(text: str) -> Iterator[Invariant]:
    """Each block of the file that begins with "-- I<number>"; others are remarks."""
    for block in re.split(r"\n\s*\n(?=-- I\d)", text):
        lines = block.strip().splitlines()
        head = _HEAD.fullmatch(lines[0])
        if head is None:
            continue
        comments = [line for line in lines[1:] if line.startswith("--")]
        flags = {found[1]: found[2] for line in comments if (found := _FLAG.fullmatch(line))}
        words = [line[3:] for line in comments if not _FLAG.fullmatch(line)]
        query = "\n".join(line for line in lines if not line.startswith("--"))
        yield Invariant(
            code=head[1],
            rule=" ".join([head[2], *words]),
            query=query.rstrip().rstrip(";"),
            only_live=flags.get("only") == "live",
        )
