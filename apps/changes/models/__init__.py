from apps.changes.models.change import ChangeAsset, ChangeRequest, ContextLink, StandardTemplate
from apps.changes.models.meeting import CabMeeting, DocketItem, MeetingMember, Reading, Recusal
from apps.changes.models.policy import ApprovalPolicy, PolicyRule

__all__ = [
    "ApprovalPolicy",
    "CabMeeting",
    "ChangeAsset",
    "ChangeRequest",
    "ContextLink",
    "DocketItem",
    "MeetingMember",
    "PolicyRule",
    "Reading",
    "Recusal",
    "StandardTemplate",
]
