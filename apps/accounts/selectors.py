"""Who somebody is and what they hold, now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from apps.accounts.domain.authority import Authority
from apps.accounts.domain.roster import KEPT_FOR, Roster, Shift
from apps.accounts.models import (
    Delegation,
    RoleGrant,
    Team,
    TeamMembership,
    TeamShift,
    User,
)
from apps.core import clock
from apps.core.actor import Actor, Channel, RoleHeld
from apps.core.http import request_id
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of

#: Where the session keeps when its user last proved who they are.
AUTH_AT_KEY = "interlock_auth_at"
#: Where it keeps when they signed in; a later proof of identity does not change it.
SIGNED_IN_KEY = "interlock_signed_in_at"


def grants_held(at: datetime | None = None) -> QuerySet[RoleGrant]:
    """Grants in force at `at` (now) of people who are active, or were at a moment told."""
    moment = at or clock.now()
    grants = RoleGrant.objects.filter(
        Q(until__isnull=True) | Q(until__gt=moment), granted_at__lte=moment
    )
    return _of_active(grants, at, "user")


Rows = TypeVar("Rows", bound=Model)


def _of_active(rows: QuerySet[Rows], at: datetime | None, *people: str) -> QuerySet[Rows]:
    """Rows whose `people` are active; at a moment told, or looked back at, were active then."""
    for person in people:
        if at is None and not clock.is_looking_back():
            rows = rows.filter(**{f"{person}__is_active": True})
        else:
            told = _told_of_account(OuterRef(f"{person}_id"), at or clock.now())
            rows = rows.annotate(
                **{f"{person}_was_active": Subquery(told.values("is_active")[:1])}
            ).filter(**{f"{person}_was_active": True})
    return rows


def _told_of_account(key: Any, moment: datetime) -> QuerySet[Any]:
    """The history of an account up to `moment`, the last word first."""
    rows: QuerySet[Any] = User.history.filter(id=key, history_date__lte=moment)
    return rows.order_by("-history_date", "-history_id")


def was_active(user: User) -> bool:
    """Whether the account is active; looking back, whether it was then."""
    if not clock.is_looking_back():
        return user.is_active
    last = _told_of_account(user.pk, clock.now()).first()
    return last is not None and last.is_active


def account_was_there(user: User) -> bool:
    """Looking back: whether the account was there then."""
    return _told_of_account(user.pk, clock.now()).exists()


def teams_of(user: UUID) -> frozenset[str]:
    """Codes of the teams of an account; looking back, of those it was in then, as far as the
    evidence of a team holds its members."""
    if not clock.is_looking_back():
        codes = TeamMembership.objects.filter(user=user).values_list("team__code", flat=True)
        return frozenset(codes)
    teams = {team.subject: team for team in Team.objects.prefetch_related("members")}
    told: dict[str, Any] = {}
    for entry in EvidenceEntry.objects.filter(subject__in=teams, at__lte=clock.now()).order_by(
        "id"
    ):
        told[entry.subject] = next(
            (row for row in body_of(entry).get("diff", ()) if row["field"] == "members"),
            told.get(entry.subject),
        )
    return frozenset(
        teams[subject].code
        for subject, row in told.items()
        if row is not None and str(user) in _members_in(row, teams[subject])
    )


def _members_in(row: Mapping[str, Any], team: Team) -> set[str]:
    """Whose keys an entry tells as members; those of today where it keeps only their digest."""
    if "new" in row:
        return {member["user"] for member in row["new"] or ()}
    return {str(member.user_id) for member in team.members.all()}


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
    teams = teams_of(user.pk)
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


def managers_above(user: UUID) -> list[UUID]:
    """The manager of the account, theirs, and so on. One query for each, and one more."""
    found: list[UUID] = []
    above = User.objects.values_list("manager", flat=True)
    while (manager := above.get(pk=found[-1] if found else user)) is not None:
        found.append(manager)
    return found


def managers_of(users: Iterable[UUID]) -> QuerySet[User]:
    """The managers of these accounts who are active, by name."""
    return User.objects.filter(reports__in=list(users), is_active=True).distinct()


def roles_held_by(users: Iterable[UUID]) -> dict[UUID, frozenset[RoleHeld]]:
    """Roles in force by user key."""
    held: dict[UUID, set[RoleHeld]] = {pk: set() for pk in users}
    for pk, role, scope in grants_held().filter(user__in=held).values_list("user", "role", "scope"):
        held[pk].add(RoleHeld(role, scope))
    return {pk: frozenset(roles) for pk, roles in held.items()}


def delegations_in_force(at: datetime | None = None) -> QuerySet[Delegation]:
    """Delegations that run at `at` (now), between people who are active."""
    moment = at or clock.now()
    given = Delegation.objects.filter(
        Q(revoked_at__isnull=True) | Q(revoked_at__gt=moment),
        created_at__lte=moment,
        starts_at__lte=moment,
        ends_at__gt=moment,
    )
    return _of_active(given, at, "delegator", "delegate")


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


def seats_of(
    users: Iterable[UUID], roles: Iterable[str], at: datetime | None = None
) -> dict[UUID, frozenset[UUID]]:
    """Whose place each of `users` may take as holder of one of `roles` at `at` (now): their own,
    and that of each who delegated the role to them. Two queries, three where one was delegated."""
    wanted = list(roles)
    found: dict[UUID, set[UUID]] = {pk: set() for pk in users}
    own = grants_held(at).filter(role__in=wanted)
    for pk in own.filter(user__in=found).values_list("user", flat=True):
        found[pk].add(pk)
    given = list(delegations_in_force(at).filter(delegate__in=found, role__in=wanted))
    theirs = list(own.filter(user__in=[row.delegator_id for row in given])) if given else []
    for row in given:
        if any(_rests_on(row, grant) for grant in theirs):
            found[row.delegate_id].add(row.delegator_id)
    return {pk: frozenset(seats) for pk, seats in found.items()}


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


def roster_of(teams: Iterable[UUID], starts_at: datetime, ends_at: datetime) -> Roster:
    """Who of `teams` is on shift between two moments, and which of them keep a roster at all: who
    entered a shift for that time, for later, or not long before. Two queries."""
    valid = TeamShift.objects.filter(team__in=list(teams), cancelled_at=None)
    kept = valid.filter(ends_at__gt=starts_at - KEPT_FOR).values_list("team", flat=True)
    rows = valid.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).select_related("person")
    shifts: dict[UUID, list[Shift]] = {}
    for row in rows.order_by("starts_at"):
        shifts.setdefault(row.team_id, []).append(
            Shift(
                row.team_id, row.person_id, str(row.person), row.starts_at, row.ends_at, row.role,
                row.phone,
            )
        )  # fmt: skip
    return Roster({team: tuple(some) for team, some in shifts.items()}, frozenset(kept.distinct()))


def on_shift_now(team: UUID) -> tuple[Shift, ...]:
    """Who of the team is on shift at this moment, primaries first."""
    now = clock.now()
    return roster_of([team], now, now + timedelta(minutes=1)).on_shift(team, now)
