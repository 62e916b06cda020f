"""What deriving again would change of the edges that a night already has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.releases.domain.ordering.derivation import Edge, Key


@dataclass(frozen=True, slots=True)
class Held:
    """An edge as it was derived before; `reasons` are (rule, why). `row` is what keeps it."""

    row: Any
    before: Key
    after: Key
    is_hard: bool
    reasons: tuple[tuple[str, str], ...] = ()
    is_dropped: bool = False

    @property
    def pair(self) -> tuple[Key, Key]:
        return self.before, self.after


@dataclass(frozen=True, slots=True)
class Difference:
    """`changed` edges are told by other rules now, or as strongly as they were not; a dropped one
    among them that became hard holds again. `kept` are as they were, `dropped` stay dropped."""

    added: tuple[Edge, ...] = ()
    changed: tuple[tuple[Held, Edge], ...] = ()
    removed: tuple[Held, ...] = ()
    kept: tuple[Held, ...] = ()
    dropped: tuple[Held, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed)

    @property
    def back(self) -> tuple[Edge, ...]:
        """Edges that were dropped and hold again, because a rule is hard now."""
        return tuple(edge for held, edge in self.changed if held.is_dropped and edge.is_hard)


def difference(derived: Sequence[Edge], held: Iterable[Held]) -> Difference:
    """`derived` are the edges of rules alone, those that were dropped among them."""
    known = {each.pair: each for each in held}
    found = _Found()
    for edge in derived:
        before = known.pop(edge.pair, None)
        if before is None:
            found.added.append(edge)
            continue
        stays_dropped = before.is_dropped and not edge.is_hard
        if stays_dropped:
            found.dropped.append(before)
        if _is_same(before, edge):
            if not stays_dropped:
                found.kept.append(before)
        else:
            found.changed.append((before, edge))
    return Difference(
        tuple(found.added), tuple(found.changed), tuple(known.values()), tuple(found.kept),
        tuple(found.dropped),
    )  # fmt: skip


@dataclass(slots=True)
class _Found:
    added: list[Edge] = field(default_factory=list)
    changed: list[tuple[Held, Edge]] = field(default_factory=list)
    kept: list[Held] = field(default_factory=list)
    dropped: list[Held] = field(default_factory=list)


def _is_same(held: Held, edge: Edge) -> bool:
    return held.is_hard == edge.is_hard and held.reasons == tuple(
        zip(edge.origins, edge.why, strict=True)
    )
