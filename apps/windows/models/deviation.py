"""A deviation from the calendar: one record may do what a hard rule stops."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.evidence.domain.canonical import digest, plain
from apps.evidence.models import GovernedModel
from apps.windows.domain import deviation as life
from apps.windows.models.calendar import CalendarRule
from apps.windows.models.window import ReleaseWindow

REASON_SHORTEST = 40


class WindowDeviation(GovernedModel):
    """Asked for one window, or for one package in it, from `starts_at` to `ends_at`.

    `about` is the subject of the record that it lets pass: a window opens by its own, each of its
    packages needs one too.
    """

    SUBJECT = "window_deviation"

    rule = models.ForeignKey(CalendarRule, on_delete=models.PROTECT, related_name="deviations")
    window = models.ForeignKey(ReleaseWindow, on_delete=models.PROTECT, related_name="deviations")
    reason = models.TextField(
        validators=[MinLengthValidator(REASON_SHORTEST)],
        help_text="Why it cannot wait, what may happen, and what is done against that.",
    )
    about = models.CharField(max_length=80, editable=False, db_index=True)
    about_name = models.CharField(max_length=120, editable=False)
    tier0_applications = ArrayField(
        models.CharField(max_length=8), default=list, blank=True, editable=False
    )
    starts_at = models.DateTimeField("from", editable=False)
    ends_at = models.DateTimeField("to", editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)
    state = FSMField(default=life.REQUESTED, choices=life.STATES, protected=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "deviation"
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "about"],
                condition=Q(state=life.REQUESTED),
                name="windows_one_open_deviation",
                violation_error_message="A deviation from this rule is asked for already.",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="windows_deviation_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about_name} in {self.rule.code}"

    def content_digest(self) -> str:
        """Over what people sign."""
        return digest(
            {
                "rule": self.rule.code,
                "window": plain(self.window_id),
                "about": self.about,
                "from": plain(self.starts_at),
                "to": plain(self.ends_at),
                "reason": self.reason,
            }
        )

    def exemption(self) -> life.Exemption:
        return life.Exemption(self.rule.code, self.starts_at, self.ends_at)

    @transition(field=state, source=life.SOURCES["approve"], target=life.TARGETS["approve"])
    def approve(self) -> None: ...

    @transition(field=state, source=life.SOURCES["refuse"], target=life.TARGETS["refuse"])
    def refuse(self) -> None: ...

    @transition(field=state, source=life.SOURCES["use"], target=life.TARGETS["use"])
    def use(self) -> None: ...

    @transition(field=state, source=life.SOURCES["expire"], target=life.TARGETS["expire"])
    def expire(self) -> None: ...
