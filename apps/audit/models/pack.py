"""Packs of evidence that auditors asked for, and how far each is."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.audit.domain.verify_pack import CHALLENGE_MAX
from apps.core.ids import uuid7


class EvidencePack(models.Model):
    """One pack: what it is about, how far it is, and where its file lies.

    Operating data, not evidence: that it was asked for, made and downloaded are entries of
    "pack:<id>". `entry_ids` are the entries of a record pack as they were when it was asked for;
    `seq` and `leaf` are those of the entry of asking, its receipt.
    """

    SUBJECT = "pack"

    class Kind(models.TextChoices):
        RELEASE = "release", "Release with everything in it"
        CHANGE = "change", "Change with everything about it"
        PERIOD = "period", "Period, every entry"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for the seal"
        BUILDING = "building", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    #: States in which a worker has something to do.
    BUSY = (State.WAITING, State.BUILDING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    about = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=40, blank=True)
    what = models.CharField(max_length=300)
    in_flight = models.BooleanField(default=False)
    from_at = models.DateTimeField(null=True)
    to_at = models.DateTimeField(null=True)
    challenge = models.CharField(max_length=CHALLENGE_MAX, blank=True)
    earlier_size = models.PositiveBigIntegerField("earlier checkpoint", null=True)
    entry_ids = models.JSONField(default=list)
    leaf = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="evidence_packs"
    )
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    entries = models.PositiveBigIntegerField(null=True)
    log_size = models.PositiveBigIntegerField("checkpoint", null=True)
    size = models.PositiveBigIntegerField("bytes", null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "evidence pack"
        ordering = ["-asked_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["-asked_at", "-id"], name="audit_pack_newest"),
            models.Index(fields=["state"], name="audit_pack_state"),
        ]

    def __str__(self) -> str:
        return self.code or self.what

    @property
    def subject(self) -> str:
        return f"{self.SUBJECT}:{self.pk}"

    @property
    def is_busy(self) -> bool:
        return self.state in self.BUSY

    @property
    def file_name(self) -> str:
        return f"evidence-{self.code or 'period'}-{self.asked_at:%Y%m%d-%H%M}.zip"
