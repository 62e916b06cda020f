"""Edges between assets."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.core.ids import uuid7
from apps.inventory.domain.relations import RELATION_KINDS
from apps.inventory.domain.rows import FEED_MAX
from apps.inventory.models.assets import Asset


class AssetRelation(models.Model):
    """Source depends on target, in one way. `key` tells several edges of one kind apart.

    Imports write many: their evidence is one entry with counts and file digests. An edge that a
    person draws or removes is recorded on its source asset.

    `feed` is the import that told the edge last, "" for one drawn by hand. An edge that its feed no
    longer tells counts `missed_imports` and `is_stale` after some of them; nothing is deleted.
    """

    class Origin(models.TextChoices):
        SCAN = "scan", "Scan"
        DBB = "dbb", "Build report"
        SCHEDULER = "scheduler", "Scheduler"
        DB2_CATALOG = "db2_catalog", "Db2 catalog"
        IMPORT = "import", "Import"
        MANUAL = "manual", "Entered by hand"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="relations_out")
    kind = models.CharField(max_length=20, choices=list(RELATION_KINDS.items()))
    target = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="relations_in")
    key = models.CharField(max_length=40, blank=True, default="")
    attributes = models.JSONField(default=dict, blank=True)
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.MANUAL)
    confirmed = models.BooleanField(default=True)
    confidence = models.PositiveSmallIntegerField(
        default=100, help_text="How sure the source is of this, in percent."
    )
    feed = models.CharField(max_length=FEED_MAX, blank=True, default="")
    missed_imports = models.PositiveSmallIntegerField(default=0)
    is_stale = models.BooleanField("stale", default=False)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "key", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "target", "key"], name="inventory_relation_once"
            ),
            models.CheckConstraint(
                condition=Q(confidence__lte=100), name="inventory_relation_confidence"
            ),
        ]
        indexes = [
            models.Index(fields=["target", "kind"], name="inventory_relation_in"),
            models.Index(
                fields=["feed", "source"],
                condition=Q(is_stale=False) & ~Q(feed=""),
                name="inventory_relation_feed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {RELATION_KINDS.get(self.kind, self.kind)} {self.target}"
