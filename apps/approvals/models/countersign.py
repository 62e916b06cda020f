"""What one person proposes and a second person confirms."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.evidence.models import GovernedModel


class Countersign(GovernedModel):
    """A proposal of one person that a second one confirms, on the same content.

    `purpose` is the action; `values` are what the door of the subject does once it is confirmed,
    and `content_digest` is over them and what the subject was like when they were proposed.
    """

    SUBJECT = "countersign"

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        CONFIRMED = "confirmed", "Confirmed"
        REPLACED = "replaced", "Replaced"

    about = models.CharField(max_length=80)
    purpose = models.CharField(max_length=30)
    values = models.JSONField(default=dict)
    content_digest = models.CharField(max_length=64)
    because = models.TextField(help_text="Why one person is not enough.")
    reason = models.TextField(blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)
    state = FSMField(default=State.PROPOSED, choices=State.choices, protected=True, editable=False)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        default_permissions = ("view",)
        verbose_name = "second signature"
        constraints = [
            models.UniqueConstraint(
                fields=["about", "purpose"],
                condition=Q(state="proposed"),
                name="approvals_one_open_proposal",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                name="approvals_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="approvals_confirmed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose.replace('_', ' ').capitalize()}, proposed by {self.proposed_by}"

    @transition(field=state, source=State.PROPOSED, target=State.CONFIRMED)
    def confirm(self) -> None: ...

    @transition(field=state, source=State.PROPOSED, target=State.REPLACED)
    def replace(self) -> None: ...
