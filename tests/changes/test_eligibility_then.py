"""Who might have done something at a moment that is past, and of other records than changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.accounts.models import Team, User
from apps.accounts.selectors import actor_for
from apps.accounts.services.delegations import delegate_role, revoke_delegation
from apps.accounts.services.people import edit_team, edit_user, end_role, grant_role
from apps.approvals.moves import Answer, Questions
from apps.changes.models import ChangeRequest, RiskOverride
from apps.changes.moves import (
    CHANGE_QUESTIONS,
    MEETING_QUESTIONS,
    OVERRIDE_QUESTIONS,
    STANDARD_QUESTIONS,
)
from apps.changes.services import requests, risk, templates
from apps.core import clock
from tests.changes.meeting_worlds import board
from tests.changes.worlds import Bank, draft, sign, small_bank, submitted
from tests.factories import SETUP, actor, make_user
from tests.support import refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
START = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def bank(db: None) -> Iterator[Bank]:
    """Its clock stands at 1 March, and a test goes on from there."""
    with clock.at(START - 5 * DAY):
        bank = small_bank()
    with clock.at(START):
        yield bank


def then(change: Any, user: User, day: float, action: str = "approve") -> Answer:
    """Asked on 31 March about `day` days after the first."""
    with clock.at(START + 30 * DAY):
        return CHANGE_QUESTIONS.answer(change, user, action, called=str(user), at=START + day * DAY)


def against(answer: Answer) -> set[str]:
    return {fact.code for fact in answer.facts if fact.effect == "excludes"}


def test_a_role_counts_while_it_was_held(bank: Bank) -> None:
    change = submitted(bank)
    late = make_user("late")
    with clock.at(START + 2 * DAY):
        grant_role(actor=SETUP, user=late, role="application_owner", scope="application:CARD")
    with clock.at(START + 5 * DAY):
        end_role(pk=late.role_grants.get().pk, actor=SETUP, comment="Left the team.")
    assert against(then(change, late, 1)) == {"not_in_slot"}
    assert then(change, late, 4).may
    assert against(then(change, late, 6)) == {"not_in_slot"}


def test_a_delegation_counts_until_it_was_revoked(bank: Bank) -> None:
    change, deputy = submitted(bank), make_user("deputy")
    given = delegate_role(
        actor=actor(bank.owner), delegate=deputy, role="application_owner", reason="Holidays",
        ends_at=START + 10 * DAY,
    )  # fmt: skip
    with clock.at(START + 3 * DAY):
        revoke_delegation(pk=given.pk, actor=actor(bank.owner), comment="Back.")
    assert then(change, deputy, 2).may
    assert not then(change, deputy, 4).may


def test_who_has_left_since_could_sign_then(bank: Bank) -> None:
    change = submitted(bank)
    with clock.at(START + 3 * DAY):
        edit_user(pk=bank.owner.pk, actor=SETUP, values={"is_active": False})
    owner = User.objects.get(pk=bank.owner.pk)
    assert then(change, owner, 2).may
    assert "inactive" in against(then(change, owner, 4))


def test_the_record_and_its_signatures_are_those_of_then(bank: Bank) -> None:
    change = draft(bank)
    with clock.at(START + 2 * DAY):
        change = requests.submit(pk=change.pk, actor=actor(bank.requester))
    with clock.at(START + 4 * DAY):
        change = sign(change, bank.owner)
    assert "wrong_state" in against(then(change, bank.owner, 1))
    assert then(change, bank.owner, 3).may
    assert "wrong_state" in against(then(change, bank.owner, 5))
    assert then(change, bank.owner, 3, "implement").may
    assert not then(change, bank.owner, 5, "implement").may


def test_an_answer_about_the_past_says_so_and_writes_nothing(bank: Bank) -> None:
    change = submitted(bank)
    told = {fact.code: fact for fact in then(change, bank.owner, 2).facts}["as_of"]
    assert told.text.startswith("As it was on 3 Mar 10:00: roles, delegations and teams")
    with clock.looking_back(START), pytest.raises(RuntimeError):
        edit_user(pk=bank.owner.pk, actor=SETUP, values={"email": "x@northgate.example"})


def test_teams_are_those_of_then(bank: Bank) -> None:
    anna = make_user("anna", teams=["DBA"])
    team = Team.objects.get(code="DBA")
    with clock.at(START + 2 * DAY):
        edit_team(pk=team.pk, actor=SETUP, values={}, members=[])
    with clock.at(START + 9 * DAY):
        with clock.looking_back(START + DAY):
            assert "DBA" in actor_for(anna).teams
        with clock.looking_back(START + 3 * DAY):
            assert "DBA" not in actor_for(anna).teams


@pytest.mark.parametrize("day", [-20, -1])
def test_what_was_not_there_yet_is_told(bank: Bank, day: int) -> None:
    change = submitted(bank)
    with refused("too_early") as caught:
        then(change, bank.owner, day)
    assert caught.value.blockers[0].field == "at"  # type: ignore[attr-defined]


def overrides(bank: Bank) -> RiskOverride:
    return risk.propose_score(
        actor=actor(bank.manager),
        values={"change": draft(bank), "points": 60, "reason": "It runs on a holiday."},
    )


def template(bank: Bank) -> Any:
    return templates.propose_template(
        actor=actor(bank.owner),
        values={
            "code": "STD-1", "name": "Add a table entry", "application": bank.application,
            "families": ["db2"], "approved_until": clock.now() + 90 * DAY,
        },
    )  # fmt: skip


SUBJECTS: dict[str, Any] = {
    "meeting": (lambda bank: board(bank).planned(), MEETING_QUESTIONS),
    "standard change": (template, STANDARD_QUESTIONS),
    "score by hand": (overrides, OVERRIDE_QUESTIONS),
}


@pytest.mark.parametrize(("make", "questions"), SUBJECTS.values(), ids=SUBJECTS)
def test_of_other_records_the_answer_is_that_of_their_doors(
    bank: Bank, make: Any, questions: Questions
) -> None:
    obj = make(bank)
    for user in (bank.owner, bank.manager, bank.requester, make_user("board.chair", "cab_chair")):
        for move in questions.moves:
            told = questions.answer(obj, user, move.name, called="You")
            blockers = list(move.blockers(actor(user), obj))
            assert [f.text for f in told.facts if f.effect == "excludes"] == [
                b.text for b in blockers
            ]
            assert told.may is (not blockers)


@pytest.mark.parametrize(("make", "questions"), SUBJECTS.values(), ids=SUBJECTS)
def test_each_has_its_page(bank: Bank, client: Any, make: Any, questions: Questions) -> None:
    obj = make(bank)
    client.force_login(bank.manager)
    address = f"/admin/changes/{obj._meta.model_name}/{obj.pk}/"
    assert f'href="{address}eligibility/"' in client.get(f"{address}change/").content.decode()
    for action in questions.actions:
        page = client.get(f"{address}eligibility/", {"action": action, "user": "owner.card"})
        assert page.status_code == 200
        assert "may" in page.content.decode()


class TestThePage:
    def page(self, client: Any, change: ChangeRequest, **query: str) -> Any:
        return client.get(f"/admin/changes/changerequest/{change.pk}/eligibility/", query)

    def test_it_answers_about_then(self, bank: Bank, client: Any) -> None:
        client.force_login(bank.manager)
        change = submitted(bank)
        with clock.at(START + 9 * DAY):
            html = self.page(client, change, user="owner.card", at="2027-03-03T09:00").content
        assert "could</span> approve on Wed 3 Mar" in html.decode()
        assert "As it was on 3 Mar 09:00" in html.decode()

    @pytest.mark.parametrize("at", ["yesterday", "2099-01-01T00:00", "2027-02-30T00:00", "0001-01"])
    def test_a_moment_that_cannot_be_asked_about_is_told_at_its_field(
        self, bank: Bank, client: Any, at: str
    ) -> None:
        client.force_login(bank.manager)
        page = self.page(client, submitted(bank), at=at)
        assert page.status_code == 400
        assert "il-field-error" in page.content.decode()
