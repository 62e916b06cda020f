"""Cycles in a small directed graph."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import TypeVar
from uuid import UUID

K = TypeVar("K", str, UUID)


def shortest_cycle(after: Mapping[K, Iterable[K]]) -> tuple[K, ...]:
    """The nodes of a shortest cycle, each once, in the order in which they run; () when none.

    `after` gives each node its predecessors; those that are no node themselves do not count.
    Among cycles of one length the one with the smallest first node is named.
    """
    best: tuple[K, ...] = ()
    for start in sorted(after):
        found = _cycle_through(start, after, len(best))
        if found:
            best = found
    return best


def _cycle_through(start: K, after: Mapping[K, Iterable[K]], shorter_than: int) -> tuple[K, ...]:
    """A shortest cycle through `start`, if it is shorter than that (0: of any length)."""
    followed_by: dict[K, K] = {}
    queue = deque([(start, 1)])
    while queue:
        node, length = queue.popleft()
        if shorter_than and length >= shorter_than:
            return ()
        for predecessor in sorted(set(after[node]) & after.keys()):
            if predecessor == start:
                return _walk(start, node, followed_by)
            if predecessor not in followed_by:
                followed_by[predecessor] = node
                queue.append((predecessor, length + 1))
    return ()


def _walk(start: K, first: K, followed_by: Mapping[K, K]) -> tuple[K, ...]:
    """From `start`, which runs before `first`, forward until it comes round."""
    path, node = [start], first
    while node != start:
        path.append(node)
        node = followed_by[node]
    return tuple(path)
