"""The first batch cycle after a night: which jobs run what was changed, and how they ended."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from apps.evidence.models import GovernedModel
from apps.releases.domain import lifecycle as life

SOURCES = life.WATCH_SOURCES


class FirstCycleWatch(GovernedModel):
    """That somebody looks how one job ends when it first runs what a window changed."""

    SUBJECT = "first_cycle_watch"

    window = models.ForeignKey(
        "windows.ReleaseWindow", on_delete=models.PROTECT, related_name="first_cycle"
    )
    job = models.ForeignKey("inventory.Asset", on_delete=models.PROTECT, related_name="+")
    because = models.CharField(max_length=400, help_text="By what way the job is hit.")
    critical = models.BooleanField(default=False)
    expected_start_at = models.DateTimeField()
    expected_rc = models.PositiveSmallIntegerField("highest return code", default=4)
    expected_minutes = models.PositiveIntegerField(
        "expected elapsed minutes", null=True, help_text="Empty where nothing told it."
    )
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    rc = models.PositiveSmallIntegerField(
        "return code", null=True, validators=[MaxValueValidator(4095)]
    )
    result_text = models.TextField(blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    accepted_reason = models.TextField(blank=True)
    state = FSMField(
        default=life.EXPECTED, choices=life.WATCH_STATES, protected=True, editable=False
    )

    class Meta:
        ordering = ["expected_start_at", "id"]
        default_permissions = ("view",)
        verbose_name = "first cycle watch"
        verbose_name_plural = "first cycle watch"
        constraints = [
            models.UniqueConstraint(fields=["window", "job"], name="releases_job_watched_once"),
            models.CheckConstraint(
                condition=~Q(state=life.ACCEPTED) | Q(accepted_by__isnull=False),
                name="releases_cycle_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job.name} after {self.window.code}"

    @transition(field=state, source=SOURCES["end_well"], target=life.ENDED)
    def end_well(self) -> None: ...

    @transition(field=state, source=SOURCES["deviate"], target=life.DEVIATED)
    def deviate(self) -> None: ...

    @transition(field=state, source=SOURCES["accept"], target=life.ACCEPTED)
    def accept(self) -> None: ...
