from apps.releases.api.baselines import BaselineView
from apps.releases.api.closure import LessonView, OutcomesView, PostReviewView
from apps.releases.api.command import AlertView, RunIssueView
from apps.releases.api.findings import CompletenessFindingView, ConflictView, RuleView
from apps.releases.api.gates import AttestationView, GateProfileView
from apps.releases.api.outcome import FirstCycleWatchView, GoNoGoView
from apps.releases.api.planning import SimulationView
from apps.releases.api.records import (
    ActivityView,
    BackoutPlanView,
    CheckView,
    PackageRef,
    PackageView,
    ReadinessSerializer,
    WindowNightView,
)
from apps.releases.api.rehearsals import RehearsalView
from apps.releases.api.sequence import PlanTemplateView
from apps.releases.api.telling import CommunicationView, HandoverView
from apps.releases.api.waivers import WaiverView

__all__ = [
    "ActivityView",
    "AlertView",
    "AttestationView",
    "BackoutPlanView",
    "BaselineView",
    "CheckView",
    "CommunicationView",
    "CompletenessFindingView",
    "ConflictView",
    "FirstCycleWatchView",
    "GateProfileView",
    "GoNoGoView",
    "HandoverView",
    "LessonView",
    "OutcomesView",
    "PackageRef",
    "PackageView",
    "PlanTemplateView",
    "PostReviewView",
    "ReadinessSerializer",
    "RehearsalView",
    "RuleView",
    "RunIssueView",
    "SimulationView",
    "WaiverView",
    "WindowNightView",
]
