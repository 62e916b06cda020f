from apps.audit.models.finding import AuditFinding
from apps.audit.models.moved import MovedItem, MovedReport
from apps.audit.models.pack import EvidencePack
from apps.audit.models.population import ControlResult, Population, PopulationRow

__all__ = [
    "AuditFinding",
    "ControlResult",
    "EvidencePack",
    "MovedItem",
    "MovedReport",
    "Population",
    "PopulationRow",
]
