from apps.changes.models.change import ChangeAsset, ChangeRequest, ContextLink, StandardTemplate
from apps.changes.models.policy import ApprovalPolicy, PolicyRule

__all__ = [
    "ApprovalPolicy",
    "ChangeAsset",
    "ChangeRequest",
    "ContextLink",
    "PolicyRule",
    "StandardTemplate",
]
