from apps.changes.models.change import ChangeAsset, ChangeRequest, ContextLink, StandardTemplate
from apps.changes.models.risk import RiskAssessment, RiskOverride, RiskWeights

__all__ = [
    "ChangeAsset",
    "ChangeRequest",
    "ContextLink",
    "RiskAssessment",
    "RiskOverride",
    "RiskWeights",
    "StandardTemplate",
]
