"""A report of what really moved, and where each of its lines falls."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.audit.adapters import FORMATS
from apps.audit.domain.moved import BUCKETS
from apps.audit.models.period import OfPeriod
from apps.evidence.models import GovernedModel, PartModel


class MovedReport(OfPeriod, GovernedModel):
    """What a tool told of a period, compared with what was authorised for it.

    `sha256` is over the file. `counts` has how many lines are in each bucket; `owner` answers for
    what was not authorised.
    """

    SUBJECT = "moved_report"

    code = models.CharField(max_length=20, unique=True, editable=False)
    file_format = models.CharField(
        "format", max_length=12, choices=[(known.code, known.label) for known in FORMATS]
    )
    file_name = models.CharField("file", max_length=120)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+",
        help_text="Who answers for what was not authorised.",
    )  # fmt: skip
    counts = models.JSONField(default=dict, editable=False)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    imported_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "report of what moved"
        verbose_name_plural = "reports of what moved"

    def __str__(self) -> str:
        return f"{self.code} {self.file_name}"


class MovedItem(PartModel):
    """A move that the report tells of, or an authorised line that it tells nothing of (line 0)."""

    report = models.ForeignKey(MovedReport, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()
    bucket = models.CharField(max_length=14, choices=BUCKETS)
    line = models.PositiveIntegerField(default=0)
    element = models.CharField(max_length=80)
    element_type = models.CharField(max_length=20, blank=True)
    version = models.CharField(max_length=40, blank=True)
    scm_package = models.CharField("SCM package", max_length=60, blank=True)
    moved_at = models.DateTimeField(null=True)
    job = models.CharField(max_length=8, blank=True)
    user = models.CharField(max_length=20, blank=True)
    rc = models.PositiveIntegerField("return code", null=True)
    raw = models.CharField("as told", max_length=200, blank=True)
    change = models.ForeignKey(
        "changes.ChangeRequest", null=True, on_delete=models.PROTECT, related_name="+"
    )
    package = models.ForeignKey(
        "releases.ReleasePackage", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reasons = models.JSONField(default=list)

    class Meta:
        ordering = ["position"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["report", "position"], name="audit_moved_position_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["moved_at"], condition=models.Q(bucket="unauthorised"),
                name="audit_moved_unauthorised",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.element} {self.version}".strip()

    @property
    def subject(self) -> str:
        """Its report, and the line in it."""
        return f"{MovedReport.SUBJECT}:{self.report_id}#line-{self.line}"
