"""A package's steps tried in a test environment, apart from everything that the night counts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django_fsm import FSMField, transition

from apps.evidence.models import GovernedModel, PartModel
from apps.releases.domain import lifecycle as life
from apps.releases.models.package import ReleasePackage

SOURCES = life.REHEARSAL_SOURCES


class Rehearsal(GovernedModel):
    """A run of copies of the package's steps. No step, change, version, capacity or duration of
    the live plan knows of it. `content_digest` is that of the backout plan when it was planned,
    "" without one: a rehearsal speaks for what was tried, not for what was written later."""

    SUBJECT = "rehearsal"
    PARTS = ("steps",)

    package = models.ForeignKey(ReleasePackage, on_delete=models.PROTECT, related_name="rehearsals")
    environment = models.CharField(max_length=40, help_text="Where it is tried, such as UAT.")
    content_digest = models.CharField(max_length=64, blank=True, editable=False)
    led_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    started_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    state = FSMField(
        default=life.PLANNED, choices=life.REHEARSAL_STATES, protected=True, editable=False
    )

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"Rehearsal of {self.package.code} in {self.environment}"

    @transition(field=state, source=SOURCES["begin"], target=life.IN_PROGRESS)
    def begin(self) -> None: ...

    @transition(field=state, source=SOURCES["finish"], target=life.COMPLETED)
    def finish(self) -> None: ...

    @transition(field=state, source=SOURCES["give_up"], target=life.CANCELLED)
    def give_up(self) -> None: ...


class RehearsedStep(PartModel):
    """The copy of a step, and how it went; `minutes` is what it took there."""

    class Outcome(models.TextChoices):
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        LEFT_OUT = "left_out", "Left out"

    rehearsal = models.ForeignKey(Rehearsal, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=10)
    title = models.CharField(max_length=160)
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="+")
    is_backout = models.BooleanField(default=False)
    planned_minutes = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True)
    remark = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["rehearsal", "label"], name="releases_rehearsed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"
