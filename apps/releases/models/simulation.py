"""How likely the plan of a window ends in time, as it was reckoned once."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from apps.evidence.models import GovernedModel
from apps.releases.domain.planner.simulation import Inputs, Outcome

TRIALS_FEWEST, TRIALS_MOST = 100, 20_000


class Simulation(GovernedModel):
    """One simulation of a plan: added, never edited. With its seed and its inputs everybody can
    reckon the same numbers again; `inputs_digest` is over `inputs` as they are kept."""

    SUBJECT = "simulation"

    window = models.ForeignKey(
        "windows.ReleaseWindow", on_delete=models.PROTECT, related_name="simulations"
    )
    seed = models.PositiveIntegerField(
        default=1,
        validators=[MaxValueValidator(2**31 - 1)],
        help_text="With the same seed the same numbers come out.",
    )
    trials = models.PositiveIntegerField(
        default=2_000,
        validators=[MinValueValidator(TRIALS_FEWEST), MaxValueValidator(TRIALS_MOST)],
        help_text="How often the night is run.",
    )
    inputs = models.JSONField(editable=False)
    inputs_digest = models.CharField(max_length=64, editable=False)
    outcome = models.JSONField(editable=False)
    simulated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["window", "-created_at"], name="releases_simulation_window")
        ]

    def __str__(self) -> str:
        return f"Simulation of {self.window.code}, seed {self.seed}"

    @property
    def told(self) -> Outcome:
        return Outcome.from_dict(self.outcome)

    @property
    def rests_on(self) -> Inputs:
        return Inputs.from_dict(self.inputs)
