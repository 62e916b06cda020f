"""Read the inventory."""

from apps.inventory.selectors.assets import (
    SHOWN_RELATIONS,
    Relations,
    applications,
    assets,
    assets_by_code,
    assets_named_like,
    live_relations,
    production_levels,
    relations_of,
    scm_packages_called,
)
from apps.inventory.selectors.versions import (
    unauthorised_versions,
    versions,
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
    "live_relations",
    "production_levels",
    "relations_of",
    "scm_packages_called",
    "unauthorised_versions",
    "versions",
    "versions_installed_by",
    "versions_of",
]
