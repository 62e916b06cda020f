from apps.integrations.adapters.table.reader import read

__all__ = ["read"]
