"""Which package goes before which, from their scopes, the inventory and what people declare."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from apps.changes.models import ChangeAsset
from apps.inventory.domain.rebuild import spreads
from apps.inventory.selectors import live_relations
from apps.releases.domain.package_order import (
    BUILD_PARENTS,
    Holder,
    Holding,
    Precedence,
    precedences,
)
from apps.releases.models import PackageDependency, ReleasePackage


def order_of(packages: Sequence[ReleasePackage]) -> tuple[Precedence, ...]:
    """Every pair of these packages of which one has to go first; three queries."""
    holdings: dict[UUID, list[Holding]] = {package.pk: [] for package in packages}
    lines = ChangeAsset.objects.filter(change__memberships__package__in=holdings).order_by(
        "asset__name", "to_version"
    )
    for package, asset, name, to_version, built_on in lines.values_list(
        "change__memberships__package", "asset", "asset__name", "to_version", "from_version"
    ):
        if package in holdings:
            holdings[package].append(Holding(asset, name, to_version, built_on))
    assets = {held.asset for found in holdings.values() for held in found}
    edges = (
        live_relations()
        .filter(source__in=assets, target__in=assets, kind__in=list(BUILD_PARENTS))
        .values_list("target_id", "kind", "source_id", "attributes")
    )
    declared = PackageDependency.objects.filter(package__in=holdings)
    return precedences(
        [
            Holder(
                package.pk,
                package.code,
                package.window.opens_at if package.window else package.started_at,
                tuple(holdings[package.pk]),
            )
            for package in packages
        ],
        declared.values_list("predecessor_id", "package_id", "reason"),
        [(parent, kind, child) for parent, kind, child, told in edges if spreads(kind, told)],
    )
