"""Users, teams and role grants."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from knox.models import AbstractAuthToken

from apps.accounts.domain.authority import DELEGABLE
from apps.accounts.domain.roles import LABEL_OF_ROLE, ROLES
from apps.accounts.domain.roster import DEPUTY, PRIMARY
from apps.core.ids import uuid7
from apps.evidence.models import GovernedModel, PartModel, governed_history


class User(AbstractUser):  # type: ignore[django-manager-missing]
    """A person or a service account. Deactivated, never deleted; roles come from grants only."""

    class Kind(models.TextChoices):
        HUMAN = "human", "Person"
        SERVICE = "service", "Service account"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.HUMAN)
    manager = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reports",
        help_text="Who is told when a signature of this person is late.",
    )

    history = governed_history("password", "last_login")

    class Meta:
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=Q(manager__isnull=True) | ~Q(manager=F("id")),
                name="accounts_nobody_manages_themselves",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Team(GovernedModel):
    SUBJECT = "team"
    PARTS = ("members",)

    class Kind(models.TextChoices):
        APPLICATION = "application", "Application"
        OPERATIONS = "operations", "Operations"
        INFRASTRUCTURE = "infrastructure", "Infrastructure"
        VALIDATION = "validation", "Validation"
        GOVERNANCE = "governance", "Governance"

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    capacity = models.PositiveSmallIntegerField(
        default=1, help_text="People available at the same time."
    )
    contact = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class TeamMembership(PartModel):
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="accounts_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class TeamShift(GovernedModel):
    """That a person is on shift for a team from one moment until another, unless it was cancelled.

    A deputy stands in for the primary of the same time. A person may be on shift for two teams at
    once, but never twice for one, which an exclusion constraint keeps (migration 0201).
    """

    SUBJECT = "team_shift"

    class Role(models.TextChoices):
        PRIMARY = PRIMARY, "Primary"
        DEPUTY = DEPUTY, "Deputy"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="shifts")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shifts"
    )
    starts_at = models.DateTimeField("from")
    ends_at = models.DateTimeField("until")
    role = models.CharField("as", max_length=10, choices=Role.choices, default=Role.PRIMARY)
    phone = models.CharField(
        max_length=40, blank=True, help_text="Where they are reached during the shift."
    )
    cancelled_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-starts_at", "team__code", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="accounts_shift_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["team", "ends_at"], name="accounts_shifts_of_team")]

    def __str__(self) -> str:
        return f"{self.person} for {self.team}"


class RoleGrant(GovernedModel):
    """That a person holds a role, where, since when, until when, and who said so."""

    SUBJECT = "role_grant"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="role_grants"
    )
    role = models.CharField(
        max_length=30, choices=[(role.code, LABEL_OF_ROLE[role.code]) for role in ROLES]
    )
    scope = models.CharField(
        max_length=40,
        blank=True,
        help_text="Empty: everywhere. Otherwise application:CODE, family:db2 or team:CODE.",
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: the portal's own set-up.",
    )
    granted_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["user__username", "role"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("granted_at")),
                name="accounts_grant_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("user")),
                name="accounts_nobody_grants_to_self",
            ),
            models.CheckConstraint(
                condition=Q(scope="")
                | Q(scope__regex=r"^(application|family|team):[A-Za-z0-9_-]+$"),
                name="accounts_scope_form",
            ),
        ]
        indexes = [models.Index(fields=["user", "until"], name="accounts_grants_held")]

    def __str__(self) -> str:
        where = f" ({self.scope})" if self.scope else ""
        return f"{self.user}: {self.get_role_display()}{where}"


class Delegation(GovernedModel):
    """That somebody decides for the holder of a role, for a time.

    It rests on the delegator's own grant: when that ends, it gives nothing any more. What was
    delegated cannot be delegated on, because only what is granted can be.
    """

    SUBJECT = "delegation"

    delegator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_given"
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_received"
    )
    role = models.CharField(
        max_length=30, choices=[(code, LABEL_OF_ROLE[code]) for code in DELEGABLE]
    )
    scope = models.CharField(
        max_length=40,
        blank=True,
        help_text="Empty: as far as your own role goes. Otherwise application:CODE or family:db2.",
    )
    starts_at = models.DateTimeField("from")
    ends_at = models.DateTimeField("until")
    reason = models.CharField(max_length=200)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="accounts_delegation_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(delegate=F("delegator")), name="accounts_nobody_delegates_to_self"
            ),
        ]
        indexes = [
            models.Index(fields=["delegate", "ends_at"], name="accounts_delegated_to"),
        ]

    def __str__(self) -> str:
        where = f" ({self.scope})" if self.scope else ""
        return f"{self.delegate} for {self.delegator}: {self.get_role_display()}{where}"


class ApiToken(AbstractAuthToken):
    """A token of the programming interface: its hash, never its text.

    `token_key` is the public part by which people recognise it; `auth_at` is when its user last
    proved who they are while using it.
    """

    name = models.CharField(max_length=60)
    auth_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.token_key}… {self.name}"
