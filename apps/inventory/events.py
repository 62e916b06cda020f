from apps.evidence.events import Event

ASSET_IMPORTED = Event("asset.imported", "Entered by an import")
ASSET_UPDATED = Event("asset.updated", "Updated by an import")
ASSET_RELATED = Event("asset.related", "Drew a relation")
ASSET_UNRELATED = Event("asset.unrelated", "Removed a relation")
VERSION_INSTALLED = Event("asset.version_installed", "Installed a version")
INVENTORY_IMPORTED = Event("import.inventory_imported", "Imported the inventory")
BALANCE_TAKEN = Event("asset.balance_taken", "Took over how often it was changed before")
