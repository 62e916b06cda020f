from apps.changes.api.change import ChangeRef, ChangeView, StandardChangeView
from apps.changes.api.meeting import MeetingView

__all__ = ["ChangeRef", "ChangeView", "MeetingView", "StandardChangeView"]
