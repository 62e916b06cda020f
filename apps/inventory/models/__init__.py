from apps.inventory.models.applications import Application, BusinessService, Criticality
from apps.inventory.models.assets import Asset, AssetType, AssetVersion
from apps.inventory.models.landscape import Environment, Site, Subsystem, Sysplex, SystemImage
from apps.inventory.models.relations import AssetRelation
from apps.inventory.models.schedule import BatchCycle, JobSchedule

__all__ = [
    "Application",
    "Asset",
    "AssetRelation",
    "AssetType",
    "AssetVersion",
    "BatchCycle",
    "BusinessService",
    "Criticality",
    "Environment",
    "JobSchedule",
    "Site",
    "Subsystem",
    "Sysplex",
    "SystemImage",
]
