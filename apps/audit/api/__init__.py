from apps.audit.api.finding import AuditFindingView
from apps.audit.api.mapping import ControlMappingView
from apps.audit.api.moved import MovedReportView
from apps.audit.api.population import PopulationView

__all__ = ["AuditFindingView", "ControlMappingView", "MovedReportView", "PopulationView"]
