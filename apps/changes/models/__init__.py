from apps.changes.models.change import ChangeAsset, ChangeRequest, ContextLink
from apps.changes.models.debt import DebtWaiver, ExplainedVersion, PhoneApproval
from apps.changes.models.standard import StandardTemplate

__all__ = [
    "ChangeAsset",
    "ChangeRequest",
    "ContextLink",
    "DebtWaiver",
    "ExplainedVersion",
    "PhoneApproval",
    "StandardTemplate",
]
