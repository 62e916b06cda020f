from apps.releases.api.baselines import BaselineView
from apps.releases.api.findings import CompletenessFindingView, ConflictView, RuleView
from apps.releases.api.planning import SimulationView
from apps.releases.api.records import (
    ActivityView,
    BackoutPlanView,
    CheckView,
    PackageRef,
    PackageView,
    WindowNightView,
)
from apps.releases.api.sequence import PlanTemplateView

__all__ = [
    "ActivityView",
    "BackoutPlanView",
    "BaselineView",
    "CheckView",
    "CompletenessFindingView",
    "ConflictView",
    "PackageRef",
    "PackageView",
    "PlanTemplateView",
    "RuleView",
    "SimulationView",
    "WindowNightView",
]
