from apps.changes.admin import change, meeting, policy, risk, standard

__all__ = ["change", "meeting", "policy", "risk", "standard"]
