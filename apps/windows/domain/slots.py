"""Where a window would fit between others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


def nearest_free(
    opens_at: datetime,
    closes_at: datetime,
    busy: Iterable[tuple[datetime, datetime]],
    earliest: datetime,
) -> tuple[datetime, datetime] | None:
    """The free time of the same length nearest to the wanted opening and not before `earliest`,
    next to one of the `busy` times; None where all of those are taken."""
    taken = sorted(busy)
    length = closes_at - opens_at
    starts = [end for _, end in taken] + [start - length for start, _ in taken]
    free = [
        start
        for start in starts
        if start >= earliest
        and not any(start < ends and begins < start + length for begins, ends in taken)
    ]
    if not free:
        return None
    best = min(free, key=lambda start: (abs(start - opens_at), start))
    return best, best + length
