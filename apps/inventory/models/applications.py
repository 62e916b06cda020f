"""Whose things they are, and whom they serve."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models

from apps.evidence.models import GovernedModel


class Criticality(models.TextChoices):
    TIER0 = "tier0", "Tier 0, always on"
    TIER1 = "tier1", "Tier 1, critical"
    TIER2 = "tier2", "Tier 2, important"
    TIER3 = "tier3", "Tier 3, deferrable"


class Regulation(models.TextChoices):
    PCI = "pci", "PCI DSS"
    SOX = "sox", "SOX"
    DORA = "dora", "DORA, critical function"


class Application(GovernedModel):
    SUBJECT = "application"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        SUNSET = "sunset", "Sunset"

    code = models.CharField(
        max_length=8,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Z][A-Z0-9]{0,7}\Z",
                "An application code is 1 to 8 capital letters and digits, a letter first.",
            )
        ],
    )
    name = models.CharField(max_length=80)
    business_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_applications"
    )
    technical_owner = models.ForeignKey(
        "accounts.Team", on_delete=models.PROTECT, related_name="applications"
    )
    criticality = models.CharField(
        max_length=6, choices=Criticality.choices, default=Criticality.TIER2
    )
    regulations = ArrayField(
        models.CharField(max_length=8, choices=Regulation.choices),
        default=list,
        blank=True,
        size=8,
        help_text="Rules of regulators that it falls under, commas between.",
    )
    scm_system = models.CharField(
        "SCM system", max_length=40, blank=True, help_text="Its name in the source code manager."
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class BusinessService(GovernedModel):
    """What customers notice. Assets reach it through `supports` relations to the asset of type
    `business_service` that carries this code as its name.
    """

    SUBJECT = "business_service"

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    tier = models.CharField(max_length=6, choices=Criticality.choices, default=Criticality.TIER2)
    rto_minutes = models.PositiveIntegerField(
        "recovery time objective (minutes)", null=True, blank=True
    )
    customer_commitment = models.TextField(blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_services"
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code
