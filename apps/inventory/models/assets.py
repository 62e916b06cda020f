"""What exists, and which version of it is where."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from apps.core.ids import uuid7
from apps.evidence.models import GovernedModel
from apps.inventory.domain.naming import NAME_MAX, PATTERNS, name_problems
from apps.inventory.models.applications import Application, Criticality
from apps.inventory.models.landscape import Environment


class AssetType(models.Model):
    """A kind of thing, as reference data: only a migration changes it.

    A technical lead's role is scoped by family, such as "family:db2".
    """

    class Family(models.TextChoices):
        PROGRAM = "program", "Programs"
        SOURCE = "source", "Source parts"
        JCL = "jcl", "JCL"
        DATA = "data", "Data"
        DB2 = "db2", "Db2"
        CICS = "cics", "CICS"
        IMS = "ims", "IMS"
        MQ = "mq", "MQ"
        SCHEDULER = "scheduler", "Scheduler"
        EXCHANGE = "exchange", "Exchange"
        PLATFORM = "platform", "Platform"
        SERVICE = "service", "Services"

    code = models.CharField(max_length=24, primary_key=True)
    label = models.CharField(max_length=60)
    family = models.CharField(max_length=12, choices=Family.choices)
    name_pattern = models.CharField(
        max_length=12, choices=[(p.code, p.label) for p in PATTERNS.values()], default="free"
    )
    qualifier_label = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["family", "label"]

    def __str__(self) -> str:
        return self.label


class Asset(GovernedModel):
    """One thing with one identity: the same name in two libraries is two assets.

    `production_version` is the latest version installed in a production environment; the counters
    cover the last 730 days. Those, and when a scan last saw it, are derived.
    """

    SUBJECT = "asset"
    DERIVED = (
        "last_seen_at",
        "production_version",
        "last_changed_at",
        "change_count",
        "bad_outcome_count",
    )

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        PLANNED = "planned", "Planned"
        RETIRED = "retired", "Retired"
        UNMANAGED = "unmanaged", "Unmanaged"

    class Source(models.TextChoices):
        MANUAL = "manual", "Entered by hand"
        IMPORT = "import", "Imported"
        SCAN = "scan", "Found by a scan"

    type = models.ForeignKey(AssetType, on_delete=models.PROTECT, related_name="assets")
    qualifier = models.CharField(
        max_length=NAME_MAX,
        default="-",
        help_text="Library, region, scheduler or folder that tells equal names apart.",
    )
    name = models.CharField(max_length=NAME_MAX)
    application = models.ForeignKey(
        Application, null=True, blank=True, on_delete=models.PROTECT, related_name="assets"
    )
    owner_team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="assets"
    )
    description = models.TextField(blank=True)
    criticality = models.CharField(
        max_length=6, choices=Criticality.choices, default=Criticality.TIER2
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.MANUAL)
    confidence = models.PositiveSmallIntegerField(
        default=100,
        validators=[MaxValueValidator(100)],
        help_text="How sure the source is that this exists, in percent.",
    )
    attributes = models.JSONField(default=dict, blank=True)

    last_seen_at = models.DateTimeField(null=True, editable=False)
    production_version = models.ForeignKey(
        "inventory.AssetVersion",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    last_changed_at = models.DateTimeField(null=True, editable=False)
    change_count = models.PositiveIntegerField(default=0, editable=False)
    bad_outcome_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["type", "qualifier", "name"], name="inventory_asset_identity"
            ),
            models.CheckConstraint(condition=~Q(qualifier=""), name="inventory_asset_qualifier"),
            models.CheckConstraint(
                condition=Q(confidence__lte=100), name="inventory_asset_confidence"
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="inventory_asset_keyset"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="inventory_asset_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.name if self.qualifier == "-" else f"{self.name} ({self.qualifier})"

    def clean(self) -> None:
        problems: dict[str, list[str]] = {}
        # An unknown type is told by its own field.
        for pattern in AssetType.objects.filter(pk=self.type_id).values_list(
            "name_pattern", flat=True
        ):
            problems["name"] = list(name_problems(pattern, self.name))
        problems["qualifier"] = list(name_problems("free", self.qualifier, what="qualifier"))
        found = {field: told for field, told in problems.items() if told}
        if found:
            raise ValidationError(found)


class AssetVersion(models.Model):
    """That a level of an asset was installed in an environment. Added, never edited."""

    class Origin(models.TextChoices):
        SCM = "scm", "Source code manager"
        SCAN = "scan", "Scan"
        MANUAL = "manual", "Entered by hand"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="versions")
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="versions")
    level = models.CharField(max_length=64)
    installed_at = models.DateTimeField()
    installed_by = models.CharField(
        max_length=80, blank=True, help_text='What installed it, such as "package:<id>".'
    )
    checksum = models.CharField(max_length=128, blank=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.SCM)

    class Meta:
        ordering = ["-installed_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(
                fields=["asset", "environment", "-installed_at"], name="inventory_version_latest"
            ),
            models.Index(fields=["installed_by"], name="inventory_version_by"),
            models.Index(fields=["-installed_at", "-id"], name="inventory_version_recent"),
        ]

    def __str__(self) -> str:
        return self.level
