from apps.audit.models.finding import AuditFinding
from apps.audit.models.moved import MovedItem, MovedReport
from apps.audit.models.pack import EvidencePack
from apps.audit.models.population import ControlResult, Population, PopulationRow
from apps.audit.models.retention import LegalHold, Redaction, RetentionClass

__all__ = [
    "AuditFinding",
    "ControlResult",
    "EvidencePack",
    "LegalHold",
    "MovedItem",
    "MovedReport",
    "Population",
    "PopulationRow",
    "Redaction",
    "RetentionClass",
]
