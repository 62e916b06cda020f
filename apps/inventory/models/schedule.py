"""When batch runs: the cycles, and the timetable of each job."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from apps.core.recurrence import DAYS_MAX, days_problems
from apps.evidence.models import GovernedModel
from apps.inventory.domain.schedule import Schedule
from apps.inventory.models.assets import Asset
from apps.inventory.models.landscape import Site

JOB = "job"
NO_JOB = "{} is no job."


def validate_days(value: str) -> None:
    problems = list(days_problems(value))
    if problems:
        raise ValidationError(problems)


class BatchCycle(GovernedModel):
    """The nightly network of jobs. Times are those of the wall clock of its site."""

    SUBJECT = "batch_cycle"

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="cycles")
    first_job = models.ForeignKey(
        Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    latest_start = models.TimeField(help_text="The first job must start by then.")
    end_by = models.TimeField(help_text="The last job must have ended by then.")
    new_day_at = models.TimeField(
        "new day",
        null=True,
        blank=True,
        help_text="When the scheduler's business date changes: what starts before counts for the "
        "day before. Empty: nobody checks the date for which the batch is held.",
    )
    owner_team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="cycles"
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        if self.first_job is not None and self.first_job.type_id != JOB:
            raise ValidationError({"first_job": NO_JOB.format(self.first_job)})


class JobSchedule(GovernedModel):
    """When a job starts and how long it takes; the days and times are those of its cycle's site.

    A job that runs on demand has neither a cycle nor a start; any other has both.
    """

    SUBJECT = "job_schedule"

    job = models.OneToOneField(Asset, on_delete=models.PROTECT, related_name="schedule")
    cycle = models.ForeignKey(
        BatchCycle, null=True, blank=True, on_delete=models.PROTECT, related_name="schedules"
    )
    days = models.CharField(
        max_length=DAYS_MAX,
        blank=True,
        validators=[validate_days],
        help_text='Empty: every day. Weekdays such as "MO,FR", or an RFC 5545 rule such as '
        '"FREQ=MONTHLY;BYMONTHDAY=-1".',
    )
    start_time = models.TimeField("starts", null=True, blank=True)
    repeat_minutes = models.PositiveSmallIntegerField(
        "starts again every (minutes)",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Of a cyclic job.",
    )
    repeat_until = models.TimeField(
        "until", null=True, blank=True, help_text="Of a cyclic job; empty: a day long."
    )
    elapsed_minutes = models.PositiveSmallIntegerField(
        "takes (minutes)", default=0, help_text="On average."
    )
    elapsed_p90_minutes = models.PositiveSmallIntegerField(
        "nine of ten end within (minutes)", null=True, blank=True
    )
    is_critical = models.BooleanField("critical", default=False)
    is_on_demand = models.BooleanField("on demand", default=False)

    class Meta:
        ordering = ["start_time", "job__name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_on_demand=True, start_time=None, cycle=None)
                | Q(is_on_demand=False, start_time__isnull=False, cycle__isnull=False),
                name="inventory_schedule_start",
                violation_error_message="A job starts at a time in a cycle, or on demand.",
            ),
        ]

    def __str__(self) -> str:
        return self.job.name

    def clean(self) -> None:
        problems: dict[str, str] = {}
        if self.job_id and self.job.type_id != JOB:
            problems["job"] = NO_JOB.format(self.job)
        if self.repeat_until is not None and not self.repeat_minutes:
            problems["repeat_minutes"] = "Enter how often it starts again until then."
        if self.elapsed_p90_minutes is not None and self.elapsed_p90_minutes < self.elapsed_minutes:
            problems["elapsed_p90_minutes"] = "Nine of ten runs take no less than the average."
        if problems:
            raise ValidationError(problems)

    def timetable(self) -> Schedule:
        """The same for `next_run`."""
        return Schedule(
            zone=self.cycle.site.tz if self.cycle else "UTC",
            start=self.start_time,
            days=self.days,
            repeat=timedelta(minutes=self.repeat_minutes) if self.repeat_minutes else None,
            repeat_until=self.repeat_until,
            elapsed=timedelta(minutes=self.elapsed_minutes),
            is_on_demand=self.is_on_demand,
        )
