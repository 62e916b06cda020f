from apps.changes.admin import change, meeting, policy, standard

__all__ = ["change", "meeting", "policy", "standard"]
