from apps.audit.admin import finding, moved, packs, population

__all__ = ["finding", "moved", "packs", "population"]
