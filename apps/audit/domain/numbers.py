"""The numbers of changes: which are missing between the lowest and the highest of a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

_CODE = re.compile(r"CHG(\d+)\Z")


def number_of(code: str) -> int | None:
    """The number in a code such as CHG0531; None for a code of another kind."""
    found = _CODE.match(code)
    return int(found[1]) if found else None


def code_of(number: int) -> str:
    return f"CHG{number:04d}"


def spans_missing(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of every run of numbers that is not there, lowest first."""
    for here, there in pairwise(sorted(set(numbers))):
        if there - here > 1:
            yield here + 1, there - 1
