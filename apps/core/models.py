from django.db import models


class DemoClock(models.Model):
    """One row: how far the demo's clock is from the real one. Production has no row."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    offset = models.DurationField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="core_one_demo_clock"),
        ]

    def __str__(self) -> str:
        return f"demo clock {self.offset}"
