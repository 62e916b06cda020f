from apps.changes.admin import change, policy

__all__ = ["change", "policy"]
