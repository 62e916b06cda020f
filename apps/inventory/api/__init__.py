"""The inventory in the programming interface."""

from apps.inventory.api.assets import (
    ApplicationRef,
    ApplicationView,
    AssetRef,
    AssetView,
    RelationView,
    ScmPackageView,
    VersionView,
)
from apps.inventory.api.schedules import BatchCycleView, JobScheduleView

__all__ = [
    "ApplicationRef",
    "ApplicationView",
    "AssetRef",
    "AssetView",
    "BatchCycleView",
    "JobScheduleView",
    "RelationView",
    "ScmPackageView",
    "VersionView",
]
