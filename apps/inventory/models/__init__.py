from apps.inventory.models.applications import (
    Application,
    BusinessService,
    Criticality,
    Regulation,
)
from apps.inventory.models.assets import Asset, AssetType, AssetVersion
from apps.inventory.models.builds import BuildInput
from apps.inventory.models.landscape import Environment, Site, Subsystem, Sysplex, SystemImage
from apps.inventory.models.relations import AssetRelation
from apps.inventory.models.schedule import BatchCycle, JobSchedule
from apps.inventory.models.scm import ScmPackage

__all__ = [
    "Application",
    "Asset",
    "AssetRelation",
    "AssetType",
    "AssetVersion",
    "BatchCycle",
    "BuildInput",
    "BusinessService",
    "Criticality",
    "Environment",
    "JobSchedule",
    "Regulation",
    "ScmPackage",
    "Site",
    "Subsystem",
    "Sysplex",
    "SystemImage",
]
