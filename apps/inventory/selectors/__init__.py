"""Read the inventory."""

from apps.inventory.selectors.assets import (
    SHOWN_RELATIONS,
    Relations,
    applications,
    assets,
    assets_by_code,
    assets_named_like,
    production_levels,
    relations_of,
)
from apps.inventory.selectors.versions import (
    unauthorised_versions,
    versions_installed_by,
    versions_of,
)

__all__ = [
    "SHOWN_RELATIONS",
    "Relations",
    "applications",
    "assets",
    "assets_by_code",
    "assets_named_like",
    "production_levels",
    "relations_of",
    "unauthorised_versions",
    "versions_installed_by",
    "versions_of",
]
