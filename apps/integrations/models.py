"""Imports that people start in the console, the files they handed in, and jobs that are watched."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from apps.core.ids import uuid7
from apps.evidence.models import GovernedModel
from apps.integrations.adapters.formats import FORMATS
from apps.integrations.domain import jobs
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


class StepJob(GovernedModel):
    """The batch job that a step runs, as its team named it, and how it was seen last.

    `attempt` is that of the step, since a step that begins again runs another job. `asked_at` is
    when the system was asked last, whatever it said.
    """

    SUBJECT = "step_job"
    DERIVED = ("asked_at",)

    activity = models.ForeignKey(
        "releases.Activity", verbose_name="step", on_delete=models.PROTECT, related_name="jobs"
    )
    attempt = models.PositiveSmallIntegerField(editable=False)
    job_name = models.CharField(
        max_length=8,
        validators=[
            RegexValidator(f"(?i){jobs.JOB_NAME}", "Up to 8 characters, such as READACCT.")
        ],
    )
    job_id = models.CharField(
        max_length=8,
        validators=[
            RegexValidator(f"(?i){jobs.JOB_ID}", "As JES tells it, such as JOB02020 or J0002020.")
        ],
    )
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    outcome = models.CharField(
        max_length=10, choices=jobs.OUTCOMES, default=jobs.Outcome.WAITING, editable=False
    )
    status = models.CharField(max_length=8, blank=True, editable=False)
    retcode = models.CharField(max_length=20, blank=True, editable=False)
    system = models.CharField(max_length=8, blank=True, editable=False)
    rc = models.PositiveSmallIntegerField("return code", null=True, editable=False)
    failure = models.CharField(max_length=20, blank=True, editable=False)
    told = models.CharField("seen last", max_length=200, blank=True, editable=False)
    seen_at = models.DateTimeField(null=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "job"
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "attempt", "job_name", "job_id"],
                name="integrations_job_named_once",
            ),
        ]
        indexes = [models.Index(fields=["outcome", "asked_at"], name="integrations_job_to_ask")]

    def __str__(self) -> str:
        return f"{self.job_name} {self.job_id}"

    @property
    def is_settled(self) -> bool:
        return self.outcome in jobs.SETTLED


class SystemStatus(models.Model):
    """How the last talk with another system went. Operating data: a row for each system."""

    code = models.CharField(max_length=20, primary_key=True)
    last_ok_at = models.DateTimeField(null=True)
    last_error_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.code

    @property
    def is_failing(self) -> bool:
        """Whether the last talk failed."""
        return self.last_error_at is not None and (
            self.last_ok_at is None or self.last_error_at > self.last_ok_at
        )
