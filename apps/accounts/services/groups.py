"""Django groups, derived from the grants: for the admin's own checks, never for ours."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission

from apps.accounts.domain.roles import ROLES
from apps.accounts.models import User
from apps.accounts.selectors import grants_held


def ensure_roles(**_: Any) -> None:
    """One group per role, each with the permission to view everything. Idempotent."""
    view = list(
        Permission.objects.filter(codename__startswith="view_").values_list("pk", flat=True)
    )
    for role in ROLES:
        group, _created = Group.objects.get_or_create(name=role.code)
        if set(group.permissions.values_list("pk", flat=True)) != set(view):
            group.permissions.set(view)


def derive_groups(user: User) -> None:
    """Make the user's groups equal to the roles they hold now."""
    roles = set(grants_held().filter(user=user).values_list("role", flat=True))
    user.groups.set(Group.objects.filter(name__in=roles))
