"""Who manages whom: told to whoever keeps accounts, and never in a circle."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.services.people import create_user, edit_user
from apps.core.actor import Actor
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of
from tests.factories import SETUP, actor, make_user
from tests.support import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(db: None) -> Actor:
    return actor(make_user("keeper", "site_admin"))


def manage(keeper: Actor, user: str, manager: User | None) -> User:
    return edit_user(pk=make_user(user).pk, actor=keeper, values={"manager": manager})


def test_a_manager_is_given_changed_and_taken_with_evidence(keeper: Actor) -> None:
    boss = make_user("boss")
    assert manage(keeper, "anna", boss).manager == boss
    assert manage(keeper, "anna", None).manager is None
    edits = EvidenceEntry.objects.filter(action="user.edited").order_by("id")
    told = [body_of(entry)["diff"] for entry in edits]
    assert [(line["field"], line["old"], line["new"]) for (line,) in told] == [
        ("manager", None, "boss"),
        ("manager", "boss", None),
    ]
    assert User.history.filter(username="anna", manager=boss).count() == 1


@pytest.mark.parametrize(
    ("whose", "who", "code"),
    [
        ("anna", "anna", "own_manager"),
        ("top", "anna", "manager_cycle"),
        ("anna", "robot", "not_a_person"),
        ("anna", "gone", "not_a_person"),
        ("robot", "anna", "service_account"),
    ],
)
def test_who_cannot_be_the_manager_of_whom(keeper: Actor, whose: str, who: str, code: str) -> None:
    make_user("robot", "integration", kind="service")
    edit_user(pk=make_user("gone").pk, actor=SETUP, values={"is_active": False})
    manage(keeper, "bert", make_user("top"))
    manage(keeper, "anna", make_user("bert"))
    with refused(code) as caught:
        manage(keeper, whose, make_user(who))
    assert {blocker.field for blocker in caught.value.blockers} == {"manager"}


def test_only_who_keeps_accounts_says_who_manages_whom(keeper: Actor) -> None:
    anna = make_user("anna")
    with refused("role_missing"):
        edit_user(pk=anna.pk, actor=actor(anna), values={"manager": make_user("bert")})


def test_an_account_whose_manager_left_is_still_kept(keeper: Actor) -> None:
    boss = make_user("boss")
    anna = create_user(actor=keeper, username="anna", manager=boss)
    edit_user(pk=boss.pk, actor=keeper, values={"is_active": False})
    values = {"last_name": "Berg", "manager": boss}
    assert edit_user(pk=anna.pk, actor=keeper, values=values).last_name == "Berg"


def test_the_database_keeps_nobody_as_their_own_manager(keeper: Actor) -> None:
    anna = make_user("anna")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=anna.pk).update(manager=anna.pk)


def test_the_console_takes_a_manager_and_names_the_field_that_is_wrong(keeper: Actor) -> None:
    client = Client()
    client.force_login(make_user("keeper"))
    anna, boss = make_user("anna"), make_user("boss")
    address = reverse("admin:accounts_user_change", args=[anna.pk])
    typed: dict[str, Any] = {"email": anna.email, "is_active": "on", "is_staff": "on"}
    wrong = client.post(address, {**typed, "manager": anna.pk})
    assert "Nobody is their own manager." in wrong.context["adminform"].form.errors["manager"][0]
    assert client.post(address, {**typed, "manager": boss.pk}).status_code == 302
    assert "is told when their signature is late" in client.get(address).content.decode()
