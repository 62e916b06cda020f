from apps.integrations.adapters.endevor.reader import read

__all__ = ["read"]
