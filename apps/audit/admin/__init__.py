from apps.audit.admin import finding, moved, packs, population, retention

__all__ = ["finding", "moved", "packs", "population", "retention"]
