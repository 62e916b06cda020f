"""Why may I, or may I not: the answer is what the doors themselves ask."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.changes.models import ChangeRequest
from apps.changes.moves import CHANGE_MOVES, CHANGE_QUESTIONS
from apps.changes.policies import sign_blockers
from tests.changes.worlds import Bank, sign, small_bank, submitted
from tests.factories import actor
from tests.support import once_a_module

pytestmark = pytest.mark.django_db


built = once_a_module(small_bank)


@pytest.fixture
def bank(built: Bank, db: None) -> Bank:
    return deepcopy(built)


@pytest.mark.parametrize("action", ["approve", "reject", "abstain", "approve_with_conditions"])
def test_the_answer_and_the_door_agree(bank: Bank, action: str) -> None:
    change = submitted(bank)
    for user in User.objects.all():
        blockers = list(sign_blockers(actor(user), change))
        answer = CHANGE_QUESTIONS.answer(change, user, action, called="You")
        assert answer.may is (not blockers), user
        excluding = [fact.text for fact in answer.facts if fact.effect == "excludes"]
        assert excluding == [blocker.text for blocker in blockers]


def test_of_every_other_move_it_is_the_blockers(bank: Bank) -> None:
    change = submitted(bank)
    for move in CHANGE_MOVES:
        if move.blockers is sign_blockers:
            continue
        told = list(move.blockers(actor(bank.manager), change))
        answer = CHANGE_QUESTIONS.answer(change, bank.manager, move.name, called="You")
        against = [fact.code for fact in answer.facts if fact.effect == "excludes"]
        assert against == [blocker.code for blocker in told]


def test_what_admits_is_told_with_its_proof(bank: Bank) -> None:
    change = submitted(bank)
    answer = CHANGE_QUESTIONS.answer(change, bank.manager, "hold", called="You")
    assert answer.may
    (role,) = [fact for fact in answer.facts if fact.code == "role_held"]
    assert role.effect == "admits"
    assert role.text.startswith("You hold Change manager since ")
    assert role.at is not None and role.evidence.startswith("role_grant:")


def test_a_part_in_the_change_is_told_whatever_is_asked(bank: Bank) -> None:
    answer = CHANGE_QUESTIONS.answer(submitted(bank), bank.requester, "close", called="You")
    assert not answer.may
    assert {fact.code: fact.effect for fact in answer.facts}["part_requester"] == "noted"


def test_of_a_closed_account_that_is_said_first(bank: Bank) -> None:
    change = submitted(bank)
    bank.manager.is_active = False
    answer = CHANGE_QUESTIONS.answer(change, bank.manager, "hold", called="You")
    assert (answer.may, answer.facts[0].code) == (False, "inactive")


class TestPage:
    def page(self, client: Any, change: ChangeRequest, **query: str) -> Any:
        return client.get(f"/admin/changes/changerequest/{change.pk}/eligibility/", query)

    def test_it_answers_with_the_proof(self, bank: Bank, client: Any) -> None:
        client.force_login(bank.manager)
        page = self.page(client, submitted(bank), user="requester")
        assert page.status_code == 200
        html = page.content.decode()
        assert "may not" in html
        assert "requester requested it on" in html
        assert "/history/" in html

    def test_it_offers_who_holds_a_role_that_is_asked_for(self, bank: Bank, client: Any) -> None:
        client.force_login(bank.manager)
        html = self.page(client, submitted(bank)).content.decode()
        assert "?user=owner.card&amp;action=approve" in html

    def test_every_action_has_an_answer(self, bank: Bank, client: Any) -> None:
        client.force_login(bank.manager)
        change = sign(submitted(bank, "high"), bank.owner)
        for action in CHANGE_QUESTIONS.actions:
            assert self.page(client, change, user="board.one", action=action).status_code == 200

    @pytest.mark.parametrize("query", [{"user": "nobody"}, {"user": "\x00"}, {"action": "x"}])
    def test_nonsense_is_told(self, bank: Bank, client: Any, query: dict[str, str]) -> None:
        client.force_login(bank.manager)
        assert self.page(client, submitted(bank), **query).status_code in (200, 400)

    def test_the_signatures_of_a_change_lead_to_it(self, bank: Bank, client: Any) -> None:
        client.force_login(bank.manager)
        change = submitted(bank)
        html = client.get(f"/admin/changes/changerequest/{change.pk}/change/").content.decode()
        assert f"/admin/changes/changerequest/{change.pk}/eligibility/" in html

    def test_a_change_s_page_asks_once_for_all_moves_that_sign(
        self, bank: Bank, client: Any
    ) -> None:
        client.force_login(bank.owner)
        change = submitted(bank)
        url = f"/admin/changes/changerequest/{change.pk}/change/"
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        grants = [q for q in queries if "accounts_delegation" in q["sql"]]
        assert len(grants) == 1
