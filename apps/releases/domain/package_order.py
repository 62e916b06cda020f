"""Which package has to go before which: declared, built on each other, or versions in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, pairwise
from uuid import UUID

from apps.releases.domain.baseline import is_older, numbers
from apps.releases.domain.ordering.derivation import PackageOrder
from apps.releases.domain.sequence import behind

#: Relations that make what depends on an asset wait for it, read from the asset itself.
BUILD_PARENTS: Mapping[str, str] = {
    "copies": "copied by",
    "calls": "called by",
    "refers_dbd": "referred to by",
    "built_from": "built into",
}


@dataclass(frozen=True, slots=True)
class Holding:
    """An asset in the scope of a package, with the version it gets and the one that this was built
    on; empty while nobody knows."""

    asset: UUID
    name: str
    to_version: str
    built_on: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """A package with its scope; `opens_at` is when its window does, None where nobody knows."""

    key: UUID
    code: str
    opens_at: datetime | None = None
    holdings: tuple[Holding, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one package goes first: the rule of order, X01 built from it, X02 the versions of one
    asset, "order" declared by people. `missed` is what is wrong when it does not come at all;
    empty where the other one does without it, and `asset` what of the other one rests on it."""

    rule: str
    text: str
    missed: str = ""
    asset: UUID | None = None


@dataclass(frozen=True, slots=True)
class Precedence:
    """`before` goes first, for every reason of `why`. `is_cyclic`: the way leads back to it."""

    before: UUID
    after: UUID
    why: tuple[Reason, ...]
    is_cyclic: bool = False

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(reason.text for reason in self.why)


@dataclass(slots=True)
class _Reasons:
    found: dict[tuple[UUID, UUID], list[Reason]] = field(default_factory=dict)

    def add(self, before: UUID, after: UUID, reason: Reason) -> None:
        if before != after and reason not in self.found.setdefault((before, after), []):
            self.found[before, after].append(reason)


def precedences(
    packages: Sequence[Holder],
    declared: Iterable[tuple[UUID, UUID, str]],
    parents: Iterable[tuple[UUID, str, UUID]],
) -> tuple[Precedence, ...]:
    """Every pair of packages of which one has to go first.

    `declared` are (before, after, reason); `parents` are (asset, kind, asset built from it). What
    names a package or an asset that is not among `packages` does not count. Packages that hold one
    asset go by its versions, each after the one before; equal versions have no order, and those
    that are not numbered tell none. What a later window brings, nothing in an earlier one is built
    on, and a package that holds both ends of a build relation builds on itself: neither has to go
    first for it.
    """
    known = {package.key: package.code for package in packages}
    reasons = _Reasons()
    for before, after, told in declared:
        if before in known and after in known:
            missed = f"{known[after]} declares that {known[before]} comes first"
            missed += f": {told.rstrip('.')}." if told else "."
            reasons.add(before, after, Reason("order", told or "declared predecessor", missed))
    holders: dict[UUID, list[tuple[Holder, Holding]]] = {}
    for package in packages:
        for holding in package.holdings:
            holders.setdefault(holding.asset, []).append((package, holding))
    for before, after, reason in chain(_by_version(holders), _by_build(holders, parents)):
        reasons.add(before, after, reason)
    after_of: dict[UUID, set[UUID]] = {}
    for before, after in reasons.found:
        after_of.setdefault(after, set()).add(before)
    later = {after: behind([after], after_of) for after in after_of}
    return tuple(
        Precedence(before, after, tuple(why), before in later[after])
        for (before, after), why in reasons.found.items()
    )


@dataclass(frozen=True, slots=True)
class Flow:
    """That asset `writer` writes data, by name, which asset `reader` reads."""

    writer: UUID
    reader: UUID
    data: str


def orders(
    packages: Sequence[Holder],
    parents: Iterable[tuple[UUID, str, UUID]],
    flows: Iterable[Flow] = (),
) -> Iterator[PackageOrder]:
    """The same between the steps of one night: X02 for versions of one asset, X01 for what is
    built from what another package changes, X03 for what reads the data that it writes.

    `flows` are of data whose layout nobody here changes. The reader goes first, so that it knows
    what is added before it comes; that is advice, and says nothing of two packages that have an
    order for another reason or that read each other's data.
    """
    holders: dict[UUID, list[tuple[Holder, Holding]]] = {}
    for package in packages:
        for holding in package.holdings:
            holders.setdefault(holding.asset, []).append((package, holding))
    known: list[PackageOrder] = []
    for asset, found in holders.items():
        for before, after, why in _by_version({asset: found}):
            if before != after:
                known.append(PackageOrder(why.rule, before, after, why.text, frozenset({asset})))
    for parent, kind, child in parents:
        for before, after, why in _by_build(holders, [(parent, kind, child)]):
            if before != after:
                both = frozenset({parent, child})
                known.append(PackageOrder(why.rule, before, after, why.text, both))
    ordered = {frozenset({order.before, order.after}) for order in known}
    reading = [
        order
        for order in _by_flow(holders, flows)
        if frozenset({order.before, order.after}) not in ordered
    ]
    ways = {(order.before, order.after) for order in reading}
    yield from known
    yield from (order for order in reading if (order.after, order.before) not in ways)


def _by_flow(
    holders: Mapping[UUID, Sequence[tuple[Holder, Holding]]], flows: Iterable[Flow]
) -> Iterator[PackageOrder]:
    for flow in flows:
        for producer, writer in holders.get(flow.writer, ()):
            for consumer, reader in holders.get(flow.reader, ()):
                if producer != consumer:
                    told = f"{reader.name} reads {flow.data}, which {writer.name} writes"
                    assets = frozenset({flow.writer, flow.reader})
                    yield PackageOrder(
                        "X03", consumer.key, producer.key, told, assets, is_hard=False
                    )


def _by_version(
    holders: Mapping[UUID, Sequence[tuple[Holder, Holding]]],
) -> Iterator[tuple[UUID, UUID, Reason]]:
    for found in holders.values():
        numbered = [(one, held) for one, held in found if numbers(held.to_version)]
        row = sorted(numbered, key=lambda pair: (numbers(pair[1].to_version), pair[0].code))
        for (one, first), (other, second) in pairwise(row):
            if is_older(first.to_version, than=second.to_version):
                told = f"{first.name} {first.to_version} before {second.to_version}"
                missed = _missed_version(one, first, other, second)
                yield one.key, other.key, Reason("X02", told, missed, second.asset)


def _missed_version(one: Holder, first: Holding, other: Holder, second: Holding) -> str:
    """What a version lacks whose predecessor does not come; built on another one it lacks none."""
    if second.built_on and second.built_on != first.to_version:
        return ""
    if second.built_on:
        return f"{second.name} in {other.code} was built on {one.code}'s version."
    return f"{second.name} in {other.code} comes after {one.code}'s version."


def _by_build(
    holders: Mapping[UUID, Sequence[tuple[Holder, Holding]]],
    parents: Iterable[tuple[UUID, str, UUID]],
) -> Iterator[tuple[UUID, UUID, Reason]]:
    for parent, kind, child in parents:
        for package, holding in holders.get(parent, ()):
            for other, built in holders.get(child, ()):
                if not _is_later(package, other) and not _holds(package, child):
                    told = f"{holding.name} is {BUILD_PARENTS[kind]} {built.name}"
                    missed = f"{built.name} in {other.code} was built with {package.code}'s "
                    missed += f"{holding.name}."
                    yield package.key, other.key, Reason("X01", told, missed, built.asset)


def _is_later(package: Holder, other: Holder) -> bool:
    return bool(package.opens_at and other.opens_at and package.opens_at > other.opens_at)


def _holds(package: Holder, asset: UUID) -> bool:
    return any(held.asset == asset for held in package.holdings)
