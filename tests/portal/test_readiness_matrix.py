"""The readiness matrix: packages by gates, whose they are, and one click to remind."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.gates.models import ReadinessItem
from apps.notifications.models import Message
from apps.releases.models import ReleasePackage
from apps.releases.services.attestations import attest_gate
from apps.releases.services.readiness_matrix import readiness_matrix
from tests.factories import actor, make_user
from tests.releases.worlds import OPENS, Night, small_night
from tests.support import once_a_module

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


@pytest.fixture
def package(night: Night) -> ReleasePackage:
    return night.planned(owner=night.bank.manager)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def gate(package: ReleasePackage, code: str, state: str = "not_met") -> ReadinessItem:
    ReadinessItem.objects.filter(subject=package.subject, gate=code).update(
        state=state, owner=package.owner, detail="Nobody rehearsed it.",
        findings=[{"text": "Nobody rehearsed it.", "fix": "Do.", "who": "storage"}],
    )  # fmt: skip
    return ReadinessItem.objects.get(subject=package.subject, gate=code)


def page(user: User, **asked: str) -> str:
    return signed_in(user).get(reverse("readiness"), asked).content.decode()


def test_a_cell_says_in_words_how_its_gate_stands(night: Night, package: ReleasePackage) -> None:
    gate(package, "G08")
    gate(package, "G09", "waived")
    gate(package, "G13", "submitted")
    gate(package, "G17", "expired")
    ReadinessItem.objects.filter(gate="G10").update(
        state="not_met", due_at=OPENS - timedelta(days=90)
    )
    with night.before():
        told = page(night.coordinator)
    for word in ("missing", "waived", "overdue", "met", "submitted", "expired"):
        assert f"{word}</span>" in told, word
    assert "Nobody rehearsed it." in told and str(package.owner) in told
    assert 'data-go="r"' in told, "g r leads here from everywhere"


def test_the_matrix_costs_the_same_queries_for_one_package_and_for_three(night: Night) -> None:
    client = signed_in(night.coordinator)
    counts = []
    for number in (1, 2):
        for _ in range(number):
            gate(night.planned(), "G08")
        with night.before(), CaptureQueriesContext(connection) as queries:
            client.get(reverse("readiness"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_mine_to_chase_leaves_the_open_gates_of_who_owns_coordinates_or_manages(
    night: Night, package: ReleasePackage
) -> None:
    ReadinessItem.objects.update(state="met")
    gate(package, "G08")
    with night.before():
        stranger = make_user("stranger", "developer")
        for user, codes in ((package.owner, ["G08"]), (night.coordinator, ["G08"]),
                            (stranger, [])):  # fmt: skip
            found = readiness_matrix(actor(user), mine=True)
            assert [code for code, _ in found.gates] == codes, user
        assert readiness_matrix(actor(stranger)).rows


def test_what_waits_for_a_second_person_is_theirs_to_confirm(night: Night) -> None:
    package = night.planned(scm_package="CARD2611A")
    with night.before():
        attest_gate(
            pk=package.pk, actor=actor(night.coordinator), gate="G07",
            comment="Approved in Endevor, cast with backout.",
        )  # fmt: skip
        ReadinessItem.objects.exclude(gate="G07").update(state="met")
        ReadinessItem.objects.filter(gate="G07").update(state="submitted")
        found = {
            who: [cell for row in readiness_matrix(actor(user), mine=True).rows
                  for cell in row.cells if cell.asks_me]
            for who, user in (("manager", night.manager), ("coordinator", night.coordinator),
                              ("operator", night.operator))
        }  # fmt: skip
        assert {who: len(cells) for who, cells in found.items()} == {
            "manager": 1, "coordinator": 0, "operator": 0,
        }  # fmt: skip
        assert found["manager"][0].owner_words == (
            f"somebody else than {night.coordinator}, to confirm it"
        )
        assert "mine to confirm" in page(night.manager, mine="1")


def test_window_and_gate_narrow_what_is_shown(night: Night, package: ReleasePackage) -> None:
    with night.before():
        who = actor(night.coordinator)
        found = readiness_matrix(who, window=night.window.code, gate="G08")
        assert [code for code, _ in found.gates] == ["G08"] and len(found.rows) == 1
        assert readiness_matrix(who, window="W-NONE").rows == []


def test_one_click_reminds_the_owner_and_a_second_one_says_why_not(
    night: Night, package: ReleasePackage
) -> None:
    item = gate(package, "G08")
    client = signed_in(night.coordinator)
    with night.before():
        sent = {"item": item.pk, "window": night.window.code, "mine": "1"}
        done = client.post(reverse("readiness_remind"), sent)
        assert done.headers["Location"] == f"/readiness/?window={night.window.code}&mine=1"
        assert Message.objects.get(kind="readiness").recipient == package.owner
        again = client.post(reverse("readiness_remind"), sent)
    assert again.status_code == 409
    assert "less than an hour ago" in again.content.decode()


def test_the_export_has_a_line_for_each_gate_of_each_package(
    night: Night, package: ReleasePackage
) -> None:
    gate(package, "G08")
    with night.before():
        answer = signed_in(night.coordinator).post(reverse("readiness_export"), {"gate": "G08"})
        lines = b"".join(answer).decode().splitlines()  # type: ignore[call-overload]
    assert len(lines) == 2 and ",G08,Backout,hard,not_met," in lines[1]


def test_a_window_foretells_how_many_packages_are_ready_in_time(
    night: Night, package: ReleasePackage
) -> None:
    gate(package, "G08")
    with night.before():
        told = signed_in(night.coordinator).get(
            reverse("admin:windows_releasewindow_change", args=[night.window.pk])
        )
    assert "Readiness by gate" in told.content.decode()
