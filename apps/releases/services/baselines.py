"""Which level of an asset is in production at a moment, and what is to come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from apps.inventory.models import Asset
from apps.releases.domain.baseline import Base, Installation, base_at
from apps.releases.models import PackageChange, ReleasePackage
from apps.releases.services.conflicts.reading import OPEN, Reader


@dataclass(frozen=True, slots=True)
class Coming:
    """What an open package brings of an asset, and the level that it will meet in production."""

    package: ReleasePackage
    brings: Installation
    meets: Base | None

    @property
    def is_down_level(self) -> bool:
        """It was built on something else than it will meet, and would take that back."""
        built_on = self.brings.built_on
        return bool(built_on and self.meets and self.meets.level != built_on)


def coming_versions(asset: Asset) -> list[Coming]:
    """What open packages bring of the asset, in the order in which they come, as the rules of
    conflict see it; a constant number of queries."""
    members = PackageChange.objects.filter(
        is_open=True, change__assets__asset=asset, package__state__in=OPEN
    )
    asked = set(members.values_list("package", flat=True))
    if not asked:
        return []
    portfolio = Reader(asked, impact=False).portfolio()
    packages = ReleasePackage.objects.select_related("window").in_bulk(asked)
    return [
        Coming(packages[one.unit], one, portfolio.base(one))
        for one in portfolio.coming.get(asset.pk, ())
        if one.level
    ]


def baseline_at(asset: Asset, at: datetime, coming: Iterable[Coming]) -> Base | None:
    """Which level of the asset is in production at `at`: installed by then, or planned to be.

    `coming` are its `coming_versions`.
    """
    installed = asset.versions.filter(environment__is_production=True, installed_at__lte=at)
    latest = installed.order_by("-installed_at", "-id").first()
    production = Base(latest.level) if latest else None
    return base_at([each.brings for each in coming], at, production)
