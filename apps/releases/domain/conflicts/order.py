"""Packages that have to be in, or out, one after the other: K08, K10."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise, permutations
from uuid import UUID

from apps.gates.domain.cycles import shortest_cycle
from apps.releases.domain.baseline import why_before
from apps.releases.domain.conflicts.portfolio import Package, Portfolio
from apps.releases.domain.conflicts.rule import finding, named
from apps.releases.domain.findings import NOBODY, Detected, Severity, by_people

#: (what comes first, what comes after it) → why.
Edges = Mapping[tuple[UUID, UUID], str]


class OrderCycle:
    """Edges come from what packages declare and, where their times overlap, from domain 4.4: of
    an asset that both hold the lower version is first, and a part is there before what is built
    from it, unless its own package builds that too. A declared order is also held against the
    calendar; of the versions of different windows K01 and K02 tell.
    """

    code = "K08"
    title = "Packages wait for each other"
    condition = "The order of packages, declared or derived, comes back to where it began."
    requirement = "The order is without a cycle: packages on one are merged or cut anew."
    severity: Severity = "hard"
    symptom = "There is no order in which the night can run"
    waivable_by = NOBODY

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        by_code = {package.code: package for package in portfolio.open_packages}
        edges = precedence(portfolio)
        after: dict[str, set[str]] = {code: set() for code in by_code}
        for first, second in edges:
            after[portfolio.code_of(second)].add(portfolio.code_of(first))
        while cycle := shortest_cycle(after):
            yield self._told(portfolio, edges, [by_code[code] for code in cycle])
            for code in cycle:
                del after[code]

    def _told(self, portfolio: Portfolio, edges: Edges, cycle: list[Package]) -> Detected:
        reasons = [
            f"{before.code} before {then.code} ({edges[before.id, then.id]})"
            for before, then in pairwise([*cycle, cycle[0]])
        ]
        way = " → ".join(package.code for package in [*cycle, cycle[0]])
        return finding(
            self,
            portfolio,
            f"{way}: {'; '.join(reasons)}.",
            packages=(package.id for package in cycle),
            fixes=[by_people("Merge these packages, or take one of the reasons away.")],
            facts={"reasons": reasons},
        )


class BackoutOrder:
    """Each package is told with the next that went over the same asset."""

    code = "K10"
    title = "Order of backing out"
    condition = "A package changed an asset that another, still in warranty, changed after it."
    requirement = "The later package is backed out before the earlier."
    severity: Severity = "info"
    symptom = "Backing the earlier one out takes a part of the later one back with it"
    waivable_by = NOBODY

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        runs: dict[UUID, list[Package]] = defaultdict(list)
        for package in portfolio.packages.values():
            if package.began_at is not None:
                for asset in portfolio.touched_by(package.id):
                    runs[asset].append(package)
        shared: dict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
        for asset, packages in runs.items():
            packages.sort(key=lambda p: (p.began_at, p.code))
            for earlier, later in pairwise(packages):
                shared[earlier.id, later.id].append(asset)
        for (earlier_id, later_id), assets in shared.items():
            first, last = portfolio.code_of(earlier_id), portfolio.code_of(later_id)
            yield finding(
                self,
                portfolio,
                f"{first} can be backed out only after {last}, which went over "
                f"{named(portfolio, assets)} later.",
                packages=(earlier_id, later_id),
                assets=assets,
                facts={"out_first": last, "out_then": first},
            )


def precedence(portfolio: Portfolio) -> Edges:
    """Which open packages come before which, and why, in words."""
    edges: dict[tuple[UUID, UUID], str] = {}
    _as_declared(portfolio, edges)
    for asset, ordered in portfolio.coming.items():
        for first, second in permutations(ordered, 2):
            reason = why_before(first, second)
            if reason == "built_on":
                why = f"it is built on {portfolio.name_of(asset)} {first.level}"
                edges.setdefault((first.unit, second.unit), why)
            elif reason == "version":
                why = f"{portfolio.name_of(asset)} {first.level} before {second.level}"
                edges.setdefault((first.unit, second.unit), why)
    for part, whole in sorted(portfolio.parents):
        _by_part(portfolio, part, whole, edges)
    return edges


def _as_declared(portfolio: Portfolio, edges: dict[tuple[UUID, UUID], str]) -> None:
    known = {package.id: package for package in portfolio.open_packages}
    for package in portfolio.open_packages:
        for first in sorted(package.after & known.keys()):
            before = known[first]
            edges[first, package.id] = f"{package.code} declares it"
            if package.ends_at and before.starts_at and package.ends_at <= before.starts_at:
                edges[package.id, first] = f"{package.told} is over before {before.told}"


def _by_part(
    portfolio: Portfolio, part: UUID, whole: UUID, edges: dict[tuple[UUID, UUID], str]
) -> None:
    for giver in portfolio.coming.get(part, ()):
        if whole in portfolio.touched_by(giver.unit):
            continue
        for taker in portfolio.coming.get(whole, ()):
            first, second = portfolio.packages[giver.unit], portfolio.packages[taker.unit]
            if first.overlaps(second) and part not in portfolio.touched_by(taker.unit):
                why = f"{portfolio.name_of(whole)} is built from {portfolio.name_of(part)}"
                edges.setdefault((first.id, second.id), why)
