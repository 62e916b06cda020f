"""Accounts, grants and teams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection

from apps.accounts import events
from apps.accounts.models import RoleGrant, Team, TeamMembership, User
from apps.accounts.policies import (
    end_grant_blockers,
    grant_blockers,
    keep_people_blockers,
    manager_blockers,
)
from apps.accounts.selectors import duties_of, managers_above
from apps.accounts.services.groups import derive_groups
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, not_found, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers
from apps.evidence.domain.canonical import field_diff
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created, record_fact
from apps.evidence.services.register import model_blockers

MANAGERS_LOCK = 0x6D616E61


@door("user")
def create_user(
    *,
    actor: Actor,
    username: str,
    password: str | None = None,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    kind: str = User.Kind.HUMAN,
    is_staff: bool = True,
    manager: User | None = None,
) -> User:
    """A new account. People sign in to the console; service accounts use tokens only."""
    user = User(
        username=username,
        first_name=first_name,
        last_name=last_name,
        email=email,
        kind=kind,
        is_staff=is_staff and kind == User.Kind.HUMAN,
        manager=manager,
    )
    blockers = [*keep_people_blockers(actor), *_user_blockers(user)]
    if manager is not None:
        blockers += manager_blockers(user, manager, ())
    if password is not None:
        blockers += _password_blockers(password, user)
    refuse_if_any(blockers)
    user.set_password(password)
    _save_user(user, actor)
    record_fact(
        "user", key=user.pk, actor=actor, event=events.USER_CREATED,
        diff=field_diff({}, _told(user)),
    )  # fmt: skip
    return user


@door("user")
def edit_user(
    *, pk: UUID, actor: Actor, values: Mapping[str, Any], expected_seq: int | None = None,
    comment: str = "",
) -> User:  # fmt: skip
    """Change names, mail, manager or whether it is active. Passwords have their own page."""
    if values.get("manager") is not None:
        # One at a time: two edits at once could make a circle that neither of them sees.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MANAGERS_LOCK])
    try:
        user = User.objects.select_for_update(of=["self"]).select_related("manager").get(pk=pk)
    except User.DoesNotExist:
        raise not_found("account") from None
    blockers = list(keep_people_blockers(actor))
    if user.pk == actor.id and values.get("is_active") is False:
        blockers.append(
            Blocker(
                "own_account",
                "Nobody deactivates themselves.",
                "Another site administrator does.",
                "site administrator",
            )
        )
    before = _told(user)
    for name in ("first_name", "last_name", "email", "is_active", "is_staff", "manager"):
        if name in values:
            setattr(user, name, values[name])
    if user.manager is not None and before["manager"] != user.manager.username:
        blockers += manager_blockers(user, user.manager, managers_above(user.manager.pk))
    refuse_if_any([*blockers, *_user_blockers(user)])
    diff = field_diff(before, _told(user))
    if diff:
        _save_user(user, actor, comment)
        gone = before["is_active"] and not user.is_active
        record_fact(
            "user", key=user.pk, actor=actor, comment=comment, diff=diff,
            event=events.USER_DEACTIVATED if gone else events.USER_EDITED,
        )  # fmt: skip
    return user


@door("user")
def record_step_up(*, pk: UUID, actor: Actor) -> None:
    """That a person proved their identity again, before a decision."""
    User.objects.select_for_update().get(pk=pk)
    record_fact("user", key=pk, actor=actor, event=events.USER_SIGNED_AGAIN)


@door("role_grant")
def grant_role(
    *,
    actor: Actor,
    user: User,
    role: str,
    scope: str = "",
    until: datetime | None = None,
    comment: str = "",
) -> RoleGrant:
    """Give `user` a role; refuses duties that may not be combined, be it by a delegation."""
    # The account is the lock: a delegation to it at the same time waits, and is asked after.
    user = User.objects.select_for_update().get(pk=user.pk)
    refuse_if_any(
        [*grant_blockers(actor, user, role, scope, duties_of(user.pk)), *_proof_blockers(actor)]
    )
    grant = RoleGrant(
        user=user,
        role=role,
        scope=scope,
        granted_by_id=actor.id,
        granted_at=clock.now(),
        until=until,
    )
    refuse_if_any(model_blockers(grant))
    record_created(grant, actor=actor, event=events.ROLE_GRANTED, comment=comment)
    derive_groups(user)
    return grant


@door("role_grant")
def end_role(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> RoleGrant:
    """End a grant now. What was done under it stays done; a signature counts no more towards an
    approval that is still to come."""
    grant = lock(RoleGrant.objects.select_related("user"), pk, expected_seq=expected_seq)
    refuse_if_any([*end_grant_blockers(actor, grant), *_proof_blockers(actor)])
    grant.until = max(clock.now(), grant.granted_at)
    record(grant, actor=actor, event=events.ROLE_ENDED, comment=comment)
    derive_groups(grant.user)
    return grant


@door("team")
def create_team(*, actor: Actor, values: Mapping[str, Any], members: Sequence[UUID] = ()) -> Team:
    team = Team(**values)
    refuse_if_any([*keep_people_blockers(actor), *model_blockers(team)])
    rows = [TeamMembership(team=team, user_id=user) for user in members]
    record_created(
        team, actor=actor, event=events.TEAM_CREATED,
        parts={"members": [row.governed_values() for row in rows]},
    )  # fmt: skip
    TeamMembership.objects.bulk_create(rows)
    return team


@door("team")
def edit_team(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    members: Sequence[UUID] | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> Team:
    """Change a team's facts and, when given, its whole membership."""
    team = lock(Team, pk, expected_seq=expected_seq, parts=True)
    for name, value in values.items():
        setattr(team, name, value)
    refuse_if_any([*keep_people_blockers(actor), *model_blockers(team)])
    if members is not None:
        team.members.exclude(user__in=members).delete()
        known = set(team.members.values_list("user", flat=True))
        TeamMembership.objects.bulk_create(
            TeamMembership(team=team, user_id=user) for user in members if user not in known
        )
    return record(
        team, actor=actor, event=events.TEAM_EDITED, comment=comment, parts=team.part_values()
    )


class _Who:
    """What simple-history needs of the actor."""

    def __init__(self, pk: UUID | None) -> None:
        self.pk = pk


def _proof_blockers(actor: Actor) -> Iterator[Blocker]:
    """The portal's own set-up is nobody who could prove who they are."""
    if actor.kind != "system":
        yield from step_up_blockers(actor)


def _told(user: User) -> dict[str, Any]:
    names = ("username", "first_name", "last_name", "email", "kind", "is_active", "is_staff")
    manager = user.manager.username if user.manager else None
    return {**{name: getattr(user, name) for name in names}, "manager": manager}


def _save_user(user: User, actor: Actor, comment: str = "") -> None:
    user._history_user = _Who(actor.id)  # type: ignore[attr-defined]
    user._change_reason = comment  # type: ignore[attr-defined]
    user._history_date = clock.now()  # type: ignore[attr-defined]
    user.save()


def _user_blockers(user: User) -> list[Blocker]:
    blockers = [
        *text_blockers("first_name", user.first_name, longest=150),
        *text_blockers("last_name", user.last_name, longest=150),
    ]
    try:
        user.full_clean(exclude={"password"}, validate_constraints=False)
    except ValidationError as error:
        blockers += [bad_input(f, m) for f, ms in error.message_dict.items() for m in ms]
    return blockers


def _password_blockers(password: str, user: User) -> list[Blocker]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [bad_input("password", message) for message in error.messages]
    return []
