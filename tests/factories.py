"""Dull helpers that make one thing each, always through the services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from apps.accounts.models import Team, User
from apps.accounts.selectors import actor_for
from apps.accounts.services.people import create_team, create_user, edit_team, grant_role
from apps.core import clock
from apps.core.actor import Actor, Channel, system_actor

SETUP = system_actor("set-up")
PASSWORD = "correct horse battery"


def make_user(
    username: str,
    *roles: str,
    teams: Sequence[str] = (),
    kind: str = User.Kind.HUMAN,
    password: str | None = None,
) -> User:
    """A user with role grants ("application_owner@application:CARD" scopes one) and teams; the
    grants are a day old, so that they count for decisions."""
    user = User.objects.filter(username=username).first() or create_user(
        actor=SETUP,
        username=username,
        kind=kind,
        password=password,
        email=f"{username}@northgate.example",
    )
    for role in roles:
        name, _, scope = role.partition("@")
        with clock.at(clock.now() - timedelta(days=1)):
            grant_role(actor=SETUP, user=user, role=name, scope=scope)
    for code in teams:
        team = make_team(code)
        members = [*team.members.values_list("user", flat=True), user.pk]
        edit_team(pk=team.pk, actor=SETUP, values={}, members=members)
    return user


def make_team(code: str, kind: str = Team.Kind.INFRASTRUCTURE, capacity: int = 1) -> Team:
    known = Team.objects.filter(code=code).first()
    return known or create_team(
        actor=SETUP, values={"code": code, "name": code, "kind": kind, "capacity": capacity}
    )


def actor(user: User, channel: Channel = "admin") -> Actor:
    """The user as an actor that signed in an hour ago and has just proved who they are."""
    from django.utils import timezone

    now = timezone.now()
    proved = actor_for(user, channel=channel, auth_at=now, auth_methods=("password",))
    return replace(proved, signed_in_at=now - timedelta(hours=1))
