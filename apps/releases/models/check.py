"""What is measured to know that a package works."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from apps.evidence.models import GovernedModel
from apps.releases.domain import lifecycle as life
from apps.releases.models.activity import Activity
from apps.releases.models.package import ReleasePackage

SOURCES = life.CHECK_SOURCES


class ValidationCheck(GovernedModel):
    """One validation check of a package, or of a whole window (then `package` is empty)."""

    SUBJECT = "check"

    class Kind(models.TextChoices):
        JOB_RC = "job_rc", "Job return code"
        RECORD_COUNT = "record_count", "Record count"
        CONTROL_TOTAL = "control_total", "Control total"
        ONLINE_SMOKE = "online_smoke", "Online smoke test"
        SQL = "sql", "SQL"
        FILE_ARRIVAL = "file_arrival", "File arrival"
        REPORT = "report", "Report"
        SCHEDULE = "schedule", "Schedule"
        MEMBER_FOOTPRINT = "member_footprint", "Member footprint"
        PERFORMANCE = "performance", "Performance"
        MANUAL = "manual", "Manual"

    class Phase(models.TextChoices):
        PRE = "pre", "Before"
        IN_WINDOW = "in_window", "In the window"
        GO_DECISION = "go_decision", "For the go decision"
        POST_BACKOUT = "post_backout", "After a backout"
        FIRST_CYCLE = "first_cycle", "First cycle"
        WARRANTY = "warranty", "Warranty"

    package = models.ForeignKey(
        ReleasePackage, null=True, blank=True, on_delete=models.PROTECT, related_name="checks"
    )
    window = models.ForeignKey(
        "windows.ReleaseWindow",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="checks",
    )
    change = models.ForeignKey(
        "changes.ChangeRequest",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="checks",
    )
    code = models.CharField(max_length=10)
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    method = models.TextField(blank=True, help_text="Job, SQL or transaction that measures it.")
    expected_operator = models.CharField(max_length=20, default="=")
    expected_value = models.CharField(max_length=120, blank=True)
    baseline = models.CharField(max_length=120, blank=True, help_text="What was measured before.")
    baseline_source = models.CharField(
        max_length=120, blank=True, help_text="Where that was measured: job, report, archive."
    )
    phase = models.CharField(max_length=12, choices=Phase.choices, default=Phase.IN_WINDOW)
    mandatory = models.BooleanField(default=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="owned_checks",
    )
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="checks")
    activity = models.ForeignKey(
        Activity,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="checks",
        help_text="The step that has to be done before it can be measured.",
    )
    actual_value = models.CharField(max_length=120, blank=True, editable=False)
    result_text = models.TextField(blank=True, editable=False)
    run_at = models.DateTimeField(null=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    accepted_reason = models.TextField(blank=True, editable=False)
    state = FSMField(
        default=life.PLANNED, choices=life.CHECK_STATES, protected=True, editable=False
    )

    class Meta:
        ordering = ["phase", "code"]
        verbose_name = "validation check"
        constraints = [
            models.CheckConstraint(
                condition=Q(package__isnull=False, window__isnull=True)
                | Q(package__isnull=True, window__isnull=False),
                name="releases_check_of_package_or_window",
            ),
            models.CheckConstraint(
                condition=~Q(state=life.ACCEPTED)
                | (Q(accepted_by__isnull=False) & ~Q(kind="control_total")),
                name="releases_deviation_accepted_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["package", "code"],
                condition=Q(package__isnull=False),
                name="releases_check_once_in_package",
            ),
            models.UniqueConstraint(
                fields=["window", "code"],
                condition=Q(window__isnull=False),
                name="releases_check_once_in_window",
            ),
        ]
        indexes = [models.Index(fields=["team", "state"], name="releases_check_team")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @transition(field=state, source=SOURCES["begin"], target=life.RUNNING)
    def begin(self) -> None: ...

    @transition(field=state, source=SOURCES["pass_check"], target=life.PASSED)
    def pass_check(self) -> None: ...

    @transition(field=state, source=SOURCES["fail"], target=life.FAILED)
    def fail(self) -> None: ...

    @transition(field=state, source=SOURCES["be_inconclusive"], target=life.INCONCLUSIVE)
    def be_inconclusive(self) -> None: ...

    @transition(field=state, source=SOURCES["rerun"], target=life.RUNNING)
    def rerun(self) -> None: ...

    @transition(field=state, source=SOURCES["accept"], target=life.ACCEPTED)
    def accept(self) -> None: ...

    @transition(field=state, source=SOURCES["leave_out"], target=life.NOT_RUN)
    def leave_out(self) -> None: ...

    @transition(field=state, source=SOURCES["recall"], target=life.PLANNED)
    def recall(self) -> None: ...
