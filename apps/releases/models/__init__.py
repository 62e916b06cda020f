from apps.releases.models.activity import (
    Activity,
    ActivityChange,
    ActivityDependency,
    ActivityLog,
    ActivityTarget,
)
from apps.releases.models.backout import BackoutPlan
from apps.releases.models.check import ValidationCheck
from apps.releases.models.command import Alert, RunIssue
from apps.releases.models.finding import EvaluationDue, Finding, Rule
from apps.releases.models.first_cycle import FirstCycleWatch
from apps.releases.models.go_no_go import GoNoGo, GoNoGoLine
from apps.releases.models.lesson import Lesson, PostReview
from apps.releases.models.package import PackageChange, PackageDependency, ReleasePackage
from apps.releases.models.rehearsal import Rehearsal, RehearsedStep
from apps.releases.models.simulation import Simulation
from apps.releases.models.telling import Communication, Handover
from apps.releases.models.template import PlanTemplate, TemplateParameter, TemplateStep
from apps.releases.models.types import ActivityType

__all__ = [
    "Activity",
    "ActivityChange",
    "ActivityDependency",
    "ActivityLog",
    "ActivityTarget",
    "ActivityType",
    "Alert",
    "BackoutPlan",
    "Communication",
    "EvaluationDue",
    "Finding",
    "FirstCycleWatch",
    "GoNoGo",
    "GoNoGoLine",
    "Handover",
    "Lesson",
    "PackageChange",
    "PackageDependency",
    "PlanTemplate",
    "PostReview",
    "Rehearsal",
    "RehearsedStep",
    "ReleasePackage",
    "Rule",
    "RunIssue",
    "Simulation",
    "TemplateParameter",
    "TemplateStep",
    "ValidationCheck",
]
