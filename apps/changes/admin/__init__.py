from apps.changes.admin import change, standard

__all__ = ["change", "standard"]
