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

__all__ = [
    "ActivityView",
    "BackoutPlanView",
    "BaselineView",
    "CheckView",
    "CompletenessFindingView",
    "ConflictView",
    "PackageRef",
    "PackageView",
    "RuleView",
    "SimulationView",
    "WindowNightView",
]
