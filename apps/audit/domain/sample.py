"""A sample that anybody draws again, with any tool, from the list and the seed alone.

1. Put the seed, a vertical bar and the code of the row together: "2611|CHG0530".
2. Take the SHA-256 of that text in UTF-8, as 64 hex digits.
3. Sort the rows by those digits; of two rows with the same code the one with the lower key is
   first.
4. The sample is the first rows of that order, as many as were asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Protocol, TypeVar

IN_WORDS = (
    "Rows are ordered by the SHA-256 of the seed, a vertical bar and the row's code, as hex "
    "digits; the sample is the first of them. Rows with the same code follow by their key."
)
SIZE_MOST = 500
SEED_LONGEST = 40


class Coded(Protocol):
    @property
    def code(self) -> str: ...

    @property
    def key(self) -> object: ...


R = TypeVar("R", bound=Coded)


def ticket(seed: str, code: str) -> str:
    """Where a row stands in the draw: 64 hex digits."""
    return hashlib.sha256(f"{seed}|{code}".encode()).hexdigest()


def sample(rows: Iterable[R], seed: str, size: int) -> list[R]:
    """The first `size` rows of the draw; all of them where there are no more."""
    return sorted(rows, key=lambda row: (ticket(seed, row.code), str(row.key)))[:size]
