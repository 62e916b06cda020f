from apps.changes.admin import change, meeting, policy

__all__ = ["change", "meeting", "policy"]
