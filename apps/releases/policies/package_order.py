"""What the order of packages rests on: their scopes, and what is built from what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from apps.changes.models import ChangeAsset
from apps.inventory.domain.rebuild import spreads
from apps.inventory.selectors import live_relations
from apps.releases.domain.package_order import (
    BUILD_PARENTS,
    Flow,
    Holder,
    Holding,
    Precedence,
    precedences,
)
from apps.releases.models import PackageDependency, ReleasePackage


def order_of(packages: Sequence[ReleasePackage]) -> tuple[Precedence, ...]:
    """Every pair of `packages` of which one goes first. Three queries."""
    holders = holders_of(packages)
    declared = PackageDependency.objects.filter(package__in=[package.pk for package in packages])
    return precedences(
        holders,
        declared.values_list("predecessor_id", "package_id", "reason"),
        build_parents({held.asset for holder in holders for held in holder.holdings}),
    )


def holders_of(packages: Sequence[ReleasePackage]) -> list[Holder]:
    """The packages with the scopes of their changes. One query."""
    holdings: dict[UUID, list[Holding]] = {package.pk: [] for package in packages}
    lines = ChangeAsset.objects.filter(change__memberships__package__in=holdings).order_by(
        "asset__name", "to_version"
    )
    for package, asset, name, to_version, built_on in lines.values_list(
        "change__memberships__package", "asset", "asset__name", "to_version", "from_version"
    ):
        if package in holdings:
            holdings[package].append(Holding(asset, name, to_version, built_on))
    return [
        Holder(
            package.pk,
            package.code,
            package.window.opens_at if package.window else package.started_at,
            tuple(holdings[package.pk]),
        )
        for package in packages
    ]


def build_parents(assets: Collection[UUID]) -> list[tuple[UUID, str, UUID]]:
    """(asset, kind, asset built from it) among `assets`. One query."""
    edges = (
        live_relations()
        .filter(source__in=assets, target__in=assets, kind__in=list(BUILD_PARENTS))
        .values_list("target_id", "kind", "source_id", "attributes")
    )
    return [(parent, kind, child) for parent, kind, child, told in edges if spreads(kind, told)]


def data_flows(assets: Collection[UUID]) -> list[Flow]:
    """Which of `assets` reads data that another one writes, where the data itself is not among
    them: its layout stays. One query."""
    lines = (
        live_relations()
        .filter(source__in=assets, kind__in=("reads", "writes"))
        .exclude(target__in=assets)
        .order_by("target__name", "source__name")
        .values_list("source_id", "kind", "target_id", "target__name")
    )
    ends: dict[tuple[UUID, str], dict[str, list[UUID]]] = {}
    for source, kind, target, name in lines:
        ends.setdefault((target, name), {}).setdefault(kind, []).append(source)
    return [
        Flow(writer, reader, name)
        for (_, name), there in ends.items()
        for writer in there.get("writes", ())
        for reader in there.get("reads", ())
        if writer != reader
    ]
