from apps.audit.admin import finding, moved, population

__all__ = ["finding", "moved", "population"]
