"""What checks of everything kept found, and bytes that were let go."""

from __future__ import annotations

from django.db import models

from apps.core.ids import uuid7
from apps.evidence.models.ledger import EvidenceEntry

#: Actions whose entries tell of an erasure; their own bytes are never erased.
TELLS_OF_ERASURE = ("evidence.redacted", "evidence.purged")


class DigestShape(models.Model):
    """The columns that digests of one model's rows were over, as long as it had just these."""

    model = models.CharField(max_length=80)
    shape = models.CharField(max_length=16)
    names = models.JSONField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["model", "shape"], name="evidence_shape_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.shape}"


class EvidenceCheck(models.Model):
    """One run of a check over everything that is kept, and what it found. Added, never edited.

    `counts` tells what was looked at and what was found, by name; `findings` the first of them.
    """

    class Kind(models.TextChoices):
        HISTORY = "history", "History against the ledger"
        INVARIANTS = "invariants", "Invariants"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    found = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)
    findings = models.JSONField(default=list)

    class Meta:
        default_permissions = ("view",)
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["kind", "-started_at"], name="evidence_last_check")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.started_at:%Y-%m-%d %H:%M} UTC"

    @property
    def is_clean(self) -> bool:
        return self.found == 0


class Erasure(models.Model):
    """That the bytes behind a digest are gone, and by which entry. Added, never edited.

    `digest` is the leaf hash of an entry whose body was erased, or the sha256 of a file.
    """

    class What(models.TextChoices):
        BODY = "body", "Body of an entry"
        FILE = "file", "File of an exhibit"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    what = models.CharField(max_length=4, choices=What.choices)
    digest = models.CharField(max_length=64)
    entry = models.ForeignKey(EvidenceEntry, on_delete=models.PROTECT, related_name="erasures")
    at = models.DateTimeField()

    class Meta:
        default_permissions = ("view",)
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["digest", "what"], name="evidence_erased")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.digest[:12]}"
