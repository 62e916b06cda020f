"""An exception that somebody has to answer for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.audit.domain import finding as life
from apps.audit.domain.controls import CONTROLS
from apps.audit.models.moved import MovedReport
from apps.audit.models.population import Population
from apps.evidence.models import GovernedModel

MOVED = "MOVED"


def control_choices() -> list[tuple[str, str]]:
    """Asked anew each time, so that another control is no migration."""
    return [*((c.code, f"{c.code} {c.title}") for c in CONTROLS),
            (MOVED, "Moved but not authorised")]  # fmt: skip


class AuditFinding(GovernedModel):
    """Found by a control test, by a report of what moved, or entered by an auditor.

    Its owner answers; who closes it is an auditor and never its owner. `about` is the subject of
    the record that it concerns, `fact` of what shows it. Each control finds a thing once.
    """

    SUBJECT = "audit_finding"

    code = models.CharField(max_length=20, unique=True, editable=False)
    population = models.ForeignKey(
        Population, null=True, blank=True, on_delete=models.PROTECT, related_name="findings"
    )
    report = models.ForeignKey(
        MovedReport, verbose_name="report of what moved", null=True, blank=True,
        on_delete=models.PROTECT, related_name="findings", editable=False,
    )  # fmt: skip
    control = models.CharField(max_length=8, choices=control_choices, blank=True)
    about = models.CharField(max_length=80, blank=True, editable=False)
    about_name = models.CharField(
        "what it concerns", max_length=120, help_text="A code, such as CHG0531."
    )
    fact = models.CharField(max_length=80, blank=True, editable=False)
    what = models.TextField("what was found")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="audit_findings",
        help_text="Who answers for it.",
    )  # fmt: skip
    due_at = models.DateTimeField("due", help_text="Until when it is answered.")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    answer = models.TextField(blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    answered_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    closed_at = models.DateTimeField(null=True, editable=False)
    state = FSMField(default=life.OPEN, choices=life.STATES, protected=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["control", "about"],
                condition=~Q(about=""),
                name="audit_finding_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True)
                | (~Q(closed_by=F("owner")) & ~Q(closed_by=F("answered_by"))),
                name="audit_finding_closed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state=life.CLOSED)
                | Q(closed_by__isnull=False, closed_at__isnull=False),
                name="audit_finding_closed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="audit_finding_due"),
            models.Index(fields=["owner", "state"], name="audit_finding_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.about_name}"

    @transition(field=state, source=life.SOURCES["explain"], target=life.TARGETS["explain"])
    def explain(self) -> None: ...

    @transition(field=state, source=life.SOURCES["remediate"], target=life.TARGETS["remediate"])
    def remediate(self) -> None: ...

    @transition(field=state, source=life.SOURCES["accept"], target=life.TARGETS["accept"])
    def accept_risk(self) -> None: ...

    @transition(field=state, source=life.SOURCES["close"], target=life.TARGETS["close"])
    def close_finding(self) -> None: ...

    @transition(field=state, source=life.SOURCES["reopen"], target=life.TARGETS["reopen"])
    def reopen_finding(self) -> None: ...
