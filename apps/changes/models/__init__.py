from apps.changes.models.change import ChangeAsset, ChangeRequest, ContextLink
from apps.changes.models.debt import DebtWaiver, ExplainedVersion, PhoneApproval
from apps.changes.models.meeting import CabMeeting, DocketItem, MeetingMember, Recusal
from apps.changes.models.policy import ApprovalPolicy, PolicyRule
from apps.changes.models.risk import RiskAssessment, RiskOverride, RiskWeights
from apps.changes.models.standard import StandardTemplate

__all__ = [
    "ApprovalPolicy",
    "CabMeeting",
    "ChangeAsset",
    "ChangeRequest",
    "ContextLink",
    "DebtWaiver",
    "DocketItem",
    "ExplainedVersion",
    "MeetingMember",
    "PhoneApproval",
    "PolicyRule",
    "Recusal",
    "RiskAssessment",
    "RiskOverride",
    "RiskWeights",
    "StandardTemplate",
]
