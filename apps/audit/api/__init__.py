from apps.audit.api.finding import AuditFindingView
from apps.audit.api.mapping import ControlMappingView
from apps.audit.api.moved import MovedReportView
from apps.audit.api.packs import PackView
from apps.audit.api.population import PopulationView
from apps.audit.api.timeline import TimelineView
from apps.audit.api.travel import AsOfView, DifferenceView

__all__ = [
    "AsOfView",
    "AuditFindingView",
    "ControlMappingView",
    "DifferenceView",
    "MovedReportView",
    "PackView",
    "PopulationView",
    "TimelineView",
]
