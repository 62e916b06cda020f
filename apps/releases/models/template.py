"""Plans to be used again: their versions, what they ask for, and the steps that they make."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.evidence.models import GovernedModel, PartModel
from apps.releases.domain import lifecycle as life
from apps.releases.domain.plan_template import Kind
from apps.releases.models.types import ActivityType

SOURCES = life.TEMPLATE_SOURCES
NAME = RegexValidator("^[a-z][a-z0-9_]{0,29}$", "Lower case letters, digits and _, such as region.")
LABEL = RegexValidator("^[A-Z]{1,4}[0-9]{1,4}(-R)?$", "Letters and a number, such as A1.")


class PlanTemplate(GovernedModel):
    """One version of a plan template. Of each code one version is active, the others are being
    written or are of the past; steps remember the version that they were made from."""

    SUBJECT = "plan_template"
    PARTS = ("parameters", "steps")

    code = models.CharField(
        max_length=20, validators=[RegexValidator("^[A-Z][A-Z0-9-]*$", "Such as CICS-PROGRAM.")]
    )
    number = models.PositiveSmallIntegerField("version", default=1, editable=False)
    name = models.CharField(max_length=120)
    purpose = models.TextField(blank=True, help_text="For what kind of change, and what not.")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    state = FSMField(
        default=life.DRAFT, choices=life.TEMPLATE_STATES, protected=True, editable=False
    )

    class Meta:
        ordering = ["code", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="releases_template_version"),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(state=life.ACTIVE),
                name="releases_one_active_template",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True)
                | Q(written_by__isnull=True)
                | ~Q(reviewed_by=F("written_by")),
                name="releases_template_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[life.REVIEWED, life.ACTIVE]) | Q(reviewed_by__isnull=False),
                name="releases_template_is_reviewed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.number}"

    @transition(field=state, source=SOURCES["review"], target=life.REVIEWED)
    def review(self) -> None: ...

    @transition(field=state, source=SOURCES["rewrite"], target=life.DRAFT)
    def rewrite(self) -> None: ...

    @transition(field=state, source=SOURCES["activate"], target=life.ACTIVE)
    def activate(self) -> None: ...

    @transition(field=state, source=SOURCES["retire"], target=life.RETIRED)
    def retire(self) -> None: ...


class TemplateParameter(PartModel):
    """Something that is filled in when the template is applied: {name} in its texts."""

    template = models.ForeignKey(PlanTemplate, on_delete=models.PROTECT, related_name="parameters")
    position = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=30, validators=[NAME])
    label = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind.choices(), default=Kind.NAME8.value)
    choices = models.CharField(
        max_length=300, blank=True, help_text="Of a choice: what there is, with commas between."
    )
    is_required = models.BooleanField("required", default=True)
    default = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["template", "name"], name="releases_parameter_once"),
        ]

    def __str__(self) -> str:
        return self.label


class TemplateStep(PartModel):
    """A step that the template makes. `after` are labels of others; `reverses` that of the step
    that it takes back."""

    template = models.ForeignKey(PlanTemplate, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField(default=1)
    label = models.CharField(max_length=10, validators=[LABEL])
    type = models.ForeignKey(ActivityType, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=160, help_text="{name} stands for a parameter.")
    instruction = models.TextField(blank=True, help_text="The exact command, with {name}.")
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="+")
    duration_minutes = models.PositiveSmallIntegerField(
        "duration (minutes)", validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )
    after = models.CharField(
        max_length=120, blank=True, help_text="Labels of steps it waits for, with blanks between."
    )
    reverses = models.CharField(
        max_length=10, blank=True, help_text="Of a backout step: the label of what it takes back."
    )
    max_rc = models.PositiveSmallIntegerField(
        "highest return code", null=True, blank=True, validators=[MaxValueValidator(4095)]
    )
    four_eyes = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "label"]
        constraints = [
            models.UniqueConstraint(fields=["template", "label"], name="releases_template_label"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"
