"""Tokens: made with a password, shown once, kept as a hash, ended at once."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import ApiToken, User
from apps.accounts.services.tokens import create_token
from apps.evidence.models import EvidenceEntry
from tests.factories import PASSWORD, SETUP, actor, make_user
from tests.support import refused

pytestmark = pytest.mark.django_db
URL = "/api/v1/tokens/"


def bearer(text: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


@pytest.fixture
def ann() -> User:
    return make_user("ann", "requester", password=PASSWORD)


def make(**more: Any) -> Any:
    sent = {"username": "ann", "password": PASSWORD, "name": "laptop", **more}
    return APIClient().post(URL, sent)


def test_a_token_is_shown_once_and_kept_as_a_hash(ann: User) -> None:
    made = make(hours=2)
    assert made.status_code == 201, made.json()
    text = made.json()["token"]
    assert text.startswith("ilk_")
    assert len(text) >= 4 + 32
    row = ApiToken.objects.get()
    assert row.digest == hashlib.sha512(text.encode()).hexdigest()
    assert timedelta(hours=1) < row.expiry - timezone.now() <= timedelta(hours=2)
    assert bearer(text).get("/api/v1/me/").json()["username"] == "ann"
    told = bearer(text).get(URL)
    assert [t["name"] for t in told.json()] == ["laptop"]
    assert text not in told.content.decode()
    assert row.digest not in told.content.decode()
    entry = EvidenceEntry.objects.get(action="user.token_created")
    assert text.encode() not in bytes(entry.body)


def test_a_wrong_password_makes_none(ann: User) -> None:
    for sent in ({"password": "wrong"}, {"username": "nobody"}, {"username": "ann\x01"}):
        assert make(**sent).status_code == 401
    assert make(password="nul\x00").status_code == 400
    assert make(hours=0).status_code == 400
    assert make(hours=24 * 91).status_code == 400
    assert make(kind="service").status_code == 400
    assert not ApiToken.objects.exists()


def test_guessing_locks_the_account(ann: User, settings: Any) -> None:
    settings.AXES_ENABLED = True
    answers = [make(password=f"guess {n}") for n in range(6)]
    assert [a.status_code for a in answers] == [401] * 4 + [429] * 2
    right = make()
    assert right.status_code == 429
    assert right["Content-Type"] == "application/problem+json"
    assert not ApiToken.objects.exists()


def test_a_token_ends_with_its_time(ann: User) -> None:
    text = make().json()["token"]
    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert bearer(text).get("/api/v1/me/").status_code == 401


def test_a_token_ends_with_its_account(ann: User) -> None:
    text = make().json()["token"]
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert bearer(text).get("/api/v1/me/").status_code == 401


def test_one_revokes_ones_own_only(ann: User) -> None:
    text = make().json()["token"]
    other = make_user("ben", password=PASSWORD)
    _token, theirs = create_token(
        pk=other.pk, actor=actor(other), name="theirs", lifetime=timedelta(hours=1)
    )
    assert bearer(theirs).delete(f"{URL}{text[:15]}/").status_code == 404
    assert bearer(text).delete(f"{URL}{text[:15]}/").status_code == 204
    assert bearer(text).get(URL).status_code == 401
    assert bearer(theirs).get(URL).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer a b", "Bearer \xff", "Bearer ilk_", "Bearer " + "x" * 5000, "Basic x"],
)
def test_what_is_no_token_signs_nobody_in(ann: User, header: str) -> None:
    make()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    answer = client.get("/api/v1/me/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_a_step_up_belongs_to_its_token(ann: User) -> None:
    first, second = make().json()["token"], make().json()["token"]
    assert bearer(first).post("/api/v1/step-up/", {"password": "wrong"}).status_code == 403
    assert bearer(first).post("/api/v1/step-up/", {"password": PASSWORD}).status_code == 200
    assert bearer(first).get("/api/v1/me/").json()["auth_at"]
    assert bearer(second).get("/api/v1/me/").json()["auth_at"] is None
    assert EvidenceEntry.objects.filter(action="user.stepped_up").count() == 1


def test_the_step_up_of_a_session_does_not_count_for_a_token(ann: User) -> None:
    client = bearer(make().json()["token"])
    client.login(username="ann", password=PASSWORD)
    assert client.get("/api/v1/me/").json()["auth_at"] is None


def test_a_session_may_read_and_writes_with_its_csrf_token(ann: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(ann)
    assert client.get("/api/v1/me/").status_code == 200
    assert client.post("/api/v1/step-up/", {"password": PASSWORD}).status_code == 403


def test_ten_tokens_are_enough(ann: User) -> None:
    codes = [make(name=f"number {n}").status_code for n in range(11)]
    assert codes == [201] * 10 + [409]


def test_tokens_of_service_accounts_are_made_on_the_server(ann: User, capsys: Any) -> None:
    robot = make_user("robot", "integration", kind=User.Kind.SERVICE)
    with refused("role_missing"):
        create_token(pk=robot.pk, actor=actor(ann), name="x", lifetime=timedelta(hours=1))
    with refused("own_tokens_only"):
        create_token(pk=ann.pk, actor=SETUP, name="x", lifetime=timedelta(hours=1))
    call_command("create_token", "robot", "--days", "30")
    assert bearer(capsys.readouterr().out.strip()).get("/api/v1/me/").json()["kind"] == "service"
    for wrong in (("nobody",), ("robot", "--days", "999"), ("ann",)):
        with pytest.raises(CommandError):
            call_command("create_token", *wrong)
