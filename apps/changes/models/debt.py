"""What is kept of an emergency beside its signatures: phone calls, waivers, what it explains."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.changes.domain.debt import KINDS
from apps.changes.models.change import ChangeRequest
from apps.evidence.models import PartModel


class PhoneApproval(PartModel):
    """That somebody of the emergency board approved by phone; they confirm it afterwards."""

    change = models.ForeignKey(
        ChangeRequest, on_delete=models.PROTECT, related_name="phone_approvals"
    )
    decision = models.OneToOneField(
        "approvals.Decision",
        on_delete=models.PROTECT,
        related_name="phone_approval",
        help_text="The signature that was recorded for it.",
    )
    verbal_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    verbal_at = models.DateTimeField()
    how = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()
    confirm_due_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["verbal_at"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(verbal_by=models.F("recorded_by")), name="changes_phone_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verbal_by} by phone"


class DebtWaiver(PartModel):
    """That one kind of debt of a change does not block until a time, and why."""

    change = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="debt_waivers")
    kind = models.CharField(max_length=12, choices=KINDS)
    reason = models.TextField()
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["granted_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} until {self.expires_at}"


class ExplainedVersion(PartModel):
    """A version that reached production without a package, and the change that explains it."""

    change = models.ForeignKey(
        ChangeRequest, on_delete=models.PROTECT, related_name="explained_versions"
    )
    version = models.OneToOneField(
        "inventory.AssetVersion", on_delete=models.PROTECT, related_name="explained"
    )

    class Meta:
        ordering = ["id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.version} explained by {self.change}"
