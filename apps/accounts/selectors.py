"""Who somebody is and what they hold, now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from apps.accounts.domain.authority import Authority
from apps.accounts.models import Delegation, RoleGrant, TeamMembership, User
from apps.core import clock
from apps.core.actor import Actor, Channel, RoleHeld
from apps.core.http import request_id

#: Where the session keeps when its user last proved who they are.
AUTH_AT_KEY = "interlock_auth_at"
#: Where it keeps when they signed in; a later proof of identity does not change it.
SIGNED_IN_KEY = "interlock_signed_in_at"


def grants_held(at: datetime | None = None) -> QuerySet[RoleGrant]:
    """Grants in force at `at` (now) of people who are active."""
    moment = at or clock.now()
    return RoleGrant.objects.filter(
        Q(until__isnull=True) | Q(until__gt=moment), granted_at__lte=moment, user__is_active=True
    )


def actor_for(
    user: User,
    *,
    channel: Channel = "command",
    request: HttpRequest | None = None,
    auth_at: datetime | None = None,
    auth_methods: tuple[str, ...] = (),
) -> Actor:
    """The actor that `user` is at this moment: two queries, remembered on the request."""
    if request is not None:
        known = getattr(request, "_interlock_actor", None)
        if known is not None and known.id == user.pk and known.channel == channel:
            return known
    roles = frozenset(
        RoleHeld(role, scope)
        for role, scope in grants_held().filter(user=user).values_list("role", "scope")
    )
    teams = frozenset(TeamMembership.objects.filter(user=user).values_list("team__code", flat=True))
    about_request = _about_request(request) if request is not None else {}
    if auth_at is not None:
        about_request["auth_at"] = auth_at
    actor = Actor(
        id=user.pk,
        username=user.username,
        printed_name=str(user),
        kind="service" if user.kind == User.Kind.SERVICE else "human",
        channel=channel,
        roles=roles,
        teams=teams,
        auth_methods=auth_methods or about_request.pop("auth_methods", ()),
        **about_request,
    )
    if request is not None:
        request._interlock_actor = actor  # type: ignore[attr-defined]
    return actor


def _about_request(request: HttpRequest) -> dict[str, Any]:
    session = getattr(request, "session", None)
    key = getattr(session, "session_key", None) or ""
    proved = session.get(AUTH_AT_KEY) if session is not None else None
    signed_in = session.get(SIGNED_IN_KEY) if session is not None else None
    return {
        "auth_at": parse_datetime(proved) if proved else None,
        "auth_methods": ("password",) if proved else (),
        "signed_in_at": parse_datetime(signed_in) if signed_in else None,
        "session_hash": hashlib.sha256(key.encode()).hexdigest()[:32] if key else "",
        "ip": request.META.get("REMOTE_ADDR", ""),
        "request_id": request_id(),
    }


def holders_of(roles: Iterable[str], scope: str = "") -> QuerySet[User]:
    """Active people who hold one of `roles` for `scope` or everywhere."""
    return User.objects.filter(
        pk__in=grants_held().filter(role__in=list(roles), scope__in=["", scope]).values("user")
    ).order_by("username")


def roles_held_by(users: Iterable[UUID]) -> dict[UUID, frozenset[RoleHeld]]:
    """Roles in force by user key."""
    held: dict[UUID, set[RoleHeld]] = {pk: set() for pk in users}
    for pk, role, scope in grants_held().filter(user__in=held).values_list("user", "role", "scope"):
        held[pk].add(RoleHeld(role, scope))
    return {pk: frozenset(roles) for pk, roles in held.items()}


def delegations_in_force(at: datetime | None = None) -> QuerySet[Delegation]:
    """Delegations that run at `at` (now), between people who are active."""
    moment = at or clock.now()
    return Delegation.objects.filter(
        starts_at__lte=moment,
        ends_at__gt=moment,
        revoked_at__isnull=True,
        delegator__is_active=True,
        delegate__is_active=True,
    )


def duties_of(user: UUID) -> frozenset[str]:
    """Codes of the roles that the account holds or may come to act by: what was granted, and what
    was delegated for now or later, whether or not the delegator holds it at present. Two queries.
    """
    granted = grants_held().filter(user=user).values_list("role", flat=True)
    delegated = Delegation.objects.filter(
        delegate=user, revoked_at__isnull=True, ends_at__gt=clock.now()
    ).values_list("role", flat=True)
    return frozenset((*granted, *delegated))


def deputies_of(users: Iterable[User], role: str) -> QuerySet[User]:
    """Who decides now for one of `users` as holder of `role`."""
    given = delegations_in_force().filter(delegator__in=[user.pk for user in users], role=role)
    return User.objects.filter(pk__in=given.values("delegate"))


def authorities_of(user: UUID | None) -> tuple[Authority, ...]:
    """By what rights the account acts now: own grants first, then what others delegated.

    A delegation counts as far as its delegator holds the role now. Two queries, three where
    something was delegated.
    """
    if user is None:
        return ()
    own = _grants_of([user])
    given = list(delegations_in_force().filter(delegate=user).select_related("delegator"))
    theirs = _grants_of([row.delegator_id for row in given]) if given else []
    return (
        *(_own(grant) for grant in own),
        *(_delegated(row, grant) for row in given for grant in theirs if _rests_on(row, grant)),
    )


def _grants_of(users: Sequence[UUID]) -> list[RoleGrant]:
    held = grants_held().filter(user__in=users).select_related("granted_by")
    return list(held.order_by("granted_at", "pk"))


def _rests_on(delegation: Delegation, grant: RoleGrant) -> bool:
    wide = RoleHeld(grant.role, grant.scope)
    return (
        grant.user_id == delegation.delegator_id
        and grant.role == delegation.role
        and (not delegation.scope or wide.covers(delegation.scope))
    )


def _own(grant: RoleGrant) -> Authority:
    return Authority(
        held=RoleHeld(grant.role, grant.scope),
        since=grant.granted_at,
        granted_by=grant.granted_by_id,
        granted_by_name=str(grant.granted_by or ""),
        grant=grant.subject,
    )


def _delegated(delegation: Delegation, grant: RoleGrant) -> Authority:
    return replace(
        _own(grant),
        held=RoleHeld(grant.role, delegation.scope or grant.scope),
        principal=delegation.delegator_id,
        principal_name=str(delegation.delegator),
        delegation=delegation.subject,
        until=delegation.ends_at,
    )
