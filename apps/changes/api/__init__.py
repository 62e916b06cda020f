from apps.changes.api.change import ChangeRef, ChangeView
from apps.changes.api.meeting import MeetingView
from apps.changes.api.policy import PolicyView
from apps.changes.api.risk import RiskOverrideView
from apps.changes.api.standard import ApprovalDebtsView, StandardChangeView

__all__ = [
    "ApprovalDebtsView",
    "ChangeRef",
    "ChangeView",
    "MeetingView",
    "PolicyView",
    "RiskOverrideView",
    "StandardChangeView",
]
