from apps.changes.api.change import ChangeRef, ChangeView, StandardChangeView
from apps.changes.api.meeting import MeetingView
from apps.changes.api.policy import PolicyView

__all__ = ["ChangeRef", "ChangeView", "MeetingView", "PolicyView", "StandardChangeView"]
