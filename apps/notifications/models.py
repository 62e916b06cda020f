"""What the portal told people."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.core.ids import uuid7


class Message(models.Model):
    """One message to one person; `dedupe_key` says what it is about, so that it exists once."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    class Kind(models.TextChoices):
        SIGNATURE = "signature", "Signature asked for"
        CHANGE = "change", "Change"
        PACKAGE = "package", "Package"
        READINESS = "readiness", "Readiness"
        CAPACITY = "capacity", "Capacity"
        ALERT = "alert", "Alert in the night"
        EVIDENCE = "evidence", "Sealing of the evidence"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.CharField(max_length=20)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    subject_line = models.CharField("subject", max_length=200)
    text = models.TextField()
    about = models.CharField(max_length=80)
    url = models.CharField("page", max_length=200, blank=True)
    dedupe_key = models.CharField(max_length=160, unique=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.QUEUED)

    class Meta:
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="queued"), name="notifications_queued"
            ),
            models.Index(fields=["recipient", "-created_at"], name="notifications_of_person"),
            models.Index(fields=["about", "kind"], name="notifications_about"),
        ]

    def __str__(self) -> str:
        return self.subject_line
