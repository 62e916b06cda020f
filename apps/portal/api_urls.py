"""The addresses of the programming interface, version 1."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from apps.accounts.api import DelegationView, MeView, StepUpView, TeamShiftView, TokenView
from apps.approvals.api import ObligationView
from apps.audit.api import (
    AsOfView,
    AuditFindingView,
    ControlMappingView,
    DifferenceView,
    MovedReportView,
    PackView,
    PopulationView,
    TimelineView,
)
from apps.changes.api import (
    ApprovalDebtsView,
    ChangeView,
    MeetingView,
    PolicyView,
    RiskOverrideView,
    StandardChangeView,
)
from apps.integrations.api import CalendarImportView, OtherSystemsView, StepJobView
from apps.inventory.api import (
    ApplicationView,
    AssetView,
    BatchCycleView,
    JobScheduleView,
    RelationView,
    ScmPackageView,
    VersionView,
)
from apps.notifications.api import MessageView, ReadinessView
from apps.releases.api import (
    ActivityView,
    AlertView,
    AttestationView,
    BackoutPlanView,
    BaselineView,
    CheckView,
    CommunicationView,
    CompletenessFindingView,
    ConflictView,
    FirstCycleWatchView,
    GateProfileView,
    GoNoGoView,
    HandoverView,
    LessonView,
    OutcomesView,
    PackageView,
    PlanTemplateView,
    PostReviewView,
    RehearsalView,
    RuleView,
    RunIssueView,
    SimulationView,
    WaiverView,
    WindowNightView,
)
from apps.windows.api import (
    CalendarFeedView,
    CalendarRuleView,
    WindowDeviationView,
    WindowSeriesView,
)


class DocsView(LoginRequiredMixin, SpectacularSwaggerSplitView):
    """The schema as a page, from our own server only; for those who are signed in."""

    template_name = "api/docs.html"
    authentication_classes = (SessionAuthentication,)


class NothingHere(APIView):
    """Any other address, as a problem instead of a page."""

    schema = None
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise NotFound("There is no such address in this interface.")


router = SimpleRouter()
router.register("changes", ChangeView, "api-change")
router.register("standard-changes", StandardChangeView, "api-standard-change")
router.register("policies", PolicyView, "api-policy")
router.register("obligations", ObligationView, "api-obligation")
router.register("risk-overrides", RiskOverrideView, "api-risk-override")
router.register("delegations", DelegationView, "api-delegation")
router.register("team-shifts", TeamShiftView, "api-team-shift")
router.register("meetings", MeetingView, "api-meeting")
router.register("applications", ApplicationView, "api-application")
router.register("assets", AssetView, "api-asset")
router.register("relations", RelationView, "api-relation")
router.register("versions", VersionView, "api-version")
router.register("scm-packages", ScmPackageView, "api-scm-package")
router.register("batch-cycles", BatchCycleView, "api-batch-cycle")
router.register("job-schedules", JobScheduleView, "api-job-schedule")
router.register("calendar-rules", CalendarRuleView, "api-calendar-rule")
router.register("calendar-feeds", CalendarFeedView, "api-calendar-feed")
router.register("window-deviations", WindowDeviationView, "api-window-deviation")
router.register("window-series", WindowSeriesView, "api-window-series")
router.register("windows", WindowNightView, "api-window")
router.register("packages", PackageView, "api-package")
router.register("activities", ActivityView, "api-activity")
router.register("alerts", AlertView, "api-alert")
router.register("run-issues", RunIssueView, "api-run-issue")
router.register("step-jobs", StepJobView, "api-step-job")
router.register("checks", CheckView, "api-check")
router.register("backout-plans", BackoutPlanView, "api-backout-plan")
router.register("communications", CommunicationView, "api-communication")
router.register("handovers", HandoverView, "api-handover")
router.register("go-no-go", GoNoGoView, "api-go-no-go")
router.register("first-cycle", FirstCycleWatchView, "api-first-cycle")
router.register("attestations", AttestationView, "api-attestation")
router.register("gate-profiles", GateProfileView, "api-gate-profile")
router.register("completeness-findings", CompletenessFindingView, "api-completeness-finding")
router.register("conflicts", ConflictView, "api-conflict")
router.register("plan-templates", PlanTemplateView, "api-plan-template")
router.register("lessons", LessonView, "api-lesson")
router.register("post-reviews", PostReviewView, "api-post-review")
router.register("rehearsals", RehearsalView, "api-rehearsal")
router.register("rules", RuleView, "api-rule")
router.register("simulations", SimulationView, "api-simulation")
router.register("readiness", ReadinessView, "api-readiness")
router.register("waivers", WaiverView, "api-waiver")
router.register("populations", PopulationView, "api-population")
router.register("audit-findings", AuditFindingView, "api-audit-finding")
router.register("moved-reports", MovedReportView, "api-moved-report")
router.register("messages", MessageView, "api-message")
router.register("packs", PackView, "api-pack")
router.register("tokens", TokenView, "api-token")

urlpatterns = [
    path("me/", MeView.as_view(), name="api-me"),
    path("step-up/", StepUpView.as_view(), name="api-step-up"),
    path("approval-debts/", ApprovalDebtsView.as_view(), name="api-approval-debts"),
    path("calendar-imports/", CalendarImportView.as_view(), name="api-calendar-import"),
    path("control-mapping/", ControlMappingView.as_view(), name="api-control-mapping"),
    path("outcomes/", OutcomesView.as_view(), name="api-outcomes"),
    path("systems/", OtherSystemsView.as_view(), name="api-systems"),
    path("assets/<str:pk>/baseline/", BaselineView.as_view(), name="api-baseline"),
    *(
        path(f"{kind}/<str:pk>/{name}/", view.as_view(), {"kind": kind}, name=f"api-{kind}-{name}")
        for kind in ("packages", "windows")
        for name, view in (("as-of", AsOfView), ("difference", DifferenceView))
    ),
    *(
        path(
            f"{kind}/<str:pk>/timeline/",
            TimelineView.as_view(),
            {"kind": kind},
            name=f"api-{kind}-timeline",
        )
        for kind in ("packages", "windows", "changes")
    ),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(url_name="api-schema"), name="api-docs"),
    path("", include(router.urls)),
    re_path(r"", NothingHere.as_view(), name="api-nothing-here"),
]
