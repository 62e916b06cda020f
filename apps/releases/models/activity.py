"""One step of a plan, what it depends on, and what was said while it ran."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.core.ids import uuid7
from apps.evidence.models import GovernedModel, PartModel
from apps.releases.domain import lifecycle as life
from apps.releases.domain.required import EYES, required
from apps.releases.models.package import ReleasePackage
from apps.releases.models.types import ActivityType

SOURCES = life.ACTIVITY_SOURCES


class Activity(GovernedModel):
    """A step of a package, or one that a whole window shares (then `package` is empty).

    `started_at` and `ended_at` are the times people claim; `recorded_…` when they said so.
    `exclusive` is copied from its type: while it runs, nothing else exclusive runs on its
    subsystem.
    """

    SUBJECT = "activity"
    PARTS = ("dependencies", "targets", "change_links")
    DERIVED = ("percent",)

    package = models.ForeignKey(
        ReleasePackage, null=True, blank=True, on_delete=models.PROTECT, related_name="activities"
    )
    window = models.ForeignKey(
        "windows.ReleaseWindow",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="activities",
        help_text="For a step that all packages of the window share.",
    )
    label = models.CharField(max_length=10, help_text='Its short name in the plan, such as "A3".')
    type = models.ForeignKey(ActivityType, on_delete=models.PROTECT, related_name="activities")
    title = models.CharField(max_length=160)
    instruction = models.TextField(blank=True, help_text="The exact command or member.")
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="activities")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="owned_activities",
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deputised_activities",
    )
    duration_minutes = models.PositiveSmallIntegerField(
        "duration (minutes)", validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )
    planned_start_at = models.DateTimeField(null=True, blank=True)
    planned_end_at = models.DateTimeField(null=True, blank=True)
    not_before_at = models.DateTimeField("not before", null=True, blank=True)
    subsystem = models.ForeignKey(
        "inventory.Subsystem",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="activities",
    )
    exclusive = models.BooleanField(default=False, editable=False)
    mandatory = models.BooleanField(default=True)
    hold_point = models.BooleanField(
        default=False, help_text="It waits until the coordinator releases it."
    )
    hold_released = models.BooleanField(default=False, editable=False)
    irreversible = models.BooleanField(default=False)
    four_eyes = models.BooleanField(
        default=False, help_text="A second person verifies it before it completes."
    )
    is_backout = models.BooleanField(default=False)
    reverses = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="backout_steps"
    )
    template = models.ForeignKey(
        "releases.PlanTemplate",
        null=True,
        on_delete=models.PROTECT,
        related_name="activities",
        editable=False,
        help_text="The version of the plan template that it was made from.",
    )
    expected_result = models.CharField(max_length=200, blank=True)
    max_rc = models.PositiveSmallIntegerField(
        "highest return code", null=True, blank=True, validators=[MaxValueValidator(4095)]
    )
    changes = models.ManyToManyField(
        "changes.ChangeRequest", through="ActivityChange", related_name="activities"
    )

    percent = models.PositiveSmallIntegerField(default=0, editable=False)
    acknowledged_at = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    recorded_start_at = models.DateTimeField(null=True, editable=False)
    recorded_end_at = models.DateTimeField(null=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="done_activities",
        editable=False,
    )
    business_date = models.DateField(
        null=True, editable=False, help_text="Of a step that holds the batch: which date is held."
    )
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    rc = models.PositiveSmallIntegerField("return code", null=True, editable=False)
    result_text = models.TextField(blank=True, editable=False)
    failure_code = models.CharField(max_length=20, blank=True, editable=False)
    deviation_accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    deviation_reason = models.TextField(blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    let_start_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False, help_text="Who let it start outside its window, or after no return.",
    )  # fmt: skip
    let_start_reason = models.TextField(blank=True, editable=False)
    state = FSMField(
        default=life.PLANNED, choices=life.ACTIVITY_STATES, protected=True, editable=False
    )

    class Meta:
        ordering = ["planned_start_at", "label"]
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(
                condition=Q(package__isnull=False, window__isnull=True)
                | Q(package__isnull=True, window__isnull=False),
                name="releases_activity_of_package_or_window",
            ),
            models.CheckConstraint(
                condition=Q(duration_minutes__gte=1), name="releases_activity_takes_time"
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True) | (Q(is_backout=True) & ~Q(reverses=F("id"))),
                name="releases_only_backout_reverses",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True)
                | Q(started_at__isnull=True)
                | Q(ended_at__gte=F("started_at")),
                name="releases_activity_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("done_by")),
                name="releases_four_eyes_are_two_people",
            ),
            models.CheckConstraint(
                condition=Q(let_start_by__isnull=True)
                | (
                    ~Q(let_start_reason="")
                    & (Q(done_by__isnull=True) | ~Q(let_start_by=F("done_by")))
                ),
                name="releases_late_start_is_let_by_another",
            ),
            models.UniqueConstraint(
                fields=["package", "label"],
                condition=Q(package__isnull=False),
                name="releases_label_once_in_package",
            ),
            models.UniqueConstraint(
                fields=["window", "label"],
                condition=Q(window__isnull=False),
                name="releases_label_once_in_window",
            ),
            models.UniqueConstraint(
                fields=["subsystem"],
                condition=Q(exclusive=True, state__in=list(life.RUNNING_STEP)),
                name="releases_subsystem_held_once",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "state"], name="releases_activity_team"),
            models.Index(fields=["state", "planned_start_at"], name="releases_activity_due"),
        ]

    @property
    def needs_eyes(self) -> bool:
        """Whether a second person verifies it before it completes."""
        return EYES in self.required

    @property
    def required(self) -> tuple[str, ...]:
        """The kinds of evidence that it completes with."""
        return required(
            self.type.requires, has_limit=self.max_rc is not None, four_eyes=self.four_eyes
        )

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    @transition(field=state, source=SOURCES["release"], target=life.READY)
    def release(self) -> None: ...

    @transition(field=state, source=SOURCES["start"], target=life.IN_PROGRESS)
    def start(self) -> None: ...

    @transition(field=state, source=SOURCES["pause"], target=life.PAUSED)
    def pause(self) -> None: ...

    @transition(field=state, source=SOURCES["resume"], target=life.IN_PROGRESS)
    def resume(self) -> None: ...

    @transition(field=state, source=SOURCES["complete"], target=life.COMPLETED)
    def complete(self) -> None: ...

    @transition(field=state, source=SOURCES["fail"], target=life.FAILED)
    def fail(self) -> None: ...

    @transition(field=state, source=SOURCES["retry"], target=life.READY)
    def retry(self) -> None: ...

    @transition(field=state, source=SOURCES["skip"], target=life.SKIPPED)
    def skip(self) -> None: ...

    @transition(field=state, source=SOURCES["back_out"], target=life.BACKED_OUT)
    def back_out(self) -> None: ...

    @transition(field=state, source=SOURCES["recall"], target=life.PLANNED)
    def recall(self) -> None: ...


class ActivityDependency(PartModel):
    """That `activity` begins after `predecessor`; a soft one advises only.

    Those that people enter and those that rules say stand side by side. Of a derived one,
    `reasons` are [rule, why] pairs and `origin` is the first rule; when it was dropped, it says
    nothing more, and who did so and why stays with it.
    """

    class Strength(models.TextChoices):
        HARD = "hard", "Hard"
        SOFT = "soft", "Soft"

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="dependencies")
    predecessor = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="successors")
    strength = models.CharField(max_length=4, choices=Strength.choices, default=Strength.HARD)
    origin = models.CharField(
        max_length=20, default="manual", help_text="The rule it comes from, or manual."
    )
    is_derived = models.BooleanField("derived", default=False, editable=False)
    reasons = models.JSONField(default=list, editable=False)
    dropped_at = models.DateTimeField(null=True, editable=False)
    dropped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    dropped_reason = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["predecessor__label", "is_derived"]
        verbose_name_plural = "activity dependencies"
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "predecessor", "is_derived"], name="releases_dependency_once"
            ),
            models.CheckConstraint(
                condition=~Q(activity=F("predecessor")), name="releases_activity_not_after_itself"
            ),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True)
                | (
                    Q(strength="soft", is_derived=True, dropped_by__isnull=False)
                    & ~Q(dropped_reason="")
                ),
                name="releases_only_advice_is_dropped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity} after {self.predecessor}"

    @property
    def holds(self) -> bool:
        return self.dropped_at is None


class ActivityTarget(PartModel):
    """An asset that the step works on."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="targets")
    asset = models.ForeignKey("inventory.Asset", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["asset__name"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "asset"], name="releases_target_once"),
        ]

    def __str__(self) -> str:
        return f"{self.activity} on {self.asset}"


class ActivityChange(PartModel):
    """A change that the step serves."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="change_links")
    change = models.ForeignKey(
        "changes.ChangeRequest", on_delete=models.PROTECT, related_name="activity_links"
    )

    class Meta:
        ordering = ["change__code"]
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "change"], name="releases_served_change_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity} for {self.change}"


class ActivityLog(models.Model):
    """Progress and notes of one step: added, never edited."""

    class Kind(models.TextChoices):
        PROGRESS = "progress", "Progress"
        NOTE = "note", "Note"
        ESCALATE = "escalate", "Escalation"
        AUTO = "auto", "From a system"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="log")
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField(blank=True)
    payload = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["activity", "at"], name="releases_log_of_activity")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text[:60]}"
