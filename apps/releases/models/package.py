"""The release package, its changes and its predecessors."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.evidence.models import GovernedModel, PartModel
from apps.releases.domain import lifecycle as life

SOURCES = life.PACKAGE_SOURCES


class ReleasePackage(GovernedModel):
    """Changes that go into one window together, with one plan and one outcome.

    `baseline` is the plan as confirmed: {activity id: [label, start, end, minutes]};
    `content_digest` is over content and plan at the same moment, and `soft_gates` are those that
    were acknowledged then as not met (`gates.domain.acknowledgement`).
    """

    SUBJECT = "package"
    PARTS = ("members", "dependencies")
    DERIVED = ("risk_band", "health", "gates_met", "gates_total")

    class Kind(models.TextChoices):
        PLANNED = "planned", "Planned"
        UNPLANNED = "unplanned", "Unplanned"
        EMERGENCY = "emergency", "Emergency"
        STANDARD = "standard_bundle", "Bundle of standard changes"

    class Outcome(models.TextChoices):
        COMPLETED = "completed", "Completed"
        PARTIALLY = "partially_completed", "Partially completed"
        FAILED = "failed", "Failed"
        BACKED_OUT = "backed_out", "Backed out"
        DELAYED = "delayed", "Delayed"
        CANCELLED = "cancelled", "Cancelled"

    class Decision(models.TextChoices):
        GO = "go", "Go"
        NO_GO = "no_go", "No-go"
        PARTIAL = "partial", "Partial"

    class DelayReason(models.TextChoices):
        NOT_READY = "not_ready", "Not ready in time"
        CAPACITY = "capacity", "No capacity"
        CONFLICT = "conflict", "Conflict with another package"
        BUSINESS = "business", "Asked for by the business"
        TECHNICAL = "technical", "Technical problem"
        NO_GO = "no_go", "No-go"
        WINDOW_CANCELLED = "window_cancelled", "Window cancelled"

    class FailureCode(models.TextChoices):
        ACTIVITY = "activity", "A step failed"
        VALIDATION = "validation", "Validation failed"
        TIME = "time", "Out of time"
        ENVIRONMENT = "environment", "Environment"
        HUMAN_ERROR = "human_error", "Human error"
        BACKOUT = "backout", "The backout failed"

    class Health(models.TextChoices):
        GREEN = "green", "On plan"
        AMBER = "amber", "At risk"
        RED = "red", "In trouble"

    code = models.CharField(max_length=20, unique=True, blank=True)
    name = models.CharField(max_length=120)
    window = models.ForeignKey(
        "windows.ReleaseWindow",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="packages",
    )
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.PLANNED)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    coordinator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    points = models.DecimalField(
        max_digits=5,
        decimal_places=1,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text="Share of the window's capacity. Left empty, it is computed from the changes.",
    )
    scm_package = models.CharField("SCM package", max_length=60, blank=True)
    retry_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="retries"
    )
    incident_ref = models.CharField("incident", max_length=40, blank=True)

    risk_band = models.CharField(max_length=10, blank=True, editable=False)
    health = models.CharField(
        max_length=6, choices=Health.choices, default=Health.GREEN, editable=False
    )
    gates_met = models.PositiveSmallIntegerField(default=0, editable=False)
    gates_total = models.PositiveSmallIntegerField(default=0, editable=False)

    delay_reason = models.CharField(
        max_length=20, choices=DelayReason.choices, blank=True, editable=False
    )
    delay_text = models.TextField(blank=True, editable=False)
    delay_count = models.PositiveSmallIntegerField(default=0, editable=False)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True, editable=False)
    lessons = models.TextField(blank=True, editable=False)
    failure_code = models.CharField(
        max_length=20, choices=FailureCode.choices, blank=True, editable=False
    )
    failure_text = models.TextField(blank=True, editable=False)
    failed_at = models.DateTimeField(
        null=True, editable=False, help_text="From when on its decision is waited for."
    )
    go_decision = models.CharField(
        max_length=10, choices=Decision.choices, blank=True, editable=False
    )
    go_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    go_at = models.DateTimeField(null=True, editable=False)
    go_reason = models.TextField(blank=True, editable=False)
    baseline = models.JSONField(default=dict, editable=False)
    content_digest = models.CharField(max_length=64, blank=True, editable=False)
    soft_gates = models.JSONField(default=list, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    warranty_until = models.DateTimeField(null=True, editable=False)
    state = FSMField(
        default=life.DRAFT, choices=life.PACKAGE_STATES, protected=True, editable=False
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "package"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[life.CLOSED, life.CANCELLED]) | ~Q(outcome=""),
                name="releases_closed_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(window__isnull=False)
                | Q(kind="emergency")
                | Q(state__in=[life.DRAFT, life.DELAYED, life.CANCELLED]),
                name="releases_planned_has_window",
            ),
            models.CheckConstraint(
                condition=~Q(retry_of=F("id")), name="releases_retry_of_another"
            ),
            models.CheckConstraint(
                condition=Q(go_decision="") | Q(go_at__isnull=False, go_by__isnull=False),
                name="releases_decision_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-created_at", "-id"], name="releases_package_state"),
            models.Index(fields=["-created_at", "-id"], name="releases_package_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def forget_confirmation(self) -> None:
        """What was fixed when it was confirmed ready holds no more."""
        self.baseline, self.content_digest, self.soft_gates = {}, "", []

    @property
    def is_emergency(self) -> bool:
        return self.kind == self.Kind.EMERGENCY

    @transition(field=state, source=SOURCES["plan"], target=life.PLANNED)
    def plan(self) -> None: ...

    @transition(field=state, source=SOURCES["confirm_ready"], target=life.READY)
    def confirm_ready(self) -> None: ...

    @transition(field=state, source=SOURCES["regress"], target=life.PLANNED)
    def regress(self) -> None: ...

    @transition(field=state, source=SOURCES["start"], target=life.IN_PROGRESS)
    def start(self) -> None: ...

    @transition(field=state, source=SOURCES["emergency_start"], target=life.IN_PROGRESS)
    def emergency_start(self) -> None: ...

    @transition(field=state, source=SOURCES["delay"], target=life.DELAYED)
    def delay(self) -> None: ...

    @transition(field=state, source=SOURCES["replan"], target=life.PLANNED)
    def replan(self) -> None: ...

    @transition(field=state, source=SOURCES["to_validation"], target=life.VALIDATING)
    def to_validation(self) -> None: ...

    @transition(field=state, source=SOURCES["reopen"], target=life.IN_PROGRESS)
    def reopen(self) -> None: ...

    @transition(field=state, source=SOURCES["complete"], target=life.COMPLETED)
    def complete(self) -> None: ...

    @transition(field=state, source=SOURCES["complete_partially"], target=life.PARTIALLY)
    def complete_partially(self) -> None: ...

    @transition(field=state, source=SOURCES["fail"], target=life.FAILED)
    def fail(self) -> None: ...

    @transition(field=state, source=SOURCES["resume"], target=life.IN_PROGRESS)
    def resume(self) -> None: ...

    @transition(field=state, source=SOURCES["start_backout"], target=life.BACKING_OUT)
    def start_backout(self) -> None: ...

    @transition(field=state, source=SOURCES["finish_backout"], target=life.BACKED_OUT)
    def finish_backout(self) -> None: ...

    @transition(field=state, source=SOURCES["backout_failed"], target=life.FAILED)
    def backout_failed(self) -> None: ...

    @transition(field=state, source=SOURCES["close"], target=life.CLOSED)
    def close(self) -> None: ...

    @transition(field=state, source=SOURCES["cancel"], target=life.CANCELLED)
    def cancel(self) -> None: ...


class PackageChange(PartModel):
    """That a package carries a change. `is_open` until the package has settled it."""

    class Outcome(models.TextChoices):
        DELIVERED = "delivered", "Delivered"
        NOT_DELIVERED = "not_delivered", "Not delivered"
        FAILED = "failed", "Failed"
        BACKED_OUT = "backed_out", "Backed out"

    package = models.ForeignKey(ReleasePackage, on_delete=models.PROTECT, related_name="members")
    change = models.ForeignKey(
        "changes.ChangeRequest", on_delete=models.PROTECT, related_name="memberships"
    )
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    is_open = models.BooleanField(default=True, editable=False)

    class Meta:
        ordering = ["change__code"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "change"], name="releases_change_once_in_package"
            ),
            models.UniqueConstraint(
                fields=["change"],
                condition=Q(is_open=True),
                name="releases_change_in_one_open_package",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change} in {self.package}"


class PackageDependency(PartModel):
    """That `predecessor` has to be completed before `package` starts."""

    package = models.ForeignKey(
        ReleasePackage, on_delete=models.PROTECT, related_name="dependencies"
    )
    predecessor = models.ForeignKey(
        ReleasePackage, on_delete=models.PROTECT, related_name="successors"
    )
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["predecessor__code"]
        verbose_name_plural = "package dependencies"
        constraints = [
            models.UniqueConstraint(
                fields=["package", "predecessor"], name="releases_package_dependency_once"
            ),
            models.CheckConstraint(
                condition=~Q(package=F("predecessor")), name="releases_package_not_after_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package} after {self.predecessor}"
