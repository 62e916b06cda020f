"""A move is a POST over its service; a refusal shows every reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from django.test import Client

from apps.accounts.admin import RoleGrantAdmin
from apps.accounts.models import RoleGrant, User
from apps.accounts.moves import ROLE_GRANT_MOVES
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input
from apps.core.moves import Move, MoveField
from apps.evidence.models import EvidenceEntry
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


def page(grant: RoleGrant, tail: str = "change/") -> str:
    return f"/admin/accounts/rolegrant/{grant.pk}/{tail}"


def end(client: Client, grant: RoleGrant, **extra: str) -> object:
    data = {"evidence_seq": grant.evidence_seq, "comment": "Left the bank.", **extra}
    return client.post(page(grant, "move/end/"), data)


def test_a_move_calls_its_service(browser: Browser, keeper: User, grant: RoleGrant) -> None:
    response = end(browser(keeper), grant)

    assert response["Location"] == page(grant)
    grant.refresh_from_db()
    assert grant.until is not None
    assert EvidenceEntry.objects.filter(subject=grant.subject, action="role_grant.ended").exists()


def test_a_move_is_never_a_get(browser: Browser, keeper: User, grant: RoleGrant) -> None:
    assert browser(keeper).get(page(grant, "move/end/")).status_code == 405
    grant.refresh_from_db()
    assert grant.until is None


def test_a_move_needs_the_token_of_its_page(keeper: User, grant: RoleGrant) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(keeper)

    assert end(client, grant).status_code == 403
    grant.refresh_from_db()
    assert grant.until is None


def test_an_unknown_move_is_not_found(browser: Browser, keeper: User, grant: RoleGrant) -> None:
    data = {"evidence_seq": grant.evidence_seq}
    assert browser(keeper).post(page(grant, "move/approve/"), data).status_code == 404


def test_who_may_only_read_sees_the_move_locked_and_is_refused(
    browser: Browser, reader: User, keeper: User
) -> None:
    grant = RoleGrant.objects.get(user=keeper)
    client = browser(reader)

    shown = client.get(page(grant))
    tried = end(client, grant)

    assert 'aria-disabled="true"' in shown.text
    assert "Ask a site administrator." in shown.text
    assert tried.status_code == 403
    grant.refresh_from_db()
    assert grant.until is None
    assert EvidenceEntry.objects.filter(action="access.refused", about=grant.subject).exists()


def test_a_refusal_shows_every_reason_and_keeps_what_was_typed(
    browser: Browser, keeper: User, grant: RoleGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons = (
        Blocker("one", "The first reason.", "Do this.", "anna"),
        Blocker("two", "The second reason.", "Do that.", "bert"),
        Blocker("three", "The third reason.", kind="state"),
    )

    def refuse(**call: object) -> None:
        raise Refused(reasons)

    def none(actor: Actor, obj: RoleGrant) -> Iterator[Blocker]:
        yield from ()

    move = Move("end", "End the role", service=refuse, blockers=none)
    monkeypatch.setattr(RoleGrantAdmin, "moves", (move,))

    response = end(browser(keeper), grant, comment="What I typed")

    assert response.status_code == 409
    for reason in reasons:
        for words in (reason.text, reason.fix, reason.who):
            assert words in response.text
    assert "was refused" in response.text
    assert "What I typed" in response.text


def test_input_that_has_to_be_mended_keeps_its_form_open(
    browser: Browser, keeper: User, grant: RoleGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**call: object) -> None:
        raise Refused(
            [bad_input("comment", "The reason is missing.", "Enter one."),
             bad_input("elsewhere", "The plan is too long.", "Shorten it.")]
        )  # fmt: skip

    move = Move("end", "End the role", service=refuse, blockers=lambda actor, obj: iter(()))
    monkeypatch.setattr(RoleGrantAdmin, "moves", (move,))

    response = end(browser(keeper), grant, comment="Typed")

    assert response.status_code == 400
    assert 'aria-disabled="true"' not in response.text
    assert '<details class="il-move" name="move" open>' in response.text
    for words in ("The reason is missing. Enter one.", "The plan is too long.", "Typed"):
        assert words in response.text


def test_fields_are_read_by_kind_and_nothing_else_is_taken(
    browser: Browser, keeper: User, grant: RoleGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[dict[str, object]] = []
    move = Move(
        "shift", "Shift",
        service=lambda **call: calls.append(call), blockers=lambda actor, obj: iter(()),
        fields=(
            MoveField("minutes", "Minutes", "integer"),
            MoveField("at", "At", "datetime"),
            MoveField("why", "Why", "choice", choices=(("late", "Late"), ("early", "Early"))),
            MoveField("note", "Note", required=False),
        ),
    )  # fmt: skip
    monkeypatch.setattr(RoleGrantAdmin, "moves", (move,))
    client = browser(keeper)
    good = {"evidence_seq": 1, "minutes": "15", "at": "2026-11-22T01:30", "why": "late",
            "state": "approved", "actor": "x", "pk": "y"}  # fmt: skip

    client.post(page(grant, "move/shift/"), good)
    (call,) = calls

    assert set(call) == {"pk", "actor", "expected_seq", "comment", "minutes", "at", "why"}
    assert call["minutes"] == 15
    assert call["at"].isoformat() == "2026-11-22T01:30:00+01:00"
    for bad in (
        {"minutes": "x"}, {"at": "2026-03-29T02:30"}, {"at": "yesterday"}, {"why": "never"},
        {"minutes": ""},
    ):  # fmt: skip
        response = client.post(page(grant, "move/shift/"), {**good, **bad})
        assert response.status_code == 400
        assert "il-field-error" in response.text
    assert len(calls) == 1


def test_a_stale_move_saves_nothing_and_shows_what_happened(
    browser: Browser, keeper: User, grant: RoleGrant
) -> None:
    client = browser(keeper)
    end(client, grant)

    response = end(client, grant, comment="Again")

    assert response.status_code == 412
    assert "Changed while you had this page open" in response.text
    assert EvidenceEntry.objects.filter(subject=grant.subject).count() == 2


def test_going_on_stays_on_this_site(browser: Browser, keeper: User, grant: RoleGrant) -> None:
    response = end(browser(keeper), grant, next="https://elsewhere.example/")

    assert response["Location"] == page(grant)


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The move asks for a fresh proof of identity."""
    moves = (replace(ROLE_GRANT_MOVES[0], step_up=True),)
    monkeypatch.setattr(RoleGrantAdmin, "moves", moves)


@pytest.mark.usefixtures("guarded")
def test_a_decision_asks_for_the_password_and_keeps_the_comment(
    browser: Browser, keeper: User, grant: RoleGrant
) -> None:
    client = browser(keeper, minutes=6)
    key = client.session.session_key

    asked = end(client, grant)
    wrong = end(client, grant, password="not it")
    grant.refresh_from_db()
    assert grant.until is None
    right = end(client, grant, password=PASSWORD)

    assert asked.status_code == 200
    assert '<input type="hidden" name="comment" value="Left the bank.">' in asked.text
    assert wrong.status_code == 403
    assert PASSWORD not in wrong.text
    assert right.status_code == 302
    grant.refresh_from_db()
    assert grant.until is not None
    assert client.session.session_key != key
    assert EvidenceEntry.objects.filter(action="user.stepped_up").exists()


@pytest.mark.usefixtures("guarded")
def test_a_fresh_proof_is_enough(browser: Browser, keeper: User, grant: RoleGrant) -> None:
    assert end(browser(keeper, minutes=4), grant).status_code == 302


def test_the_step_up_page_goes_on_to_this_site_only(browser: Browser, keeper: User) -> None:
    client = browser(keeper)

    here = client.post("/admin/step-up/", {"password": PASSWORD, "next": "/admin/accounts/team/"})
    away = client.post("/admin/step-up/", {"password": PASSWORD, "next": "//elsewhere.example"})

    assert here["Location"] == "/admin/accounts/team/"
    assert away["Location"] == "/admin/"
