"""The change request, its scope and its context."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django_fsm import FSMField, transition

from apps.changes.domain import lifecycle as life
from apps.changes.domain.content import FIELDS_IN_WORDS, ScopeLine, fingerprint, material
from apps.changes.domain.impact import ASPECTS
from apps.changes.models.standard import StandardTemplate
from apps.evidence.models import GovernedModel, PartModel

SERVICE, SECURITY, DATA, CONTINUITY = ASPECTS


class ChangeRequest(GovernedModel):
    SUBJECT = "change"
    PARTS = ("assets", "links")

    class Type(models.TextChoices):
        STANDARD = "standard", "Standard"
        NORMAL = "normal", "Normal"
        EMERGENCY = "emergency", "Emergency"

    class Category(models.TextChoices):
        APPLICATION = "application", "Application"
        DB2 = "db2", "Db2"
        SCHEDULER = "scheduler", "Scheduler"
        DATA = "data", "Data"
        INFRASTRUCTURE = "infrastructure", "Infrastructure"
        SECURITY = "security", "Security"

    class Band(models.TextChoices):
        LOW = "low", "Low"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High"
        CRITICAL = "critical", "Critical"

    code = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    change_type = models.CharField("type", max_length=10, choices=Type.choices, default=Type.NORMAL)
    category = models.CharField(
        max_length=20, choices=Category.choices, default=Category.APPLICATION
    )
    application = models.ForeignKey(
        "inventory.Application", on_delete=models.PROTECT, related_name="changes"
    )
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who wrote what is changed.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who answers for the change.",
    )
    reason = models.TextField(blank=True)
    impact = models.CharField(
        "impact on the service", max_length=10, choices=SERVICE.choices, blank=True
    )
    impact_words = models.TextField("in words", max_length=500, blank=True)
    security_impact = models.CharField(
        "impact on security", max_length=10, choices=SECURITY.choices, blank=True
    )
    security_words = models.TextField("in words", max_length=500, blank=True)
    data_impact = models.CharField(
        "impact on data", max_length=10, choices=DATA.choices, blank=True
    )
    data_words = models.TextField("in words", max_length=500, blank=True)
    continuity = models.CharField(
        "operating documents", max_length=10, choices=CONTINUITY.choices, blank=True
    )
    continuity_words = models.TextField("in words", max_length=500, blank=True)
    downtime_minutes = models.PositiveIntegerField(default=0)
    irreversible = models.BooleanField(
        default=False, help_text="A part of it cannot be undone once it ran."
    )
    declared_risk = models.CharField(max_length=10, choices=Band.choices, blank=True)
    risk_band = models.CharField(max_length=10, choices=Band.choices, blank=True, editable=False)
    risk_reasons = models.JSONField(default=list, editable=False)
    implementation_summary = models.TextField("implementation", blank=True)
    backout_summary = models.TextField("backout", blank=True)
    validation_summary = models.TextField("validation", blank=True)
    tests_due_on = models.DateField(
        null=True, blank=True, help_text="When test evidence will be there, if it is not yet."
    )
    earliest_on = models.DateField(null=True, blank=True)
    latest_on = models.DateField(null=True, blank=True)
    incident_ref = models.CharField("incident", max_length=40, blank=True)
    standard_template = models.ForeignKey(
        StandardTemplate, null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    external_ref = models.CharField(max_length=60, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    signed_content = models.JSONField(default=dict, editable=False)
    execution = models.JSONField(
        default=dict, editable=False, help_text="What execution is about to do, by group."
    )
    policy_version = models.CharField(max_length=20, blank=True, editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)
    valid_until = models.DateTimeField(null=True, editable=False)
    on_hold = models.BooleanField(default=False, editable=False)
    on_hold_reason = models.CharField(max_length=300, blank=True, editable=False)
    ratification_due_at = models.DateTimeField(null=True, editable=False)
    ratified_at = models.DateTimeField(null=True, editable=False)
    review_due_at = models.DateTimeField(null=True, editable=False)
    ratified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    outcome = models.CharField(max_length=20, blank=True, editable=False)
    review = models.TextField("review and lessons", blank=True, editable=False)
    state = FSMField(default=life.DRAFT, choices=life.STATES, protected=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latest_on__isnull=True)
                | Q(earliest_on__isnull=True)
                | Q(latest_on__gte=models.F("earliest_on")),
                name="changes_latest_after_earliest",
            ),
            models.CheckConstraint(
                condition=Q(ratified_by__isnull=True) | Q(ratified_at__isnull=False),
                name="changes_ratified_when",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="changes_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="changes_by_state"),
            models.Index(fields=["application", "-created_at"], name="changes_by_application"),
            models.Index(
                fields=["application"],
                condition=Q(change_type="emergency") & ~Q(state__in=life.ENDED),
                name="changes_emergencies_unsettled",
            ),
            GinIndex(OpClass(Upper("code"), "gin_trgm_ops"), name="changes_code_search"),
            GinIndex(OpClass(Upper("title"), "gin_trgm_ops"), name="changes_title_search"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def clean(self) -> None:
        earliest, latest = self.earliest_on, self.latest_on
        # What is no day is told by its own field.
        if isinstance(earliest, date) and isinstance(latest, date) and latest < earliest:
            raise ValidationError(
                {"latest_on": "It is before the earliest day. Enter a later one."}
            )

    def content(self) -> dict[str, Any]:
        """What a signature covers, as it is now: its own content and what execution handed in."""
        own = self.own_content()
        return own | {"execution": self.execution} if self.execution else own

    def own_content(self) -> dict[str, Any]:
        """What its author entered of that."""
        fields = {
            name: self.application.code if name == "application" else getattr(self, name)
            for name in FIELDS_IN_WORDS
        }
        fields["earliest_on"] = self.earliest_on.isoformat() if self.earliest_on else ""
        return material(fields, (line.as_line() for line in self.assets.all()))

    def current_fingerprint(self) -> str:
        return fingerprint(self.content())

    @property
    def awaits_ratification(self) -> bool:
        """Whether work on this emergency ended, and the board has not accepted it yet."""
        ended = self.state in life.SOURCES["close"]
        return ended and self.ratification_due_at is not None and self.ratified_at is None

    @transition(field=state, source=life.SOURCES["submit"], target=life.ASSESSING)
    def submit(self) -> None: ...

    @transition(field=state, source=life.SOURCES["return_to_draft"], target=life.DRAFT)
    def return_to_draft(self) -> None: ...

    @transition(field=state, source=life.SOURCES["approve"], target=life.APPROVED)
    def approve(self) -> None: ...

    @transition(field=state, source=life.SOURCES["auto_approve"], target=life.APPROVED)
    def auto_approve(self) -> None: ...

    @transition(field=state, source=life.SOURCES["reject"], target=life.REJECTED)
    def reject(self) -> None: ...

    @transition(field=state, source=life.SOURCES["schedule"], target=life.SCHEDULED)
    def schedule(self) -> None: ...

    @transition(field=state, source=life.SOURCES["unschedule"], target=life.APPROVED)
    def unschedule(self) -> None: ...

    @transition(field=state, source=life.SOURCES["invalidate"], target=life.ASSESSING)
    def invalidate(self) -> None: ...

    @transition(field=state, source=life.SOURCES["start"], target=life.IMPLEMENTING)
    def start(self) -> None: ...

    @transition(field=state, source=life.SOURCES["complete"], target=life.IMPLEMENTED)
    def complete(self) -> None: ...

    @transition(field=state, source=life.SOURCES["fail"], target=life.FAILED)
    def fail(self) -> None: ...

    @transition(field=state, source=life.SOURCES["resume"], target=life.IMPLEMENTING)
    def resume(self) -> None: ...

    @transition(field=state, source=life.SOURCES["return_to_approved"], target=life.APPROVED)
    def return_to_approved(self) -> None: ...

    @transition(field=state, source=life.SOURCES["back_out"], target=life.BACKED_OUT)
    def back_out(self) -> None: ...

    @transition(field=state, source=life.SOURCES["close"], target=life.CLOSED)
    def close(self) -> None: ...

    @transition(field=state, source=life.SOURCES["cancel"], target=life.CANCELLED)
    def cancel(self) -> None: ...


class ChangeAsset(PartModel):
    """One line of the scope."""

    class Action(models.TextChoices):
        NEW = "new", "New"
        CHANGE = "change", "Change"
        DELETE = "delete", "Delete"
        REBIND_ONLY = "rebind_only", "Rebind only"
        CONVERT = "convert", "Convert"
        ACTIVATE = "activate", "Activate"

    change = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="assets")
    asset = models.ForeignKey(
        "inventory.Asset", on_delete=models.PROTECT, related_name="change_lines"
    )
    action = models.CharField(max_length=12, choices=Action.choices, default=Action.CHANGE)
    from_version = models.CharField(
        max_length=40, blank=True, help_text="The version it was built on."
    )
    to_version = models.CharField(max_length=40, blank=True)
    scm_ref = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["asset__name", "action"]
        constraints = [
            models.UniqueConstraint(
                fields=["change", "asset", "action"], name="changes_scope_line_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.asset}"

    def as_line(self) -> ScopeLine:
        return ScopeLine(
            asset=f"{self.asset.type.code}:{self.asset.qualifier}:{self.asset.name}",
            action=self.action,
            from_version=self.from_version,
            to_version=self.to_version,
            scm_ref=self.scm_ref,
            family=self.asset.type.family,
        )


class ContextLink(PartModel):
    """Why the business wants it: an incident, a project, a promise to a customer…"""

    class Kind(models.TextChoices):
        INCIDENT = "incident", "Incident"
        PROBLEM = "problem", "Problem"
        PROJECT = "project", "Project"
        CUSTOMER_COMMITMENT = "customer_commitment", "Customer commitment"
        REGULATORY = "regulatory", "Regulatory"
        SERVICE_REQUEST = "service_request", "Service request"
        SUPPORT_TICKET = "support_ticket", "Support ticket"
        AUDIT_FINDING = "audit_finding", "Audit finding"

    change = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    ref = models.CharField(max_length=60, db_index=True)
    url = models.URLField(blank=True, validators=[URLValidator(schemes=["https", "http"])])
    due_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "ref"]
        constraints = [
            models.UniqueConstraint(fields=["change", "kind", "ref"], name="changes_link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.ref}"
