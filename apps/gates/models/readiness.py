"""What the gates said of a package the last time they were asked: derived, never entered."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.core.ids import uuid7
from apps.gates.models.attestation import Attestation


class ReadinessItem(models.Model):
    """One gate of one package: derived, never entered. Moves never read it: they ask the gate.

    `attestation` is what the state of a manual gate rests on, `profile` why its level is another
    than delivered.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        SUBMITTED = "submitted", "Waits for a second person"
        MET = "met", "Met"
        NOT_MET = "not_met", "Not met"
        WAIVED = "waived", "Waived"
        EXPIRED = "expired", "Expired: what it proves changed"
        NOT_APPLICABLE = "not_applicable", "Not applicable"

    class Level(models.TextChoices):
        HARD = "hard", "Hard"
        SOFT = "soft", "Soft"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject = models.CharField(max_length=80)
    subject_code = models.CharField("package", max_length=20)
    gate = models.CharField(max_length=4)
    level = models.CharField(max_length=4, choices=Level.choices)
    state = models.CharField(max_length=14, choices=State.choices, default=State.OPEN)
    detail = models.TextField(blank=True)
    findings = models.JSONField(default=list)
    due_at = models.DateTimeField(null=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    owner_role = models.CharField(max_length=30)
    attestation = models.ForeignKey(
        Attestation, null=True, on_delete=models.PROTECT, related_name="items"
    )
    profile = models.CharField(max_length=260, blank=True)
    evaluated_at = models.DateTimeField(null=True)
    #: Since when it is met, or waived.
    met_since = models.DateTimeField(null=True)
    waiver = models.ForeignKey(
        "gates.Waiver", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["subject_code", "gate"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["subject", "gate"], name="gates_item_once"),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="gates_item_due"),
            models.Index(fields=["owner", "state"], name="gates_item_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.gate} of {self.subject_code}"


class GateTurn(models.Model):
    """What a gate said of a package from `at` until its next row: kept each time that it said
    something else, so that readiness can be told of a past moment. Append-only."""

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=80)
    gate = models.CharField(max_length=4)
    level = models.CharField(max_length=4, choices=ReadinessItem.Level.choices)
    state = models.CharField(max_length=14, choices=ReadinessItem.State.choices)
    detail = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        default_permissions = ()
        indexes = [models.Index(fields=["subject", "gate", "-at"], name="gates_turn_of_gate")]

    def __str__(self) -> str:
        return f"{self.gate} of {self.subject}: {self.state}"
