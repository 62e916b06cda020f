"""The catalogue of activity types."""

from __future__ import annotations

from django.db import models


class ActivityType(models.Model):
    """A kind of step, as reference data: only a migration changes it.

    `exclusive_kind` is the kind of subsystem on which such a step tolerates no other. `requires`
    are the kinds of evidence that such a step completes with, of `domain.required`.
    """

    code = models.CharField(max_length=20, primary_key=True)
    label = models.CharField(max_length=60)
    alters = models.BooleanField(default=False, help_text="It changes production.")
    default_minutes = models.PositiveSmallIntegerField(default=5)
    team_kind = models.CharField(max_length=20, blank=True)
    exclusive_kind = models.CharField(max_length=20, blank=True)
    irreversible = models.BooleanField(default=False)
    validates = models.BooleanField(default=False)
    decides = models.BooleanField(default=False)
    requires = models.JSONField(
        default=list, blank=True, help_text="The evidence that such a step completes with."
    )
    default_backout = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.label
