"""Where a gate is asked otherwise than delivered."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from apps.evidence.models import GovernedModel
from apps.gates.catalogue import GATE_BY_CODE, GATES


def gate_choices() -> list[tuple[str, str]]:
    """Asked anew each time, so that another gate is no migration."""
    return [(gate.code, f"{gate.code} {gate.title}") for gate in GATES]


class GateProfile(GovernedModel):
    """That a gate is hard, soft or off for an application, a risk, or both. Every edit is a
    version; where no row holds, a gate is as delivered."""

    SUBJECT = "gate_profile"

    class Setting(models.TextChoices):
        HARD = "hard", "Hard"
        SOFT = "soft", "Soft"
        OFF = "off", "Off"

    gate = models.CharField(max_length=4, choices=gate_choices)
    application = models.ForeignKey(
        "inventory.Application",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: every application.",
    )
    risk_band = models.CharField(
        "risk",
        max_length=10,
        blank=True,
        choices=[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")],
        help_text="Empty: every risk.",
    )
    setting = models.CharField(
        max_length=4,
        choices=Setting.choices,
        help_text="Hard holds a package back, soft is told, off is not asked.",
    )
    reason = models.CharField(max_length=200)
    is_active = models.BooleanField(
        "active", default=True, help_text="A row that is not active changes nothing."
    )

    class Meta:
        ordering = ["gate", "application__code", "risk_band"]
        constraints = [
            models.UniqueConstraint(
                fields=["gate", "application", "risk_band"],
                nulls_distinct=False,
                name="gates_profile_once",
                violation_error_message="There is a row for this gate, application and risk; "
                "edit that.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gate} {self.setting}"

    def clean(self) -> None:
        gate = GATE_BY_CODE.get(self.gate)
        if gate and not gate.waivable_by and self.setting != self.Setting.HARD:
            raise ValidationError(
                {"setting": f"Nobody may waive {gate.code}, so it stays hard. Choose hard."}
            )
