"""A waiver: a gate that is not met lets a package pass, for a time, on the word of others."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from apps.evidence.domain.canonical import digest, plain
from apps.evidence.models import GovernedModel
from apps.gates.domain import waiver as life
from apps.windows.models import ReleaseWindow

REASON_SHORTEST = 40


class Waiver(GovernedModel):
    """Asked for one gate of one package, or to join a window whose scope is locked.

    `about` is the subject of the package. `covers` are the kinds of finding that it lets pass, of
    late scope the codes of the changes. `signers` are everybody who signed it.
    """

    SUBJECT = "waiver"

    class Kind(models.TextChoices):
        GATE = "gate", "Gate"
        LATE_SCOPE = "late_scope", "Late scope"

    class Level(models.TextChoices):
        HARD = "hard", "Hard"
        SOFT = "soft", "Soft"

    kind = models.CharField(max_length=10, choices=Kind.choices, editable=False)
    about = models.CharField(max_length=80, editable=False, db_index=True)
    about_name = models.CharField("package", max_length=20, editable=False)
    window = models.ForeignKey(
        ReleaseWindow, on_delete=models.PROTECT, related_name="waivers", editable=False
    )
    gate = models.CharField(max_length=4, blank=True, editable=False)
    level = models.CharField(max_length=4, choices=Level.choices, blank=True, editable=False)
    finding_key = models.CharField("finding", max_length=120, blank=True, editable=False)
    covers = ArrayField(models.CharField(max_length=300), default=list, editable=False)
    reason = models.TextField(validators=[MinLengthValidator(REASON_SHORTEST)])
    risk_statement = models.TextField("what may happen")
    compensating_control = models.TextField("what is done against that")
    valid_until = models.DateTimeField(editable=False)
    beyond_limits = models.BooleanField(default=False, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+",
        editable=False,
    )  # fmt: skip
    signers = ArrayField(models.UUIDField(), default=list, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    state = FSMField(default=life.REQUESTED, choices=life.STATES, protected=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["about", "kind", "gate", "finding_key"],
                condition=Q(state=life.REQUESTED),
                name="gates_one_open_waiver",
                violation_error_message="This waiver is asked for already.",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="gates_waiver_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[life.APPROVED, life.REVOKED])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="gates_waiver_decided",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("created_at")), name="gates_waiver_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(kind="gate", gate__gt="", level__gt="")
                | Q(kind="late_scope", gate="", level="", finding_key=""),
                name="gates_waiver_of_something",
            ),
        ]
        indexes = [models.Index(fields=["state", "valid_until"], name="gates_waiver_due")]

    def __str__(self) -> str:
        return f"{self.what} of {self.about_name}"

    @property
    def what(self) -> str:
        return self.gate or "Late scope"

    @property
    def until(self) -> datetime:
        """When it ends: its own time, or that of its window if that closes earlier now."""
        return min(self.valid_until, self.window.closes_at)

    def content_digest(self) -> str:
        """Over what people sign."""
        return digest(
            {
                "kind": self.kind,
                "about": self.about,
                "window": plain(self.window_id),
                "gate": self.gate,
                "finding": self.finding_key,
                "covers": sorted(self.covers),
                "reason": self.reason,
                "risk": self.risk_statement,
                "control": self.compensating_control,
                "until": plain(self.valid_until),
            }
        )

    def as_pass(self) -> life.Pass:
        return life.Pass(
            self.pk, self.gate, self.level, self.finding_key, frozenset(self.covers), self.until,
            frozenset(self.signers),
        )  # fmt: skip

    @transition(field=state, source=life.SOURCES["approve"], target=life.TARGETS["approve"])
    def approve(self) -> None: ...

    @transition(field=state, source=life.SOURCES["refuse"], target=life.TARGETS["refuse"])
    def refuse(self) -> None: ...

    @transition(field=state, source=life.SOURCES["withdraw"], target=life.TARGETS["withdraw"])
    def withdraw(self) -> None: ...

    @transition(field=state, source=life.SOURCES["revoke"], target=life.TARGETS["revoke"])
    def revoke(self) -> None: ...

    @transition(field=state, source=life.SOURCES["expire"], target=life.TARGETS["expire"])
    def expire(self) -> None: ...
