"""Packages that meet through what they hit: K04, K12."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from apps.releases.domain.conflicts.portfolio import Package, Portfolio, Reached
from apps.releases.domain.conflicts.rule import finding, named
from apps.releases.domain.findings import RELEASE_MANAGER, Detected, Fix, Severity, by_people

#: A weaker impact than this does not ask for a joint test.
WEIGHT_MIN = 0.3


class UpstreamInWindow:
    """What both packages change is told by K01. A check looks at two packages when it names the
    codes of both in its title or method, as the one does that the fix adds."""

    code = "K04"
    title = "Downstream of another package of the night"
    condition = (
        "A package changes what another package of an overlapping window hits, and they have "
        "different owners or teams."
    )
    requirement = "A check that both accept looks at the two together."
    severity: Severity = "soft"
    symptom = "Each package is tested with the other's old version, and they fail together"
    waivable_by = RELEASE_MANAGER

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        for upstream in portfolio.open_packages:
            reach = portfolio.reach.get(upstream.id, {})
            own = portfolio.touched_by(upstream.id)
            hits: dict[UUID, dict[UUID, Reached]] = defaultdict(dict)
            for asset, reached in reach.items():
                if reached.weight < WEIGHT_MIN or asset in own:
                    continue
                for coming in portfolio.coming.get(asset, ()):
                    hits[coming.unit][asset] = reached
            for unit, found in hits.items():
                downstream = portfolio.packages[unit]
                if (
                    upstream.overlaps(downstream)
                    and _are_strangers(upstream, downstream)
                    and not _is_checked(portfolio, upstream, downstream)
                ):
                    yield self._told(portfolio, upstream, downstream, found)

    def _told(
        self,
        portfolio: Portfolio,
        upstream: Package,
        downstream: Package,
        hits: dict[UUID, Reached],
    ) -> Detected:
        layout = {a for a, hit in hits.items() if hit.impact == "DATA" and hit.by_layout}
        what = "a changed layout of data for" if layout else "an impact on"
        title = f"{upstream.code} and {downstream.code} together"
        check = {
            "package": str(downstream.id), "title": title, "kind": "manual", "phase": "go_decision"
        }  # fmt: skip
        return finding(
            self,
            portfolio,
            f"{upstream.code} has {what} {named(portfolio, layout or hits)} of {downstream.code} "
            "in the same night, and other people answer for it.",
            packages=(upstream.id, downstream.id),
            assets=hits,
            apart=[f"upstream:{upstream.id}"],
            severity="hard" if layout else "soft",
            fixes=[Fix("add_checks", "Add a joint check", (check,))],
        )


class SplitInterface:
    code = "K12"
    title = "Interface in two windows"
    condition = "The producer and the consumer of one interface change in different windows."
    requirement = "Both change in one window, or the layout of the first fits the second."
    severity: Severity = "soft"
    symptom = "Between the two windows one side writes what the other cannot read"
    waivable_by = RELEASE_MANAGER

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        split: dict[tuple[UUID, UUID], list[tuple[UUID, UUID, UUID]]] = defaultdict(list)
        for interface in portfolio.interfaces:
            for producer in interface.producers:
                for consumer in interface.consumers:
                    for giver in portfolio.coming.get(producer, ()):
                        for taker in portfolio.coming.get(consumer, ()):
                            if _are_apart(portfolio, giver.unit, taker.unit):
                                pair = (giver.unit, taker.unit)
                                split[pair].append((interface.asset, producer, consumer))
        for (giving, taking), lines in split.items():
            giver_package, taker_package = portfolio.packages[giving], portfolio.packages[taking]
            interfaces = {interface for interface, _, _ in lines}
            yield finding(
                self,
                portfolio,
                f"{giver_package.told} changes what writes {named(portfolio, interfaces)}, "
                f"{taker_package.told} what reads it.",
                packages=(giving, taking),
                assets={asset for line in lines for asset in line},
                apart=[f"producer:{giving}"],
                fixes=[by_people("Move one of the two, or prove that both layouts fit.")],
            )


def _is_checked(portfolio: Portfolio, one: Package, other: Package) -> bool:
    return any({one.code, other.code} <= words for words in portfolio.checks)


def _are_strangers(one: Package, other: Package) -> bool:
    """Whether other people answer for them: another owner, or no team in common."""
    return one.owner != other.owner or one.teams.isdisjoint(other.teams)


def _are_apart(portfolio: Portfolio, one: UUID, other: UUID) -> bool:
    if one == other:
        return False
    first, second = portfolio.packages[one], portfolio.packages[other]
    return not first.is_beside(second) and not first.overlaps(second)
