from apps.integrations.adapters.controlm.reader import read

__all__ = ["read"]
