"""Standard changes: kinds of change that the board approved in advance, within limits."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from apps.changes.domain import standard as life
from apps.evidence.models import GovernedModel


class StandardTemplate(GovernedModel):
    """A kind of change that the board approved in advance, within limits."""

    SUBJECT = "standard_template"

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    application = models.ForeignKey(
        "inventory.Application", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    families = models.JSONField(default=list, help_text="Families of assets it may touch.")
    asset_types = models.JSONField(
        default=list,
        blank=True,
        help_text="Codes of the asset types it may touch; empty: all of its families.",
    )
    activity_types = models.JSONField(
        default=list,
        blank=True,
        help_text="Codes of the types of step it may be carried out by; empty: all.",
    )
    max_assets = models.PositiveSmallIntegerField(default=1)
    max_risk = models.CharField(max_length=10, default="low")
    approved_until = models.DateTimeField()
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    #: Since when the board answers for it: its approval, or the last time it was made active.
    active_since = models.DateTimeField(null=True, editable=False)
    suspended_because = models.CharField(max_length=300, blank=True, editable=False)
    state = FSMField(default=life.PROPOSED, choices=life.STATES, protected=True, editable=False)

    class Meta:
        ordering = ["code"]
        verbose_name = "standard change"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(proposed_by__isnull=True)
                | ~Q(approved_by=models.F("proposed_by")),
                name="changes_standard_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @transition(field=state, source=life.SOURCES["approve"], target=life.ACTIVE)
    def approve(self) -> None: ...

    @transition(field=state, source=life.SOURCES["suspend"], target=life.SUSPENDED)
    def suspend(self) -> None: ...

    @transition(field=state, source=life.SOURCES["reactivate"], target=life.ACTIVE)
    def reactivate(self) -> None: ...

    @transition(field=state, source=life.SOURCES["retire"], target=life.RETIRED)
    def retire(self) -> None: ...
