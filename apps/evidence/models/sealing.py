"""What the sealer writes, and nobody else."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from apps.evidence.models.ledger import EvidenceEntry


class EvidenceLeaf(models.Model):
    """The place of an entry in the Merkle tree; written by the sealer alone, without gaps from 0.

    The tree of `size` leaves is over leaves 0 to `size` - 1, whatever its origin is called.
    """

    idx = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(EvidenceEntry, on_delete=models.PROTECT, related_name="placed")
    leaf = models.BinaryField()

    class Meta:
        default_permissions = ()
        ordering = ["idx"]

    def __str__(self) -> str:
        return f"leaf {self.idx}"


class EvidenceCheckpoint(models.Model):
    """A head of the tree as the sealer signed it: a C2SP signed note, the newest last.

    `origin` names the log and its epoch ("interlock.example/1"); a new one begins when a restored
    database is behind what was sealed. `at` is real time.
    """

    origin = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = "checkpoint"
        default_permissions = ("view",)
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["origin", "size"], name="evidence_one_head_per_size"),
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.size}"


class EvidenceTimestamp(models.Model):
    """What an authority outside says about when a checkpoint was there: an RFC 3161 token (DER)."""

    checkpoint = models.OneToOneField(
        EvidenceCheckpoint, on_delete=models.PROTECT, related_name="timestamp"
    )
    token = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"timestamp of {self.checkpoint_id}"


class EvidenceAlarm(models.Model):
    """Why the sealer refuses to seal. The newest row counts; its code is "clear" when it seals."""

    CLEAR: ClassVar[str] = "clear"

    code = models.CharField(max_length=30)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = "alarm of the sealer"
        verbose_name_plural = "alarms of the sealer"
        default_permissions = ("view",)
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text
