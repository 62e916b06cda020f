from apps.changes.admin import change, risk

__all__ = ["change", "risk"]
