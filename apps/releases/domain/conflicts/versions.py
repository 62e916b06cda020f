"""Versions that do not fit each other: K01, K02, K03, K09."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

from apps.releases.domain.baseline import Base, Installation, in_order, is_older, why_before
from apps.releases.domain.conflicts.portfolio import (
    Package,
    Portfolio,
    built_and_brought,
)
from apps.releases.domain.conflicts.rule import finding, listed, named
from apps.releases.domain.findings import NOBODY, RELEASE_MANAGER, Detected, Severity, by_people

#: Two installations of one member, the earlier first.
Meetings = list[tuple[Installation, Installation]]


class SameAsset:
    """Packages are told in the order in which they come to an asset, each with its next."""

    code = "K01"
    title = "Same asset in two packages"
    condition = (
        "An asset, or a member of the same name in another library of its application, is in the "
        "scope of two open packages."
    )
    requirement = (
        "In one window the two are put in order and built as one; in different windows the later "
        "is built on the version of the earlier."
    )
    severity: Severity = "hard"
    symptom = "One package undoes in production what the other has just installed"
    waivable_by = RELEASE_MANAGER

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        yield from self._between_packages(portfolio)
        yield from self._with_unplanned(portfolio)

    def _between_packages(self, portfolio: Portfolio) -> Iterator[Detected]:
        shared: dict[frozenset[UUID], Meetings] = defaultdict(list)
        for ordered in _by_member(portfolio):
            for first, second in pairwise(ordered):
                if first.unit != second.unit:
                    shared[frozenset((first.unit, second.unit))].append((first, second))
        for meetings in shared.values():
            earlier, later = (portfolio.packages[one.unit] for one in meetings[0])
            if earlier.is_beside(later):
                yield self._in_one_window(portfolio, meetings)
            elif loose := [pair for pair in meetings if not _declared(*pair)]:
                yield self._in_two_windows(portfolio, loose)

    def _in_two_windows(self, portfolio: Portfolio, meetings: Meetings) -> Detected:
        first, second = (portfolio.packages[one.unit] for one in meetings[0])
        assets = {one.asset for pair in meetings for one in pair}
        is_planned = first.starts_at is not None and second.starts_at is not None
        return finding(
            self,
            portfolio,
            f"{first.told} and {second.told} both change {named(portfolio, assets)}, and "
            f"{second.code} is not built on what {first.code} brings.",
            packages=(first.id, second.id),
            assets=assets,
            severity="hard" if is_planned else "soft",
            fixes=[by_people(f"Build {second.code} on the versions of {first.code}.")],
        )

    def _in_one_window(self, portfolio: Portfolio, meetings: Meetings) -> Detected:
        first, second = (portfolio.packages[one.unit] for one in meetings[0])
        assets = {one.asset for pair in meetings for one in pair}
        orders = sorted(
            {(one.code, other.code) for one, other in meetings if why_before(one, other)}
        )
        if len(orders) == 1:
            ((before, after),) = orders
            order = f"order {before} → {after}, one merged build"
            remedy = f"Let {before} run before {after}."
        else:
            order = "which of them comes first is open"
            remedy = "Put the two in order, or merge them."
        return finding(
            self,
            portfolio,
            f"{first.code} and {second.code} both change {named(portfolio, assets)} in "
            f"{first.window_code}; {order}.",
            packages=(first.id, second.id),
            assets=assets,
            severity="soft",
            fixes=[by_people(remedy)],
            facts={"order": [list(pair) for pair in orders]},
        )

    def _with_unplanned(self, portfolio: Portfolio) -> Iterator[Detected]:
        users: dict[UUID, list[Package]] = defaultdict(list)
        for package in portfolio.open_packages:
            for asset in portfolio.touched_by(package.id):
                users[asset].append(package)
        for change in portfolio.changes.values():
            shared: dict[UUID, list[UUID]] = defaultdict(list)
            for asset in portfolio.touched_by(change.id):
                for package in users.get(asset, ()):
                    shared[package.id].append(asset)
            for unit, assets in shared.items():
                yield finding(
                    self,
                    portfolio,
                    f"{named(portfolio, assets)} of {portfolio.code_of(unit)} is also touched by "
                    f"{change.code}, which is not planned yet.",
                    packages=[unit],
                    changes=[change.id],
                    assets=assets,
                    severity="info",
                )


class DownLevel:
    code = "K02"
    title = "Down-level"
    condition = (
        "A package is built on a version that is not the one in production, or that will not be "
        "when it comes, because another package installs one before."
    )
    requirement = "It is built again on the version that it will meet (retrofit)."
    severity: Severity = "hard"
    symptom = "A correction that was in production is gone, and the incident comes back"
    waivable_by = NOBODY

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        for package in portfolio.open_packages:
            met: dict[UUID | None, list[tuple[Installation, Base]]] = defaultdict(list)
            for asset in portfolio.touched_by(package.id):
                one = next(i for i in portfolio.coming[asset] if i.unit == package.id)
                base = portfolio.base(one)
                if one.built_on and base is not None and base.level != one.built_on:
                    met[base.package].append((one, base))
            for installer, meetings in met.items():
                yield self._of_package(portfolio, package, installer, meetings)
        yield from self._of_changes(portfolio)

    def _of_package(
        self,
        portfolio: Portfolio,
        package: Package,
        installer: UUID | None,
        meetings: list[tuple[Installation, Base]],
    ) -> Detected:
        meetings.sort(key=lambda m: portfolio.name_of(m[0].asset))
        built_on = listed(f"{portfolio.name_of(one.asset)} {one.built_on}" for one, _ in meetings)
        levels = dict.fromkeys(base.level for _, base in meetings)
        will_meet = listed(
            levels
            if len(meetings) == 1
            else (f"{portfolio.name_of(one.asset)} {base.level}" for one, base in meetings)
        )
        if all(base.is_predicted for _, base in meetings) and installer is not None:
            place = _place(portfolio, installer, package)
            met = f"{place} installs {will_meet} before it"
        elif installer is not None:
            met = f"production has {will_meet} since {portfolio.code_of(installer)}"
        else:
            met = f"production has {will_meet}"
        it = "it" if len(meetings) == 1 else "them"
        regresses = all(not is_older(base.level, one.built_on) for one, base in meetings)
        outcome = f"it would regress {it}" if regresses else "that version was never installed"
        return finding(
            self,
            portfolio,
            f"{package.code} is built on {built_on}; {met}: {outcome}",
            packages=[package.id, *([installer] if installer else [])],
            assets=(one.asset for one, _ in meetings),
            apart=[f"rebuild:{package.id}"],
            fixes=[by_people(f"Retrofit: build {package.code} again on {will_meet}.")],
            facts={
                "versions": [
                    {"asset": str(one.asset), "built_on": one.built_on, "base": base.level}
                    for one, base in meetings
                ]
            },
        )

    def _of_changes(self, portfolio: Portfolio) -> Iterator[Detected]:
        """Changes that are not planned: what packages install before they can come, or have
        installed since they were built."""
        for change in portfolio.changes.values():
            met: dict[UUID, list[tuple[UUID, str, str]]] = defaultdict(list)
            for asset, lines in portfolio.touched_by(change.id).items():
                built_on, _level = built_and_brought(lines)
                last = next((i for i in reversed(portfolio.coming.get(asset, ())) if i.level), None)
                base = Base(last.level, last.unit) if last else portfolio.production.get(asset)
                if base is None or base.package is None or base.package not in portfolio.packages:
                    continue
                if built_on and built_on != base.level:
                    met[base.package].append((asset, built_on, base.level))
            for unit, meetings in met.items():
                told = listed(
                    f"{portfolio.name_of(asset)} {built_on}, not {level}"
                    for asset, built_on, level in meetings
                )
                yield finding(
                    self,
                    portfolio,
                    f"{change.code} is not planned yet; it is built on {told} of "
                    f"{portfolio.code_of(unit)}.",
                    packages=[unit],
                    changes=[change.id],
                    assets=(asset for asset, _, _ in meetings),
                    severity="info",
                    fixes=[by_people(f"Retrofit: build {change.code} again on that version.")],
                )


class BuildSkew:
    code = "K03"
    title = "Build skew"
    condition = (
        "A program of a package was compiled with a version of a part (copybook, include) that is "
        "not the one in production when the package is in."
    )
    requirement = "It is compiled again with the parts that it will run beside."
    severity: Severity = "hard"
    symptom = "S0C7 or shifted fields: program and data do not share a layout"
    waivable_by = RELEASE_MANAGER

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        for package in portfolio.open_packages:
            skewed: dict[UUID | None, list[tuple[UUID, UUID, str, str]]] = defaultdict(list)
            for program, lines in portfolio.touched_by(package.id).items():
                _built_on, level = built_and_brought(lines)
                for part, used in portfolio.built_with.get((program, level), ()):
                    expected = portfolio.level_for(package, part)
                    if expected is not None and expected.level != used:
                        other = expected.package if expected.package != package.id else None
                        skewed[other].append((program, part, used, expected.level))
            for installer, found in skewed.items():
                told = listed(
                    f"{portfolio.name_of(program)} with {portfolio.name_of(part)} {used}, "
                    f"not {level}"
                    for program, part, used, level in sorted(
                        found, key=lambda f: (portfolio.name_of(f[0]), portfolio.name_of(f[1]))
                    )
                )
                by = f", which {portfolio.code_of(installer)} installs" if installer else ""
                yield finding(
                    self,
                    portfolio,
                    f"{package.code} was compiled with other parts than it will meet: {told}{by}.",
                    packages=[package.id, *([installer] if installer else [])],
                    assets={asset for program, part, _, _ in found for asset in (program, part)},
                    apart=[f"rebuild:{package.id}"],
                    fixes=[by_people("Compile these programs again.")],
                )


class SkippedPromotion:
    code = "K09"
    title = "Version skew between environments"
    condition = (
        "Production gets a version that the environment before it never had, though it has other "
        "versions of the same asset."
    )
    requirement = "The version passes every environment on its way, or the promotion is explained."
    severity: Severity = "hard"
    symptom = "Something runs in production that nobody has tested"
    waivable_by = RELEASE_MANAGER

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        for package in portfolio.open_packages:
            unseen: dict[UUID, str] = {}
            for asset, lines in portfolio.touched_by(package.id).items():
                _built_on, level = built_and_brought(lines)
                seen = portfolio.levels_before.get(asset)
                if level and seen and level not in seen:
                    unseen[asset] = level
            if unseen:
                told = listed(
                    f"{portfolio.name_of(asset)} {unseen[asset]}"
                    for asset in portfolio.by_name(unseen)
                )
                yield finding(
                    self,
                    portfolio,
                    f"{package.code} brings what the environment before production never had: "
                    f"{told}.",
                    packages=[package.id],
                    assets=unseen,
                    fixes=[by_people("Install these versions there and test them.")],
                )


def _by_member(portfolio: Portfolio) -> Iterator[tuple[Installation, ...]]:
    """What comes of each member, in order; one name in several libraries is one member."""
    members: dict[object, list[Installation]] = defaultdict(list)
    for asset, ordered in portfolio.coming.items():
        known = portfolio.assets.get(asset)
        member = (
            (known.application, known.type, known.name) if known and known.application else asset
        )
        members[member].extend(ordered)
    for installations in members.values():
        yield in_order(installations)


def _declared(first: Installation, second: Installation) -> bool:
    """Whether the later names the version of the earlier as its base."""
    return bool(first.level) and first.level == second.built_on


def _place(portfolio: Portfolio, installer: UUID, package: Package) -> str:
    """The window in which it happens; within one window, the package."""
    other = portfolio.packages.get(installer)
    if other is None or other.is_beside(package):
        return portfolio.code_of(installer)
    return other.place
