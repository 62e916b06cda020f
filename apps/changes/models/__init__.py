from apps.changes.models.change import ChangeAsset, ChangeRequest, ContextLink, StandardTemplate
from apps.changes.models.meeting import CabMeeting, DocketItem, MeetingMember, Reading, Recusal

__all__ = [
    "CabMeeting",
    "ChangeAsset",
    "ChangeRequest",
    "ContextLink",
    "DocketItem",
    "MeetingMember",
    "Reading",
    "Recusal",
    "StandardTemplate",
]
