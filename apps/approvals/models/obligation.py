"""Conditions under which somebody approved, each tracked until it is met."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from apps.approvals.models.approval import Approval
from apps.evidence.models import GovernedModel


class Obligation(GovernedModel):
    """One condition of one signature: what has to be done, by whom, until when, and its proof."""

    SUBJECT = "obligation"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        MET = "met", "Met"
        WITHDRAWN = "withdrawn", "Withdrawn"

    about = models.CharField(max_length=80)
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="obligations")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.CharField("condition", max_length=500)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="obligations",
        help_text="Who has to meet it.",
    )
    due_at = models.DateTimeField(null=True, help_text="Empty: before the work starts.")
    met_at = models.DateTimeField(null=True, editable=False)
    met_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    proof = models.TextField(blank=True, editable=False)
    closed_reason = models.CharField(max_length=300, blank=True, editable=False)
    state = FSMField(default=State.OPEN, choices=State.choices, protected=True, editable=False)

    class Meta:
        ordering = ["created_at", "id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="met")
                | (Q(met_at__isnull=False, met_by__isnull=False) & ~Q(proof="")),
                name="approvals_met_with_proof",
            ),
        ]
        indexes = [
            models.Index(fields=["about"], condition=Q(state="open"), name="approvals_obliged"),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @transition(field=state, source=State.OPEN, target=State.MET)
    def meet(self) -> None: ...

    @transition(field=state, source=State.MET, target=State.OPEN)
    def doubt(self) -> None: ...

    @transition(field=state, source=[State.OPEN, State.MET], target=State.WITHDRAWN)
    def withdraw(self) -> None: ...
