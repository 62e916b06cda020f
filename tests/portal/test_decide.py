"""The page on which a night is decided."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.releases.models import GoNoGo, ReleasePackage
from tests.factories import make_user
from tests.releases.worlds import Night, small_night
from tests.support import commit_now, once_a_module

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(night: Night, user: User) -> str:
    answer = client_of(user).get(reverse("decide", args=[night.window.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_what_was_let_pass_before_risks_and_checks(night: Night) -> None:
    night.validating()
    with night.at(40):
        text = page(night, night.manager)
    told = ("Decide on it until", "Was let pass", "Open risks", "Return code of", "<select")
    places = [text.index(words) for words in told]
    assert places == sorted(places)
    with night.at(40):
        reader = page(night, make_user("reader", "viewer"))
    assert "Why you cannot decide" in reader and "<select" not in reader


def test_a_risky_go_is_proposed_there_and_confirmed_there(night: Night) -> None:
    package = night.validating()
    night.checked(package)
    ReleasePackage.objects.filter(pk=package.pk).update(risk_band="high")
    here = reverse("decide", args=[night.window.pk])

    def send(user: User, move: str, **typed: str) -> None:
        change = reverse("admin:releases_releasepackage_change", args=[package.pk])
        seq = ReleasePackage.objects.get(pk=package.pk).evidence_seq
        answer = client_of(user).post(
            f"{change.removesuffix('change/')}move/{move}/",
            {"evidence_seq": seq, "next": here, **typed},
        )
        assert (answer.status_code, answer["Location"]) == (302, here)

    with night.at(50):
        second = make_user("manager.two", "release_manager")
        send(night.manager, "decide", decision="go")
        assert "Waits for a second person" in page(night, second)
        assert "Why you cannot confirm" in page(night, night.manager)
        send(second, "confirm_decision")
        assert "confirmed by manager.two" in page(night, second)
    commit_now()
    kept = GoNoGo.objects.get()
    shown = client_of(second).get(reverse("admin:releases_gonogo_change", args=[kept.pk]))
    assert "The risk of" in shown.content.decode()
