"""Where things run, and what an activity locks while it runs."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from apps.evidence.models import GovernedModel
from apps.inventory.domain.naming import name_problems


def validate_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(f"{value!r} is no time zone; enter one such as Europe/Amsterdam.")


def validate_member_name(value: str) -> None:
    problems = list(name_problems("member", value))
    if problems:
        raise ValidationError(problems)


class Site(GovernedModel):
    SUBJECT = "site"

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    tz = models.CharField("time zone", max_length=40, validators=[validate_zone])

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Environment(GovernedModel):
    """A stage that software passes, from development (low `order`) to production."""

    SUBJECT = "environment"

    code = models.CharField(max_length=12)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="environments")
    order = models.PositiveSmallIntegerField()
    is_production = models.BooleanField(default=False)
    requires_release = models.BooleanField(
        default=False, help_text="Something is installed here by a release package only."
    )

    class Meta:
        ordering = ["site__code", "order"]
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="inventory_environment_once"),
        ]

    def __str__(self) -> str:
        return self.code


class Sysplex(GovernedModel):
    SUBJECT = "sysplex"

    code = models.CharField(max_length=8, unique=True, validators=[validate_member_name])
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="sysplexes")

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "sysplexes"

    def __str__(self) -> str:
        return self.code


class SystemImage(GovernedModel):
    """A logical partition."""

    SUBJECT = "system_image"

    class Role(models.TextChoices):
        PRODUCTION = "production", "Production"
        DR = "dr", "Disaster recovery"
        TEST = "test", "Test"

    code = models.CharField(max_length=8, validators=[validate_member_name])
    sysplex = models.ForeignKey(Sysplex, on_delete=models.PROTECT, related_name="images")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.PRODUCTION)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["sysplex", "code"], name="inventory_image_once"),
        ]

    def __str__(self) -> str:
        return self.code


class Subsystem(GovernedModel):
    """Anything an activity locks or acts on. `capacity` operations may run on it at once."""

    SUBJECT = "subsystem"

    class Kind(models.TextChoices):
        CICS_REGION = "cics_region", "CICS region"
        CICSPLEX = "cicsplex", "CICSplex"
        DB2_MEMBER = "db2_member", "Db2 member"
        DB2_GROUP = "db2_group", "Db2 data sharing group"
        IMS = "ims", "IMS"
        MQ_QMGR = "mq_qmgr", "MQ queue manager"
        JES = "jes", "JES"
        SCHEDULER = "scheduler", "Scheduler"
        SCM = "scm", "SCM executor"
        LOADLIB = "loadlib", "Load library"
        DBRMLIB = "dbrmlib", "DBRM library"
        LLA = "lla", "Library lookaside"
        TRANSFER_NODE = "transfer_node", "Transfer node"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=44)
    sysplex = models.ForeignKey(Sysplex, on_delete=models.PROTECT, related_name="subsystems")
    image = models.ForeignKey(
        SystemImage, null=True, blank=True, on_delete=models.PROTECT, related_name="subsystems"
    )
    capacity = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1)],
        help_text="Operations that may run on it at the same time.",
    )
    attributes = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["sysplex", "kind", "name"], name="inventory_subsystem_once"
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1), name="inventory_subsystem_capacity"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.image is not None and self.image.sysplex_id != self.sysplex_id:
            raise ValidationError({"image": f"{self.image} is no image of this sysplex."})
