"""A go/no-go decision as it was taken, with the numbers of its moment."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.evidence.models import GovernedModel, PartModel
from apps.releases.models.package import ReleasePackage


class GoNoGo(GovernedModel):
    """One decision on one or more packages: added, never edited.

    `numbers` is what the night looked like at `decided_at`: times as RFC 3339 text, minutes as
    whole numbers, and the checks, findings, waived gates and progress of every package.
    """

    SUBJECT = "go_no_go"
    PARTS = ("lines",)

    window = models.ForeignKey(
        "windows.ReleaseWindow",
        null=True,
        on_delete=models.PROTECT,
        related_name="decisions",
        help_text="Empty for an emergency that has no window.",
    )
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    two_persons = models.TextField(
        blank=True, help_text="Why a second person had to confirm; empty where one was enough."
    )
    numbers = models.JSONField()

    class Meta:
        ordering = ["-decided_at", "-id"]
        default_permissions = ("view",)
        verbose_name = "go/no-go decision"
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("decided_by")),
                name="releases_go_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(two_persons="") | Q(confirmed_by__isnull=False),
                name="releases_go_by_two_where_needed",
            ),
        ]
        indexes = [models.Index(fields=["window", "-decided_at"], name="releases_go_of_window")]

    def __str__(self) -> str:
        place = self.window.code if self.window else "an emergency"
        return f"Go/no-go of {place}, {self.decided_at:%Y-%m-%d %H:%M} UTC"


class GoNoGoLine(PartModel):
    """What was decided on one package."""

    go_no_go = models.ForeignKey(GoNoGo, on_delete=models.PROTECT, related_name="lines")
    package = models.ForeignKey(
        ReleasePackage, on_delete=models.PROTECT, related_name="decision_lines"
    )
    decision = models.CharField(max_length=10, choices=ReleasePackage.Decision.choices)
    reason = models.TextField(blank=True)
    delivered = models.JSONField(default=list, help_text="Of a part: the codes of its changes.")

    class Meta:
        ordering = ["package__code"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["go_no_go", "package"], name="releases_decided_once_in_decision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package.code}: {self.get_decision_display()}"
