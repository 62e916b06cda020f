"""How a new installation gets its first administrator, and only its first."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.management.commands import create_first_admin
from apps.accounts.models import User
from apps.accounts.selectors import actor_for
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    answers = [PASSWORD, PASSWORD]
    monkeypatch.setattr(create_first_admin, "getpass", lambda prompt: answers.pop(0))
    return answers


def test_the_first_administrator_is_made(typed: list[str]) -> None:
    call_command("create_first_admin", "root")
    user = User.objects.get(username="root")
    assert user.check_password(PASSWORD) and not user.is_superuser
    assert actor_for(user).holds("site_admin")


def test_a_second_one_is_not(typed: list[str]) -> None:
    make_user("admin", "site_admin")
    with pytest.raises(CommandError, match="There is a site administrator"):
        call_command("create_first_admin", "root")


def test_a_weak_password_makes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create_first_admin, "getpass", lambda prompt: "secret")
    with pytest.raises(CommandError, match="too short"):
        call_command("create_first_admin", "root")
    assert not User.objects.exists()


def test_two_different_passwords_make_nobody(typed: list[str]) -> None:
    typed[1] = "something else entirely"
    with pytest.raises(CommandError, match="differ"):
        call_command("create_first_admin", "root")
    assert not User.objects.exists()
