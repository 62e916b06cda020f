"""Imports that people start in the console, and the files they handed in."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.core.ids import uuid7
from apps.integrations.adapters.formats import FORMATS
from apps.inventory.domain.rows import FEED_MAX


class ImportRun(models.Model):
    """One import: its preview, and what it did once somebody confirmed it.

    Operating data, not evidence: what an import changed is recorded by the inventory. `digest` is
    over the files in their order, so that the bytes imported are those that were previewed.
    """

    class State(models.TextChoices):
        READING = "reading", "Being read"
        PREVIEWED = "previewed", "Previewed"
        IMPORTING = "importing", "Being imported"
        IMPORTED = "imported", "Imported"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"
        DISCARDED = "discarded", "Discarded"

    #: States in which a worker has something to do.
    BUSY = (State.READING, State.IMPORTING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file_format = models.CharField(
        "format", max_length=12, choices=[(known.code, known.label) for known in FORMATS]
    )
    feed = models.CharField(max_length=FEED_MAX)
    is_partial = models.BooleanField("partial", default=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.READING)
    files = models.JSONField(default=list)
    size = models.PositiveBigIntegerField("bytes")
    digest = models.CharField(max_length=64)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="imports"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "import"
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["-created_at", "-id"], name="integrations_import_newest")]

    def __str__(self) -> str:
        return ", ".join(file["name"] for file in self.files)

    @property
    def is_busy(self) -> bool:
        return self.state in self.BUSY


class UploadedPart(models.Model):
    """A megabyte of a file that waits to be imported; gone when that is done, or after a day."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="parts")
    file = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    content = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["run", "file", "number"], name="integrations_part_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.file}.{self.number}"
