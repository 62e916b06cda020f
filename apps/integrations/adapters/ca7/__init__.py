from apps.integrations.adapters.ca7.reader import read

__all__ = ["read"]
