"""What was learnt of a night: lessons with their actions, and the review of a run."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from apps.evidence.models import GovernedModel
from apps.releases.domain import lifecycle as life
from apps.releases.models.package import ReleasePackage


class Lesson(GovernedModel):
    """Something learnt of a package or a window, and the action that comes of it.

    While it is open it blocks the reuse of what it is about: the plan template of that code (in
    every version), the standard change, the asset in a later package.
    """

    SUBJECT = "lesson"

    class Category(models.TextChoices):
        PLAN = "plan", "Plan and durations"
        SCOPE = "scope", "Scope and completeness"
        TEST = "test", "Test"
        BACKOUT = "backout", "Backout"
        PEOPLE = "people", "People and communication"
        TECHNICAL = "technical", "Technical"

    code = models.CharField(max_length=20, unique=True, editable=False)
    package = models.ForeignKey(
        ReleasePackage, null=True, blank=True, on_delete=models.PROTECT,
        related_name="learnt_lessons",
    )  # fmt: skip
    window = models.ForeignKey(
        "windows.ReleaseWindow", null=True, blank=True, on_delete=models.PROTECT,
        related_name="learnt_lessons",
    )  # fmt: skip
    category = models.CharField(max_length=10, choices=Category.choices)
    what = models.TextField(help_text="What happened.")
    why = models.TextField(blank=True, help_text="Why it could happen, as far back as it is known.")
    action = models.TextField(help_text="What has to be done, so that it is seen when it is done.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="lessons"
    )
    due_on = models.DateField("due")
    plan_template = models.CharField(
        max_length=20, blank=True, help_text="Code of a plan template that is not used meanwhile."
    )
    standard_template = models.ForeignKey(
        "changes.StandardTemplate", verbose_name="standard change", null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
        help_text="A standard change that is not used meanwhile.",
    )  # fmt: skip
    asset = models.ForeignKey(
        "inventory.Asset", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="An asset that no other package changes meanwhile.",
    )  # fmt: skip
    settled_text = models.TextField("what was done", blank=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    settled_at = models.DateTimeField(null=True, editable=False)
    state = FSMField(default=life.OPEN, choices=life.LESSON_STATES, protected=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(package__isnull=False) | Q(window__isnull=False),
                name="releases_lesson_of_something",
                violation_error_message="Choose the package or the window that taught it.",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="releases_lesson_due")]

    def __str__(self) -> str:
        return self.code

    @transition(field=state, source=life.LESSON_SOURCES["settle"], target=life.DONE)
    def settle(self) -> None: ...

    @transition(field=state, source=life.LESSON_SOURCES["drop"], target=life.DROPPED)
    def drop(self) -> None: ...


class PostReview(GovernedModel):
    """The review of a package after its run. `numbers` are those of the run, as `domain/review`
    reckons them; the texts are its owner's."""

    SUBJECT = "post_review"

    package = models.OneToOneField(
        ReleasePackage, on_delete=models.PROTECT, related_name="post_review"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    numbers = models.JSONField(default=dict, editable=False)
    went_well = models.TextField(blank=True)
    went_badly = models.TextField(blank=True)
    conclusion = models.TextField(blank=True, help_text="What is done differently next time.")
    concluded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    concluded_at = models.DateTimeField(null=True, editable=False)
    state = FSMField(default=life.DRAFT, choices=life.REVIEW_STATES, protected=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "post-implementation review"

    def __str__(self) -> str:
        return f"Review of {self.package.code}"

    @transition(field=state, source=life.REVIEW_SOURCES["conclude"], target=life.COMPLETED)
    def conclude(self) -> None: ...
