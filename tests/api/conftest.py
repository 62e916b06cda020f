"""A small bank, and clients that call as its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.accounts.services.tokens import create_token
from apps.core import clock
from tests.changes.worlds import Bank, small_bank
from tests.factories import SETUP, actor
from tests.releases.worlds import BEFORE, Night, small_night


@pytest.fixture
def bank(db: None) -> Bank:
    return small_bank()


@pytest.fixture
def night(db: None) -> Iterator[Night]:
    """The bank with its planners and an open window; the clock stands some days before it."""
    with clock.at(BEFORE + timedelta(days=2)):
        yield small_night()


@pytest.fixture
def call_as(db: None) -> Callable[..., APIClient]:
    """`call_as(user)` is a client with a token of that account; `fresh=True` after a step-up."""

    def client(user: User, *, fresh: bool = False) -> APIClient:
        maker = SETUP if user.kind == User.Kind.SERVICE else actor(user)
        token, text = create_token(
            pk=user.pk, actor=maker, name="test", lifetime=timedelta(hours=1)
        )
        now = timezone.now()
        token.last_used_at, token.auth_at = now, now if fresh else None
        token.save()
        made = APIClient(raise_request_exception=False)
        made.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return made

    return client
