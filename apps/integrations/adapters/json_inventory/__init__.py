from apps.integrations.adapters.json_inventory.reader import read

__all__ = ["read"]
