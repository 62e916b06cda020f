"""People and a team, and browsers that they are signed in to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import RoleGrant, Team, User
from apps.accounts.selectors import AUTH_AT_KEY
from tests.factories import PASSWORD, make_team, make_user


@pytest.fixture
def keeper(db: None) -> User:
    return make_user("keeper", "site_admin", password=PASSWORD)


@pytest.fixture
def reader(db: None) -> User:
    return make_user("reader", "viewer", password=PASSWORD)


@pytest.fixture
def team(db: None) -> Team:
    make_user("anna", teams=["DBA"])
    make_user("bert", teams=["DBA"])
    return make_team("DBA")


@pytest.fixture
def grant(reader: User) -> RoleGrant:
    return RoleGrant.objects.get(user=reader)


@pytest.fixture
def browser() -> Callable[..., Client]:
    """A signed-in browser whose user proved who they are `minutes` ago."""

    def sign_in(user: User, minutes: int = 0) -> Client:
        client = Client()
        client.force_login(user)
        session = client.session
        session[AUTH_AT_KEY] = (timezone.now() - timedelta(minutes=minutes)).isoformat()
        session.save()
        return client

    return sign_in
