"""The edges that rules, packages and people put between the steps of one night."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from apps.gates.domain.cycles import shortest_cycle
from apps.releases.domain.ordering.rule import OrderingRule, Scope, Step

MANUAL = "manual"
#: What names a step or an asset: anything that can be compared.
Key = Any


@dataclass(frozen=True, slots=True)
class Edge:
    """`after` does not begin before `before` is finished. `origins` are the codes of the rules
    that say so, or "manual"; `why` are their reasons, in the same order."""

    before: Key
    after: Key
    is_hard: bool
    origins: tuple[str, ...]
    why: tuple[str, ...]

    @property
    def pair(self) -> tuple[Key, Key]:
        return self.before, self.after


@dataclass(frozen=True, slots=True)
class PackageOrder:
    """That one package goes before another, for the assets they share (every asset if none)."""

    rule: str
    before: Key
    after: Key
    why: str
    assets: frozenset[Key] = frozenset()
    is_hard: bool = True


@dataclass(frozen=True, slots=True)
class Cycle:
    """Steps that wait for each other: labels with the first repeated, and the rules between."""

    labels: tuple[str, ...]
    origins: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        links = (
            f"{label} → ({', '.join(rules)}) → "
            for label, rules in zip(self.labels, self.origins, strict=False)
        )
        return "".join(links) + self.labels[-1]


@dataclass(slots=True)
class _Edges:
    """Edges while they are gathered: one for each pair, hard as soon as one origin is."""

    found: dict[tuple[Key, Key], Edge] = field(default_factory=dict)

    def add(self, before: Key, after: Key, origin: str, why: str, *, is_hard: bool) -> None:
        known = self.found.get((before, after))
        if known is None:
            self.found[before, after] = Edge(before, after, is_hard, (origin,), (why,))
        elif origin not in known.origins:
            self.found[before, after] = replace(
                known,
                is_hard=known.is_hard or is_hard,
                origins=(*known.origins, origin),
                why=(*known.why, why),
            )


def derive(
    steps: Sequence[Step],
    rules: Iterable[OrderingRule],
    *,
    relations: Iterable[tuple[Key, str, Key]] = (),
    packages: Iterable[PackageOrder] = (),
    manual: Iterable[tuple[Key, Key, bool, str]] = (),
    set_aside: Iterable[tuple[Key, Key]] = (),
) -> tuple[Edge, ...]:
    """Every edge between `steps`, with everything that says so.

    `relations` are (source, kind, target) between assets; `manual` are (before, after, is hard,
    reason); `set_aside` are pairs whose soft edge somebody dropped: where a hard rule says the
    same it stays. The edges come in the order of the labels of their steps.
    """
    edges = _Edges()
    known = list(relations)
    for rule in rules:
        for before, after in _pairs(steps, rule, known):
            why = rule.title or rule.why
            edges.add(before.key, after.key, rule.code, why, is_hard=rule.is_hard)
    for order in packages:
        for before, after in _between(steps, order):
            edges.add(before.key, after.key, order.rule, order.why, is_hard=order.is_hard)
    there = {step.key for step in steps}
    for first, then, is_hard, reason in manual:
        if first in there and then in there:
            edges.add(first, then, MANUAL, reason, is_hard=is_hard)
    dropped = set(set_aside)
    label = {step.key: step.label for step in steps}
    return tuple(
        sorted(
            (e for e in edges.found.values() if e.is_hard or e.pair not in dropped),
            key=lambda edge: (label[edge.before], label[edge.after]),
        )
    )


def reduced(edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """The edges that no longer way says already: what a picture has to show.

    The order of an acyclic plan is the same without the others (transitive reduction).
    There is no such thing for steps on a cycle: then every edge is needed.
    """
    behind: dict[Key, list[Key]] = defaultdict(list)
    after: dict[Key, set[Key]] = {}
    for edge in edges:
        behind[edge.before].append(edge.after)
        after.setdefault(edge.before, set())
        after.setdefault(edge.after, set()).add(edge.before)
    try:
        order = list(TopologicalSorter(after).static_order())
    except CycleError:
        return tuple(edges)
    place = {key: number for number, key in enumerate(order)}
    # What each step reaches, as the bits of one whole number: hundreds of steps stay cheap.
    reached: dict[Key, int] = {}
    needed: set[tuple[Key, Key]] = set()
    for key in reversed(order):
        mask = 0
        for then in sorted(behind[key], key=place.__getitem__):
            if not mask >> place[then] & 1:
                needed.add((key, then))
                mask |= reached[then]
        reached[key] = mask | 1 << place[key]
    return tuple(edge for edge in edges if edge.pair in needed)


def cycle_of(steps: Sequence[Step], edges: Sequence[Edge]) -> Cycle | None:
    """A shortest cycle of the edges, with the rules that close it; None when there is none."""
    if not _is_cyclic(edges):
        return None
    key_of = {f"{step.label}\n{step.key}": step.key for step in steps}
    name = {key: text for text, key in key_of.items()}
    before: dict[str, list[str]] = {text: [] for text in key_of}
    for edge in edges:
        before[name[edge.after]].append(name[edge.before])
    cycle = shortest_cycle(before)
    if not cycle:
        return None
    way = (*cycle, cycle[0])
    origins = {edge.pair: edge.origins for edge in edges}
    return Cycle(
        tuple(each.partition("\n")[0] for each in way),
        tuple(origins[key_of[one], key_of[then]] for one, then in pairwise(way)),
    )


def _is_cyclic(edges: Iterable[Edge]) -> bool:
    """Asked first: to look for a shortest cycle in a large order that has none takes long."""
    after: dict[Key, set[Key]] = defaultdict(set)
    for edge in edges:
        after[edge.after].add(edge.before)
    try:
        TopologicalSorter(after).prepare()
    except CycleError:
        return True
    return False


def _pairs(
    steps: Sequence[Step], rule: OrderingRule, relations: Sequence[tuple[Key, str, Key]]
) -> Iterator[tuple[Step, Step]]:
    firsts = [step for step in steps if step.type in rule.before]
    thens = [step for step in steps if step.type in rule.after]
    if not firsts or not thens:
        return
    near, hops = _surroundings(relations, rule)
    for first in firsts:
        reached = _within(near, first.targets, hops) if hops else frozenset()
        for then in thens:
            if first is not then and all(
                _is_about(scope, first, then, reached) for scope in rule.scopes
            ):
                yield first, then


def _surroundings(
    relations: Sequence[tuple[Key, str, Key]], rule: OrderingRule
) -> tuple[Mapping[Key, set[Key]], int]:
    if Scope.RELATED not in rule.scopes:
        return {}, 0
    via, hops = rule.reach
    return _neighbours(relations, via), hops


def _is_about(scope: Scope, first: Step, then: Step, reached: frozenset[Key]) -> bool:
    match scope:
        case Scope.WINDOW:
            return True
        case Scope.PACKAGE:
            return first.package == then.package
        case Scope.ASSET:
            return not first.targets.isdisjoint(then.targets)
        case Scope.RELATED:
            return not reached.isdisjoint(then.targets)
        case Scope.REGION:
            return first.subsystem is not None and first.subsystem == then.subsystem


def _between(steps: Sequence[Step], order: PackageOrder) -> Iterator[tuple[Step, Step]]:
    """The last steps of the one package that alter the shared assets before the first of the
    other: every pair, of which the reduction keeps what is needed."""

    def altering(package: Key) -> list[Step]:
        return [
            step
            for step in steps
            if step.package == package
            and step.alters
            and (not order.assets or not order.assets.isdisjoint(step.targets | step.carries))
        ]

    for first in altering(order.before):
        for then in altering(order.after):
            yield first, then


def _neighbours(
    relations: Iterable[tuple[Key, str, Key]], kinds: frozenset[str]
) -> Mapping[Key, set[Key]]:
    near: dict[Key, set[Key]] = defaultdict(set)
    for source, kind, target in relations:
        if kind in kinds:
            near[source].add(target)
            near[target].add(source)
    return near


def _within(near: Mapping[Key, set[Key]], start: frozenset[Key], hops: int) -> frozenset[Key]:
    """Everything at most so many relations away from one of `start`, itself included."""
    seen = set(start)
    queue = deque((key, 0) for key in start)
    while queue:
        key, far = queue.popleft()
        if far == hops:
            continue
        for other in near.get(key, ()):
            if other not in seen:
                seen.add(other)
                queue.append((other, far + 1))
    return frozenset(seen)
