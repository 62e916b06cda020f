"""What people add to a record: comments, and documents that prove something."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from apps.evidence.models.governed import GovernedModel


class Comment(GovernedModel):
    """A remark on a governed record: added, never edited."""

    SUBJECT = "comment"

    about = models.CharField(max_length=80, db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()

    class Meta:
        ordering = ["created_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.text[:60]


class Exhibit(GovernedModel):
    """A document that proves something: a test result, a job log, a screenshot.

    `sha256` is over the file, or over the text where there is no file; the file lies under it in
    a private folder. A confidential one is read by the owners, the approvers and auditors only.
    """

    SUBJECT = "exhibit"

    class Kind(models.TextChoices):
        UNIT = "unit", "Unit test"
        SIT = "sit", "System integration test"
        UAT = "uat", "User acceptance test"
        REGRESSION = "regression", "Regression test"
        PERFORMANCE = "performance", "Performance test"
        PARALLEL_RUN = "parallel_run", "Parallel run"
        SECURITY_SCAN = "security_scan", "Security scan"
        JOB_LOG = "job_log", "Job log"
        OTHER = "other", "Other"

    #: Kinds that are no tests.
    NO_TESTS: ClassVar[tuple[str, ...]] = (Kind.JOB_LOG, Kind.OTHER)

    class Verdict(models.TextChoices):
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"

    about = models.CharField(max_length=80, db_index=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    title = models.CharField(max_length=200)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    result = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    url = models.URLField(blank=True)
    tested_version = models.CharField(max_length=60, blank=True)
    tested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: who attaches it, unless a laboratory is named.",
    )
    tester = models.CharField(
        "laboratory",
        max_length=80,
        blank=True,
        help_text="Who tested where nobody of the house did.",
    )
    tested_on = models.DateField(null=True, blank=True)
    is_confidential = models.BooleanField("confidential", default=False)
    file_name = models.CharField(max_length=120, blank=True)
    content_type = models.CharField(max_length=80, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    captured_at = models.DateTimeField()
    captured_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["captured_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.title}"

    @property
    def tested_by_whom(self) -> str:
        """The person, or the laboratory; empty where nobody is named."""
        return str(self.tested_by) if self.tested_by else self.tester
