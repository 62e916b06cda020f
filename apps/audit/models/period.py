"""What is asked about a span of days."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from apps.core import clock
from apps.inventory.models.landscape import validate_zone

DAYS_MOST = 3_660


def house_zone() -> str:
    return settings.INTERLOCK_ZONE


class OfPeriod(models.Model):
    """Whole days on one wall clock, both ends included."""

    first_on = models.DateField("first day")
    last_on = models.DateField("last day")
    zone = models.CharField(
        "time zone", max_length=40, default=house_zone, validators=[validate_zone],
        help_text="Whose wall clock the days are of.",
    )  # fmt: skip

    class Meta:
        abstract = True

    def clean(self) -> None:
        if not self.first_on or not self.last_on:
            return
        # Somewhere on earth this day has begun.
        if self.first_on > (clock.now() + timedelta(hours=14)).date():
            raise ValidationError(
                {"first_on": "This day is still to come, so nothing can be told of it. "
                             "Enter one that has begun."}
            )  # fmt: skip
        if self.last_on < self.first_on:
            raise ValidationError({"last_on": "It is before the first day. Enter a later one."})
        if (self.last_on - self.first_on).days > DAYS_MOST:
            raise ValidationError({"last_on": "More than ten years are asked for. Take fewer."})

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.first_on, time(), ZoneInfo(self.zone))

    @property
    def ends_at(self) -> datetime:
        """The first moment after the period."""
        return datetime.combine(self.last_on + timedelta(days=1), time(), ZoneInfo(self.zone))
