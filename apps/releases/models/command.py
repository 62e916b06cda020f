"""What a night raises: alerts that the portal raises, and issues that people do."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from apps.evidence.models import GovernedModel
from apps.releases.domain import alerts
from apps.releases.domain import run_issues as issues


class Alert(GovernedModel):
    """Somebody has to look. `key` is once per window, so that whoever raises it twice raises one.

    `since` is when the trouble began, `rung` the last step of the ladder that was told.
    """

    SUBJECT = "alert"

    class Level(models.TextChoices):
        AMBER = "amber", "Amber"
        RED = "red", "Red"

    window = models.ForeignKey(
        "windows.ReleaseWindow", on_delete=models.PROTECT, related_name="alerts", editable=False
    )
    step = models.ForeignKey(
        "releases.Activity",
        null=True,
        on_delete=models.PROTECT,
        related_name="alerts",
        editable=False,
    )
    key = models.CharField(max_length=120, editable=False)
    kind = models.CharField(max_length=12, choices=alerts.KINDS, editable=False)
    level = models.CharField(max_length=5, choices=Level.choices, editable=False)
    text = models.CharField(max_length=300, editable=False)
    since = models.DateTimeField(editable=False)
    raised_at = models.DateTimeField(editable=False)
    rung = models.SmallIntegerField(default=-1, editable=False)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    acknowledged_at = models.DateTimeField(null=True, editable=False)
    over_at = models.DateTimeField(null=True, editable=False)
    state = FSMField(
        default=alerts.RAISED, choices=alerts.ALERT_STATES, protected=True, editable=False
    )

    class Meta:
        ordering = ["-raised_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["window", "key"], name="releases_alert_once"),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="releases_alert_acknowledged_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["window", "state"], name="releases_alert_window")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"[:120]

    @transition(field=state, source=alerts.ALERT_SOURCES["acknowledge"], target=alerts.ACKNOWLEDGED)
    def acknowledge(self) -> None: ...

    @transition(field=state, source=alerts.ALERT_SOURCES["end"], target=alerts.OVER)
    def end(self) -> None: ...


class RunIssue(GovernedModel):
    """Something that went wrong in a night and that somebody sees to."""

    SUBJECT = "run_issue"

    class Severity(models.TextChoices):
        STOPS = "stops", "Stops the night"
        HINDERS = "hinders", "Hinders"
        NOTE = "note", "Worth knowing"

    window = models.ForeignKey(
        "windows.ReleaseWindow", on_delete=models.PROTECT, related_name="run_issues"
    )
    step = models.ForeignKey(
        "releases.Activity",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="run_issues",
        help_text="The step in which it came up, if it was one.",
    )
    title = models.CharField(max_length=160)
    detail = models.TextField(blank=True, help_text="Message, job, what was tried.")
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.HINDERS)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="run_issues",
        help_text="Who sees to it. Empty: the coordinator of the window.",
    )
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    resolution = models.TextField(blank=True, editable=False)
    resolved_at = models.DateTimeField(null=True, editable=False)
    state = FSMField(
        default=issues.OPEN, choices=issues.ISSUE_STATES, protected=True, editable=False
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=issues.OPEN) | ~Q(resolution=""),
                name="releases_issue_resolved_somehow",
            ),
        ]
        indexes = [models.Index(fields=["window", "state"], name="releases_issue_window")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == issues.OPEN

    @transition(field=state, source=issues.ISSUE_SOURCES["resolve"], target=issues.RESOLVED)
    def resolve(self) -> None: ...

    @transition(field=state, source=issues.ISSUE_SOURCES["reopen"], target=issues.OPEN)
    def reopen(self) -> None: ...
