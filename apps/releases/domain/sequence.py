"""When the steps of a plan run if everything goes as planned, and in which order to read them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Timed:
    """A step with its length in minutes, its predecessors and, where set, its own start."""

    key: Hashable
    label: str
    minutes: int
    after: frozenset[Hashable] = frozenset()
    not_before_at: datetime | None = None
    starts_at: datetime | None = None


def forward_times(
    steps: Iterable[Timed], opens_at: datetime
) -> dict[Hashable, tuple[datetime, datetime]]:
    """(start, end) by key: each step as early as its predecessors let it, or where it is pinned.

    Predecessors outside `steps` do not count. Steps on a cycle, and those behind it, are left out.
    """
    waiting = {step.key: step for step in steps}
    known = set(waiting)
    times: dict[Hashable, tuple[datetime, datetime]] = {}
    while waiting:
        free = [s for s in waiting.values() if not (s.after & known) - times.keys()]
        if not free:
            break
        for step in free:
            earliest = [times[key][1] for key in step.after & known]
            if step.not_before_at is not None:
                earliest.append(step.not_before_at)
            start = step.starts_at or max([opens_at, *earliest])
            times[step.key] = (start, start + timedelta(minutes=step.minutes))
            del waiting[step.key]
    return times


def behind(keys: Iterable[K], after: Mapping[K, Iterable[K]]) -> frozenset[K]:
    """Everything that waits, over any number of edges, for one of `keys`."""
    followers: dict[K, set[K]] = {}
    for key, predecessors in after.items():
        for predecessor in predecessors:
            followers.setdefault(predecessor, set()).add(key)
    return ahead(keys, followers)


def ahead(keys: Iterable[K], after: Mapping[K, Iterable[K]]) -> frozenset[K]:
    """Everything that one of `keys` waits for, over any number of edges."""
    found: set[K] = set()
    queue = list(keys)
    while queue:
        for key in after.get(queue.pop(), ()):
            if key not in found:
                found.add(key)
                queue.append(key)
    return frozenset(found)
