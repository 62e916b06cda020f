from apps.integrations.adapters.dbb.reader import read

__all__ = ["read"]
