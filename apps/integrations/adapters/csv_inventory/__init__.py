from apps.integrations.adapters.csv_inventory.reader import read

__all__ = ["read"]
