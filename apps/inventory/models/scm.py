"""What source code managers tell of their packages."""

from __future__ import annotations

from django.db import models

from apps.core.ids import uuid7
from apps.inventory.domain.rows import FEED_MAX, PACKAGE_ID_MAX


class ScmPackage(models.Model):
    """A package as its tool told it last. A register of facts: nothing here is decided here."""

    class Tool(models.TextChoices):
        ENDEVOR = "endevor", "Endevor"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tool = models.CharField(max_length=12, choices=Tool.choices)
    package_id = models.CharField("package", max_length=PACKAGE_ID_MAX)
    description = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    window_from = models.DateTimeField(null=True)
    window_to = models.DateTimeField(null=True)
    backout_enabled = models.BooleanField(null=True)
    approved_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)
    committed_at = models.DateTimeField(null=True)
    raw = models.JSONField(default=dict)
    feed = models.CharField(max_length=FEED_MAX)
    last_seen_at = models.DateTimeField()

    class Meta:
        verbose_name = "SCM package"
        ordering = ["tool", "package_id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["tool", "package_id"], name="inventory_scm_once"),
        ]

    def __str__(self) -> str:
        return self.package_id
