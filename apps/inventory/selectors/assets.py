"""Assets, their relations, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from apps.inventory.models import Application, Asset, AssetRelation

#: Relations of one asset that a page shows; a popular copybook has thousands.
SHOWN_RELATIONS = 200


@dataclass(frozen=True, slots=True)
class Relations:
    """The edges of one asset: `outward` it depends on, `inward` depend on it.

    `more` tells that one of the two was cut.
    """

    outward: list[AssetRelation]
    inward: list[AssetRelation]
    more: bool = False


def assets() -> QuerySet[Asset]:
    """Assets with what a list shows of them, in keyset order (name, id)."""
    return Asset.objects.select_related(
        "type", "application", "owner_team", "production_version"
    ).order_by("name", "id")


def assets_named_like(text: str) -> QuerySet[Asset]:
    """Assets whose name contains `text`, whatever its case; served by a trigram index."""
    return assets().filter(name__icontains=text.strip())


def assets_by_code(names: Iterable[str]) -> dict[str, list[Asset]]:
    """The assets of each exact name; a name that several assets share has several."""
    found: dict[str, list[Asset]] = {name: [] for name in names}
    for asset in assets().filter(name__in=list(found)):
        found[asset.name].append(asset)
    return found


def relations_of(asset: Asset, limit: int = SHOWN_RELATIONS) -> Relations:
    """Up to `limit` edges each way, in two queries."""
    edges = AssetRelation.objects.select_related("source__type", "target__type")
    outward = edges.filter(source=asset).order_by("kind", "target__name", "key")[: limit + 1]
    inward = edges.filter(target=asset).order_by("kind", "source__name", "key")[: limit + 1]
    more = len(outward) > limit or len(inward) > limit
    return Relations(list(outward)[:limit], list(inward)[:limit], more)


def production_levels(asset_ids: Iterable[Any]) -> dict[Any, str]:
    """The level in production by asset id; assets that were never installed are left out."""
    return dict(
        Asset.objects.filter(pk__in=list(asset_ids), production_version__isnull=False).values_list(
            "pk", "production_version__level"
        )
    )


def applications() -> QuerySet[Application]:
    return Application.objects.select_related("business_owner", "technical_owner")
