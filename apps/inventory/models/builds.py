"""What programs were built of."""

from __future__ import annotations

from django.db import models

from apps.core.ids import uuid7
from apps.inventory.domain.rows import FEED_MAX, LEVEL_MAX
from apps.inventory.models.assets import Asset


class BuildInput(models.Model):
    """That a level of a program was built with a level of a part. Added, never edited.

    Two programs of one release that were built with different levels of a part are skewed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    program = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="built_with")
    program_level = models.CharField(max_length=LEVEL_MAX)
    part = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="built_into")
    part_level = models.CharField(max_length=LEVEL_MAX)
    feed = models.CharField(max_length=FEED_MAX)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-seen_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["program", "program_level", "part"], name="inventory_build_once"
            ),
        ]
        indexes = [models.Index(fields=["part", "part_level"], name="inventory_build_part")]

    def __str__(self) -> str:
        return f"{self.program} {self.program_level} with {self.part} {self.part_level}"
