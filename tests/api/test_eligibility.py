"""The question why somebody may or may not, through the interface."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from apps.accounts.models import RoleGrant
from apps.accounts.services.people import end_role
from apps.changes.models import ChangeRequest
from apps.changes.services import requests
from apps.core import clock
from tests.changes.worlds import Bank, approved, draft, submitted
from tests.factories import SETUP, actor

pytestmark = pytest.mark.django_db


def ask(client: Any, change: ChangeRequest, **query: str) -> Any:
    return client.get(f"/api/v1/changes/{change.pk}/eligibility/", query)


def test_the_interface_tells_facts_with_their_proof(bank: Bank, call_as: Any) -> None:
    change = submitted(bank, owner=bank.owner)
    requests.edit_change(
        pk=change.pk, actor=actor(bank.owner), values={"backout_summary": "Copy it back."}
    )
    told = ask(call_as(bank.manager), change, user="owner.card").json()
    assert (told["user"]["username"], told["action"], told["may"]) == (
        "owner.card", "approve", False,
    )  # fmt: skip
    facts = {fact["code"]: fact for fact in told["facts"]}
    assert facts["separation_of_duties"]["text"].startswith("owner.card edited the backout on ")
    assert facts["separation_of_duties"]["evidence"] == change.subject
    assert facts["role_held"]["effect"] == "admits"
    grant = RoleGrant.objects.get(user=bank.owner)
    assert facts["role_held"]["evidence"] == grant.subject


def test_it_speaks_to_who_asks_and_of_everybody_else(bank: Bank, call_as: Any) -> None:
    client, change = call_as(bank.requester), submitted(bank)
    own = ask(client, change).json()["facts"][0]["text"]
    other = ask(client, change, user=str(bank.manager.pk)).json()["facts"][0]["text"]
    assert own.startswith("You requested it on ")
    assert other.startswith("manager holds no role that signs here.")


def test_who_approved_does_not_implement(bank: Bank, call_as: Any) -> None:
    change = approved(bank)
    client = call_as(bank.manager)
    told = ask(client, change, user="owner.card", action="implement").json()
    assert not told["may"]
    assert told["facts"][0]["text"].endswith("who approved it does not implement it.")
    assert ask(client, change, action="implement").json()["may"]


def test_it_answers_about_a_moment_that_is_past(bank: Bank, call_as: Any) -> None:
    change = submitted(bank)
    at = clock.now().isoformat()
    end_role(pk=bank.owner.role_grants.get().pk, actor=SETUP, comment="Left the team.")
    client = call_as(bank.manager)
    assert not ask(client, change, user="owner.card").json()["may"]
    then = ask(client, change, user="owner.card", at=at).json()
    assert then["may"]
    assert datetime.fromisoformat(then["at"]) == datetime.fromisoformat(at)
    assert [fact["effect"] for fact in then["facts"] if fact["code"] == "as_of"] == ["noted"]


def test_other_records_are_asked_about_in_the_same_way(bank: Bank, call_as: Any) -> None:
    client = call_as(bank.manager)
    sent = {"change": draft(bank).code, "points": 60, "reason": "It runs on a holiday."}
    made = client.post("/api/v1/risk-overrides/", sent)
    told = client.get(f"{made['Location']}eligibility/", {"action": "confirm"}).json()
    assert (told["action"], told["may"], told["at"]) == ("confirm", False, None)
    assert "separation_of_duties" in {fact["code"] for fact in told["facts"]}
    lost = client.get(f"{made['Location']}eligibility/", {"action": "approve"})
    assert lost.json()["blockers"][0]["field"] == "action"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"user": "nobody.here"}, "user"),
        ({"user": "0195a6c0-0000-7000-8000-000000000000"}, "user"),
        ({"user": "a\x00b"}, "user"),
        ({"action": "explode"}, "action"),
        ({"at": "soon"}, "at"),
        ({"at": "2099-01-01T00:00:00Z"}, "at"),
        ({"at": "1999-01-01"}, "at"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    bank: Bank, call_as: Any, query: dict[str, str], field: str
) -> None:
    answer = ask(call_as(bank.manager), submitted(bank), **query)
    assert answer.status_code == 400
    assert answer.json()["blockers"][0]["field"] == field
