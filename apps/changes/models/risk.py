"""What the risk of a change or package was found to be, by which weights, and who knew better."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from apps.changes.domain import risk_score as delivered
from apps.changes.domain.lifecycle import CONFIRMED, OVERRIDE_STATES, PROPOSED, REFUSED
from apps.changes.models.change import ChangeRequest
from apps.core.ids import uuid7
from apps.evidence.models import GovernedModel

_POINTS = (MinValueValidator(0), MaxValueValidator(100))
_SHARE = (MinValueValidator(0), MaxValueValidator(1))


def _most(label: str, points: float, told: str) -> Any:
    return models.FloatField(label, default=points, validators=_POINTS, help_text=told)


def delivered_base_rates() -> dict[str, float]:
    return dict(delivered.WEIGHTS.base_rates)


def delivered_tiers() -> dict[str, float]:
    return dict(delivered.WEIGHTS.tiers)


class RiskWeights(GovernedModel):
    """How much each term of the score counts. Every edit is a version, and each assessment tells
    by which one it was made."""

    SUBJECT = "risk_weights"

    edition = models.CharField(max_length=8, unique=True, editable=False)
    history_points = _most("history", 35, "How often the assets went badly in two years.")
    size_points = _most("size", 10, "How many assets it touches.")
    complexity_points = _most("complexity", 10, "How many types of assets and teams.")
    blast_points = _most("blast radius", 15, "Which business services it reaches.")
    dormant_points = _most("dormant", 5, "Assets that nobody changed for two years.")
    hot_points = _most("hot", 5, "Assets that were changed within two weeks.")
    timing_points = _most("timing", 10, "Near a month's end.")
    reversibility_points = _most("reversibility", 10, "How hard the way back is.")
    evidence_points = _most("evidence", 10, "Test evidence that is missing.")
    late_scope_points = _most("late scope", 5, "Scope added after the lock.")
    delays_points = _most("delays", 5, "How often it was delayed.")
    kappa = models.FloatField(
        default=6,
        validators=(MinValueValidator(0.1), MaxValueValidator(1000)),
        help_text="Changes that the base rate of a type weighs as much as.",
    )
    correlation = models.FloatField(
        default=0.35,
        validators=_SHARE,
        help_text="Below 1, because failures of one release are not independent of each other.",
    )
    other_type = models.FloatField("base rate of other types", default=0.05, validators=_SHARE)
    base_rates = models.JSONField(
        default=delivered_base_rates, help_text="How often a change goes badly, by type of asset."
    )
    tiers = models.JSONField(
        default=delivered_tiers, help_text="How much a business service counts, by its tier."
    )

    class Meta:
        ordering = ["edition"]
        verbose_name = "risk weights"
        verbose_name_plural = "risk weights"

    def __str__(self) -> str:
        return f"Risk weights {self.stamp}"

    @property
    def stamp(self) -> str:
        """The version as assessments tell it, such as 2026.1."""
        return f"{self.edition}.{self.evidence_seq}"

    def clean(self) -> None:
        problems = {}
        for name in ("base_rates", "tiers"):
            rates = getattr(self, name)
            if not isinstance(rates, dict) or not all(map(_is_share, rates.values())):
                problems[name] = "Each line is a name and a share between 0 and 1."
        if problems:
            raise ValidationError(problems)

    def as_weights(self) -> delivered.Weights:
        points = {name: getattr(self, f"{name}_points") for name in delivered.TERMS}
        return delivered.Weights(
            version=self.stamp,
            kappa=self.kappa,
            correlation=self.correlation,
            other_type=self.other_type,
            base_rates=self.base_rates,
            tiers=self.tiers,
            **points,
        )


def _is_share(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and 0 <= value <= 1


class RiskAssessment(models.Model):
    """One reckoning of the risk of a record, as it was at a moment. Added, never edited.

    `points` and `score_band` are the score's; `band` is the higher of that and the floors, which
    `reasons` tells. `terms` and `inputs` are those of `domain.risk_score`, so that the score can
    be reckoned again.
    """

    class Moment(models.TextChoices):
        SUBMIT = "submit", "When it was asked for"
        APPROVAL = "approval", "At approval"
        CONFIRM = "confirm", "When it was confirmed"
        START = "start", "At start"
        MANUAL = "manual", "Set by hand"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    about = models.CharField(max_length=80)
    moment = models.CharField(max_length=10, choices=Moment.choices)
    points = models.FloatField()
    score_band = models.CharField(max_length=10, choices=ChangeRequest.Band.choices)
    band = models.CharField(max_length=10, choices=ChangeRequest.Band.choices)
    reasons = models.JSONField(default=list)
    terms = models.JSONField()
    inputs = models.JSONField()
    weights_version = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["about", "at"], name="changes_risk_about")]

    def __str__(self) -> str:
        return f"{self.get_moment_display()}: {self.points:.1f} points"

    @property
    def as_fact(self) -> dict[str, Any]:
        """What an entry of the ledger tells of it."""
        return {
            "assessment": self.pk,
            "points": f"{self.points:.2f}",
            "band": self.band,
            "weights": self.weights_version,
        }


class RiskOverride(GovernedModel):
    """That somebody holds another score to be right, and a second person agrees.

    It counts for the content it was proposed for, and no longer than that stays the same.
    """

    SUBJECT = "risk_override"

    change = models.ForeignKey(
        ChangeRequest, on_delete=models.PROTECT, related_name="risk_overrides"
    )
    points = models.PositiveSmallIntegerField(
        validators=[MaxValueValidator(100)], help_text="The score that is right, 0 to 100."
    )
    reason = models.TextField(help_text="What the reckoned score does not know.")
    reckoned_points = models.FloatField(editable=False)
    content_digest = models.CharField(max_length=64, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    state = FSMField(default=PROPOSED, choices=OVERRIDE_STATES, protected=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "score set by hand"
        verbose_name_plural = "scores set by hand"
        constraints = [
            models.UniqueConstraint(
                fields=["change"], condition=Q(state=PROPOSED), name="changes_one_open_override"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("proposed_by")),
                name="changes_override_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state=PROPOSED) | Q(decided_by__isnull=False),
                name="changes_override_decided_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change.code}: {self.points} points"

    @transition(field=state, source=PROPOSED, target=CONFIRMED)
    def confirm(self) -> None: ...

    @transition(field=state, source=PROPOSED, target=REFUSED)
    def refuse(self) -> None: ...
