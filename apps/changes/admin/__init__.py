from apps.changes.admin import change

__all__ = ["change"]
