"""Emergencies: approved by phone, owing afterwards, waived for a time, drafted unexplained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.accounts.services.delegations import delegate_role
from apps.approvals.models import Approval, Decision
from apps.changes.domain.debt import Emergency, PhoneCall, debts_of
from apps.changes.models import ChangeRequest
from apps.changes.moves import CHANGE_MOVES
from apps.changes.selectors import debt_lines, facts_of, refused_ratification
from apps.changes.services import debts, decisions, emergency, requests
from apps.core import clock
from apps.core.moves import find_move
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.outbox import relay_all
from apps.evidence.services.register import create_in_register
from apps.inventory.models import Asset, AssetType, AssetVersion, Environment
from apps.notifications.models import Message
from apps.notifications.services.approvals import remind_debtors, remind_of_strays
from tests.api.worlds import install
from tests.changes.test_standard import tell
from tests.changes.worlds import Bank, anybody, approved, draft, sign, small_bank, submitted
from tests.factories import SETUP, actor, make_user
from tests.inventory.factories import keeper, make_environment
from tests.support import commit_now, refused

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: A Thursday.
NOW = datetime(2099, 11, 19, 12, 0, tzinfo=UTC)


def owed(**more: Any) -> list[tuple[str, str]]:
    facts: dict[str, Any] = {
        "id": "1", "code": "CHG1", "title": "Mend it", "application": "CARD", "owner": "Sofia",
        "ratification_due_at": None, "review_due_at": None,
    }  # fmt: skip
    return [(debt.kind, debt.owes) for debt in debts_of([Emergency(**(facts | more))])]


@pytest.mark.parametrize(
    ("facts", "debts"),
    [
        ({}, []),
        ({"ratification_due_at": NOW}, [("ratification", "The board")]),
        ({"review_due_at": NOW}, [("review", "Sofia")]),
        ({"calls": (PhoneCall("Ada", NOW),)}, [("phone", "Ada")]),
        (
            {"review_due_at": NOW, "ratification_due_at": NOW - DAY,
             "calls": (PhoneCall("Ada", NOW - HOUR),)},
            [("ratification", "The board"), ("phone", "Ada"), ("review", "Sofia")],
        ),
    ],
)  # fmt: skip
def test_what_is_owed_oldest_first(facts: dict[str, Any], debts: list[tuple[str, str]]) -> None:
    assert owed(**facts) == debts


@pytest.mark.parametrize(
    ("seconds", "waived", "blocks"),
    [(-1, None, False), (0, None, False), (1, None, True), (1, 2, False), (3, 2, True)],
)
def test_debt_blocks_when_overdue_and_not_waived(
    seconds: int, waived: int | None, blocks: bool
) -> None:
    until = {} if waived is None else {"ratification": NOW + timedelta(seconds=waived)}
    (debt,) = debts_of([Emergency("1", "CHG1", "x", "CARD", "Sofia", NOW, None, waived=until)])
    assert debt.blocks(NOW + timedelta(seconds=seconds)) is blocks


@pytest.fixture
def bank(db: None) -> Iterator[Bank]:
    bank = small_bank()
    make_user("duty", "release_manager")
    make_user("chair", "cab_chair")
    with clock.at(NOW):
        yield bank


def person(username: str) -> User:
    return User.objects.get(username=username)


@contextmanager
def later(after: timedelta) -> Iterator[None]:
    with clock.at(clock.now() + after):
        yield


def urgent(bank: Bank, **more: Any) -> ChangeRequest:
    return submitted(bank, change_type="emergency", incident_ref="INC0098213", **more)


def by_phone(change: ChangeRequest, who: User, by: str = "duty", **more: Any) -> ChangeRequest:
    return emergency.record_phone_approval(
        pk=change.pk, actor=actor(person(by)), person=who.pk,
        **{"verbal_at": clock.now(), "comment": "Mobile, on the bridge", **more},
    )  # fmt: skip


def implemented(bank: Bank) -> ChangeRequest:
    change = sign(urgent(bank), bank.owner, person("duty"))
    tell("start", change)
    tell("complete", change)
    return ChangeRequest.objects.get(pk=change.pk)


class TestEmergencyBoard:
    def test_the_service_owner_is_one_of_the_two(self, bank: Bank) -> None:
        service_owner = make_user("service", "service_owner@application:CARD")
        assert sign(urgent(bank), service_owner, person("duty")).state == "approved"

    def test_the_chair_of_the_ordinary_board_is_not(self, bank: Bank) -> None:
        with refused("not_in_slot"):
            sign(urgent(bank), person("chair"))


class TestByPhone:
    def test_it_counts_in_the_slot_at_once(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        assert change.state == "assessing"
        change = sign(change, person("duty"))
        commit_now()
        assert change.state == "approved"
        decision = Decision.objects.get(by=bank.owner)
        assert (decision.verdict, decision.channel) == ("approve", "phone")

    def test_evidence_tells_who_recorded_and_who_approved(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        entry = EvidenceEntry.objects.get(subject=change.subject, action="change.phone_approved")
        told = json.loads(bytes(entry.body))
        assert entry.actor_id == person("duty").pk
        assert told["meaning"] == "Emergency board: owner.card approved by phone"
        signed = EvidenceEntry.objects.get(action="approval.signed")
        assert signed.actor_id == person("duty").pk, "nobody acts who was not there"

    def test_the_last_one_by_phone_approves(self, bank: Bank) -> None:
        change = sign(urgent(bank), person("duty"))
        assert by_phone(change, bank.owner).state == "approved"

    def test_nobody_records_their_own_approval(self, bank: Bank) -> None:
        with refused("separation_of_duties"):
            by_phone(urgent(bank), person("duty"))

    def test_only_the_release_manager_records(self, bank: Bank) -> None:
        with refused("role_missing"):
            by_phone(urgent(bank), bank.owner, by="chair")

    def test_whoever_could_not_sign_cannot_be_called(self, bank: Bank) -> None:
        with refused("not_in_slot"):
            by_phone(urgent(bank), bank.db2_lead)

    def test_the_author_cannot_be_called(self, bank: Bank) -> None:
        with refused("separation_of_duties"):
            by_phone(urgent(bank, author=bank.owner), bank.owner)

    def test_one_person_fills_one_place(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        with refused("signed_already"):
            by_phone(change, bank.owner)

    @pytest.mark.parametrize("when", [-HOUR, HOUR])
    def test_a_call_was_after_the_question_and_before_now(
        self, bank: Bank, when: timedelta
    ) -> None:
        with refused("invalid"):
            by_phone(urgent(bank), bank.owner, verbal_at=clock.now() + when)

    def test_how_they_were_reached_is_asked(self, bank: Bank) -> None:
        with refused("required"):
            by_phone(urgent(bank), bank.owner, comment="")

    def test_an_ordinary_change_is_not_approved_by_phone(self, bank: Bank) -> None:
        with refused("not_emergency"):
            by_phone(submitted(bank), bank.owner)

    def test_only_who_was_called_confirms(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        with refused("not_your_call"):
            emergency.confirm_phone_approval(pk=change.pk, actor=actor(person("duty")))
        emergency.confirm_phone_approval(pk=change.pk, actor=actor(bank.owner))
        commit_now()
        assert change.phone_approvals.get().confirmed_at == NOW
        with refused("nothing_to_confirm"):
            emergency.confirm_phone_approval(pk=change.pk, actor=actor(bank.owner))

    def test_unconfirmed_it_is_debt_after_a_day(self, bank: Bank) -> None:
        by_phone(urgent(bank), bank.owner)
        with later(DAY):
            assert [(line.debt.kind, line.is_overdue) for line in debt_lines()] == [
                ("phone", False)
            ]
        with later(DAY + timedelta(seconds=1)):
            assert [(line.debt.owes, line.blocks) for line in debt_lines()] == [
                ("owner.card", True)
            ]

    def test_unconfirmed_the_change_is_not_closed(self, bank: Bank) -> None:
        change = sign(by_phone(urgent(bank), bank.owner), person("duty"))
        tell("start", change)
        tell("complete", change)
        requests.ratify(pk=change.pk, actor=actor(bank.board[0]), comment="It was right.")
        with refused("phone_unconfirmed"):
            requests.close(pk=change.pk, actor=actor(bank.requester), comment="x" * 30)


class TestOldContent:
    """The backout is edited half an hour after the call: everybody is asked again."""

    def edited(self, bank: Bank, change: ChangeRequest) -> ChangeRequest:
        return requests.edit_change(
            pk=change.pk, actor=actor(bank.requester), values={"backout_summary": "Another way."}
        )

    def test_a_call_before_it_was_asked_again_counts_for_nothing(self, bank: Bank) -> None:
        change, called_at = urgent(bank), clock.now()
        with later(HOUR / 2):
            change = self.edited(bank, change)
        with later(HOUR):
            with refused("invalid"):
                by_phone(change, bank.owner, verbal_at=called_at)
            by_phone(change, bank.owner, verbal_at=called_at + HOUR / 2)

    def test_nor_does_one_before_an_edit_that_asks_nobody(self, bank: Bank) -> None:
        change, called_at = urgent(bank), clock.now()
        with later(HOUR / 2):
            requests.edit_change(
                pk=change.pk, actor=actor(bank.requester), values={"title": "Another name"}
            )
            assert Approval.objects.get(about=change.subject).requested_at == called_at
        with later(HOUR), refused("invalid"):
            by_phone(change, bank.owner, verbal_at=called_at)

    def test_what_is_confirmed_is_what_was_approved(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        approved_then = ChangeRequest.objects.get(pk=change.pk).fingerprint
        with later(HOUR):
            requests.edit_change(
                pk=change.pk, actor=actor(bank.requester), values={"title": "Another name"}
            )
            emergency.confirm_phone_approval(pk=change.pk, actor=actor(bank.owner))
        entry = EvidenceEntry.objects.get(subject=change.subject, action="change.phone_confirmed")
        assert json.loads(bytes(entry.body))["content_digest"] == approved_then

    def test_a_call_on_what_is_asked_no_more_owes_nothing(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        with later(HOUR):
            change = self.edited(bank, change)
            with refused("nothing_to_confirm"):
                emergency.confirm_phone_approval(pk=change.pk, actor=actor(bank.owner))
        with later(2 * DAY):
            assert debt_lines() == []
            change = sign(change, bank.owner, person("duty"))
            tell("start", change)
            tell("complete", change)
            change = requests.ratify(
                pk=change.pk, actor=actor(bank.board[0]), comment="It was right."
            )
            change = requests.close(
                pk=change.pk, actor=actor(bank.requester), comment="What we have learnt."
            )
            assert change.state == "closed"

    def test_nor_does_one_that_was_taken_back(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        decisions.withdraw_decision(
            pk=change.pk, actor=actor(bank.owner), expected_seq=change.evidence_seq,
            comment="I was asleep.",
        )  # fmt: skip
        assert debt_lines() == []
        by_phone(change, bank.owner)
        assert [line.debt.owes for line in debt_lines()] == ["owner.card"]


class TestDenied:
    def deny(self, change: ChangeRequest, who: User, **more: Any) -> ChangeRequest:
        values = {"comment": "Nobody called me.", **more}
        return emergency.deny_phone_approval(pk=change.pk, actor=actor(who), **values)

    def test_the_signature_counts_no_more_and_nothing_is_owed(self, bank: Bank) -> None:
        change = self.deny(by_phone(urgent(bank), bank.owner), bank.owner)
        commit_now()
        slot = Approval.objects.get(about=change.subject)
        assert (slot.state, slot.standing) == ("requested", [])
        assert debt_lines() == []
        with refused("nothing_to_confirm"):
            emergency.confirm_phone_approval(pk=change.pk, actor=actor(bank.owner))

    def test_an_approved_change_goes_back_to_be_assessed(self, bank: Bank) -> None:
        change = sign(by_phone(urgent(bank), bank.owner), person("duty"))
        change = self.deny(change, bank.owner)
        commit_now()
        assert (change.state, change.approved_at) == ("assessing", None)
        assert sign(change, bank.owner).state == "approved", "they may still approve it"

    def test_work_that_has_begun_goes_on(self, bank: Bank) -> None:
        change = sign(by_phone(urgent(bank), bank.owner), person("duty"))
        tell("start", change)
        assert self.deny(change, bank.owner).state == "implementing"
        tell("complete", change)

    def test_begun_work_shows_who_denied_and_when_and_the_board_has_to_rule(
        self, bank: Bank
    ) -> None:
        change = sign(by_phone(urgent(bank), bank.owner), person("duty"))
        tell("start", change)
        with later(HOUR):
            self.deny(change, bank.owner)
        commit_now()
        slot = Approval.objects.get(about=change.subject)
        assert (slot.state, slot.closed_reason) == (
            "denied", "Denied by owner.card, 2099-11-19 13:00 UTC: Nobody called me.",
        )  # fmt: skip
        facts = facts_of([change.pk])[change.pk]
        assert facts.missing and [p.name for p in facts.approvers] == ["duty"]
        assert [(line.debt.kind, line.debt.owes) for line in debt_lines()] == [
            ("denied", "The board")
        ]
        tell("complete", change)
        requests.ratify(pk=change.pk, actor=actor(bank.board[0]), comment="It was right.")
        assert [line.debt.kind for line in debt_lines()] == ["review"]

    def test_a_second_call_in_a_denied_slot_is_still_confirmed_or_denied(self, bank: Bank) -> None:
        service = make_user("service", "service_owner@application:CARD")
        change = by_phone(by_phone(urgent(bank), bank.owner), service)
        tell("start", change)
        self.deny(change, bank.owner)
        self.deny(change, service)
        commit_now()
        assert [line.debt.kind for line in debt_lines()] == ["denied", "denied"]

    def test_given_back_the_work_is_asked_about_anew(self, bank: Bank) -> None:
        change = sign(by_phone(urgent(bank), bank.owner), person("duty"))
        tell("start", change)
        self.deny(change, bank.owner)
        tell("return_to_approved", change)
        assert not facts_of([change.pk])[change.pk].approved_for_current_content
        change = requests.invalidate(
            pk=change.pk, actor=actor(bank.manager), comment="A signature was none."
        )
        commit_now()
        assert sign(change, bank.owner, person("duty")).state == "approved"

    def test_nobody_denies_for_somebody_else(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        for other in (person("duty"), bank.manager):
            with refused("not_your_call"):
                self.deny(change, other)

    def test_a_change_manager_does_for_who_has_left(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        User.objects.filter(pk=bank.owner.pk).update(is_active=False)
        with refused("not_your_call"):
            self.deny(change, person("duty"))
        change = self.deny(change, bank.manager, comment="Left on Friday.")
        commit_now()
        (said,) = Approval.objects.get(about=change.subject).last_words
        assert (said.by, said.verdict) == (bank.owner, "withdraw")
        assert "can no longer confirm" in said.meaning
        entry = EvidenceEntry.objects.get(action="approval.decision_withdrawn")
        assert entry.actor_id == bank.manager.pk, "nobody acts who is not there"

    def test_it_says_what_happened(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        with refused("required"):
            self.deny(change, bank.owner, comment="")

    def test_what_is_confirmed_is_not_denied(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        emergency.confirm_phone_approval(pk=change.pk, actor=actor(bank.owner))
        with refused("nothing_to_confirm"):
            self.deny(change, bank.owner)

    def test_the_change_managers_are_told(self, bank: Bank) -> None:
        change = self.deny(by_phone(urgent(bank), bank.owner), bank.owner)
        relay_all()
        told = Message.objects.get(recipient=bank.manager, about=change.subject)
        assert "Nobody called me." in told.text


class TestDebt:
    @pytest.mark.parametrize("ending", ["complete", "fail", "back_out"])
    def test_an_emergency_owes_however_it_ended(self, bank: Bank, ending: str) -> None:
        change = sign(urgent(bank), bank.owner, person("duty"))
        tell("start", change)
        tell(ending, change)
        change = ChangeRequest.objects.get(pk=change.pk)
        # From Thursday two and five business days on.
        assert change.ratification_due_at == NOW + 4 * DAY
        assert change.review_due_at == NOW + 7 * DAY

    def test_what_was_not_delivered_owes_nothing(self, bank: Bank) -> None:
        change = sign(urgent(bank), bank.owner, person("duty"))
        for step in ("start", "fail", "return_to_approved"):
            tell(step, change)
        assert debt_lines() == []

    def test_ratified_and_closed_nothing_is_owed(self, bank: Bank) -> None:
        change = implemented(bank)
        assert [line.debt.kind for line in debt_lines()] == ["ratification", "review"]
        requests.ratify(pk=change.pk, actor=actor(bank.board[0]), comment="It was right.")
        assert [line.debt.kind for line in debt_lines()] == ["review"]
        requests.close(pk=change.pk, actor=actor(bank.requester), comment="What we have learnt.")
        assert debt_lines() == []

    def test_overdue_it_stops_the_next_emergency(self, bank: Bank) -> None:
        first = implemented(bank)
        waiting = urgent(bank)
        with later(5 * DAY):
            another = draft(bank, change_type="emergency", incident_ref="INC1")
            with refused("approval_debt") as caught:
                requests.submit(pk=another.pk, actor=actor(bank.requester))
            assert first.code in str(caught.value)  # type: ignore[attr-defined]
            with refused("approval_debt"):
                sign(waiting, bank.owner)
            with refused("approval_debt"):
                by_phone(waiting, bank.owner)
            assert sign(waiting, bank.owner, verdict="reject", comment="No.").state == "rejected"

    def test_due_it_stops_nothing(self, bank: Bank) -> None:
        implemented(bank)
        with later(DAY):
            assert sign(urgent(bank), bank.owner).state == "assessing"

    def test_overdue_it_stops_scheduling_and_no_work_that_is_scheduled(self, bank: Bank) -> None:
        implemented(bank)
        planned, waiting = approved(bank), approved(bank)
        tell("schedule", planned)
        with later(5 * DAY):
            with refused("approval_debt"):
                tell("schedule", waiting)
            tell("start", planned)

    def test_other_applications_are_free(self, bank: Bank) -> None:
        implemented(bank)
        with later(5 * DAY):
            blocked = {line.debt.application for line in debt_lines() if line.blocks}
        assert blocked == {"CARD"}

    def test_the_debt_of_a_change_does_not_stop_itself(self, bank: Bank) -> None:
        change = by_phone(urgent(bank), bank.owner)
        with later(2 * DAY):
            assert sign(change, person("duty")).state == "approved"

    def test_its_cost_is_constant(self, bank: Bank) -> None:
        costs = []
        for _ in range(2):
            by_phone(urgent(bank), bank.owner)
            implemented(bank)
            with CaptureQueriesContext(connection) as queries:
                debt_lines()
            costs.append(len(queries))
        assert costs == [3, 3]


class TestRatification:
    def ratify(self, change: ChangeRequest, who: User) -> ChangeRequest:
        return requests.ratify(pk=change.pk, actor=actor(who), comment="It was right.")

    def test_who_approved_the_emergency_does_not_ratify_it(self, bank: Bank) -> None:
        make_user("duty", "cab_member")
        change = implemented(bank)
        with refused("separation_of_duties"):
            self.ratify(change, person("duty"))
        assert self.ratify(change, bank.board[0]).ratified_by == bank.board[0]

    def test_nor_who_decided_on_an_earlier_content(self, bank: Bank) -> None:
        member = make_user("deputy", "cab_member", "release_manager")
        change = sign(urgent(bank), member)
        requests.edit_change(
            pk=change.pk, actor=actor(bank.requester), values={"backout_summary": "Another way."}
        )
        change = sign(change, bank.owner, person("duty"))
        tell("start", change)
        tell("complete", change)
        with refused("separation_of_duties"):
            self.ratify(change, member)

    def test_nor_who_once_edited_it(self, bank: Bank) -> None:
        member = make_user("writer", "cab_member", "developer")
        change = draft(bank, change_type="emergency", incident_ref="INC1", author=member)
        requests.edit_change(
            pk=change.pk, actor=actor(member), values={"backout_summary": "Another way."}
        )
        requests.edit_change(
            pk=change.pk, actor=actor(bank.requester), values={"author": bank.developer}
        )
        requests.submit(pk=change.pk, actor=actor(bank.requester))
        change = sign(change, bank.owner, person("duty"))
        tell("start", change)
        tell("complete", change)
        with refused("separation_of_duties"):
            self.ratify(change, member)


class TestNotRatified:
    def refuse(self, change: ChangeRequest, who: User, **more: Any) -> ChangeRequest:
        values = {"comment": "Nobody has shown that the totals are right.", **more}
        return emergency.refuse_ratification(pk=change.pk, actor=actor(who), **values)

    def test_it_stays_owed_and_is_overdue_at_once(self, bank: Bank) -> None:
        change = self.refuse(implemented(bank), bank.board[0])
        commit_now()
        with later(timedelta(seconds=1)):
            first = debt_lines()[0]
            assert (first.debt.kind, first.debt.change) == ("ratification", change.code)
            assert first.is_overdue
            with refused("not_ratified"):
                requests.close(pk=change.pk, actor=actor(bank.requester), comment="x" * 30)

    def test_it_is_told_daily(self, bank: Bank) -> None:
        self.refuse(implemented(bank), bank.board[0])
        for days in (1, 2):
            with later(days * DAY):
                remind_debtors()
        told = Message.objects.filter(recipient=bank.board[1], subject_line__contains="overdue")
        assert told.count() == 2

    def test_the_board_may_ratify_it_later(self, bank: Bank) -> None:
        change = self.refuse(implemented(bank), bank.board[0])
        assert refused_ratification(change).actor_id == bank.board[0].pk  # type: ignore[union-attr]
        change = requests.ratify(pk=change.pk, actor=actor(bank.board[0]), comment="Now shown.")
        assert refused_ratification(change) is None

    def test_it_says_what_is_missing(self, bank: Bank) -> None:
        with refused("required"):
            self.refuse(implemented(bank), bank.board[0], comment="")

    def test_who_may_not_ratify_may_not_refuse_it_either(self, bank: Bank) -> None:
        with refused("role_missing"):
            self.refuse(implemented(bank), bank.manager)

    def test_requester_and_owner_are_told(self, bank: Bank) -> None:
        change = self.refuse(implemented(bank), bank.board[0])
        relay_all()
        told = Message.objects.get(recipient=bank.requester, subject_line__contains="not ratify")
        assert told.about == change.subject


def test_a_deputy_can_be_on_the_phone(bank: Bank) -> None:
    deputy = make_user("deputy")
    delegate_role(
        actor=actor(bank.owner), delegate=deputy, role="application_owner",
        scope="application:CARD", ends_at=NOW + DAY, reason="On leave.",
    )  # fmt: skip
    change = urgent(bank)
    move = find_move(CHANGE_MOVES, "record_phone_approval")
    assert move is not None
    (people, _when) = move.fields
    assert str(deputy.pk) in dict(people.choices(change))  # type: ignore[operator]
    by_phone(change, deputy)
    assert Decision.objects.get(by=deputy).on_behalf_of == bank.owner


class TestWaiver:
    def waive(self, change: ChangeRequest, who: User, **more: Any) -> ChangeRequest:
        values = {"kind": "ratification", "until": clock.now() + 2 * DAY, "comment": "The board "
                  "meets on Thursday.", **more}  # fmt: skip
        return debts.waive_debt(pk=change.pk, actor=actor(who), **values)

    def test_it_frees_the_application_until_it_ends(self, bank: Bank) -> None:
        change = implemented(bank)
        with later(5 * DAY):
            self.waive(change, bank.manager)
            commit_now()
            assert [line.word for line in debt_lines()] == ["waived", "due"]
            assert sign(urgent(bank), bank.owner).state == "assessing"
        with later(8 * DAY):
            assert [line.blocks for line in debt_lines()] == [True, True]

    def test_who_waives_has_just_proved_who_they_are(self, bank: Bank) -> None:
        change = implemented(bank)
        unproved = replace(actor(bank.manager), auth_at=None)
        with later(5 * DAY), refused("step_up_needed"):
            debts.waive_debt(
                pk=change.pk, actor=unproved, kind="ratification", until=clock.now() + DAY,
                comment="The board meets on Thursday.",
            )  # fmt: skip

    def test_only_a_change_manager_waives(self, bank: Bank) -> None:
        with refused("role_missing"):
            self.waive(implemented(bank), person("chair"))

    def test_nobody_waives_what_their_own_change_owes(self, bank: Bank) -> None:
        requester = bank.requester
        change = implemented(bank)
        make_user(requester.username, "change_manager")
        with refused("separation_of_duties"):
            self.waive(change, requester)

    @pytest.mark.parametrize(
        "values",
        [
            {"until": NOW - HOUR},
            {"until": NOW + 15 * DAY},
            {"kind": "phone"},
            {"kind": "nonsense"},
            {"comment": ""},
        ],
    )
    def test_what_means_nothing_is_refused(self, bank: Bank, values: dict[str, Any]) -> None:
        with refused() as caught:
            self.waive(implemented(bank), bank.manager, **values)
        assert {b.kind for b in caught.value.blockers} == {"input"}  # type: ignore[attr-defined]

    def test_an_ordinary_change_owes_nothing(self, bank: Bank) -> None:
        with refused("no_debt", "invalid"):
            self.waive(approved(bank), bank.manager)


class TestUnexplained:
    def put(self, asset: Asset, level: str, by: str = "") -> None:
        """Each a minute after the one before."""
        prod = Environment.objects.filter(code="PROD").first() or make_environment(by=keeper())
        with later(timedelta(minutes=AssetVersion.objects.count())):
            install(actor=SETUP, asset_id=asset.pk, environment=prod, level=level,
                    installed_by=by)  # fmt: skip

    def test_what_no_package_installed_becomes_one_draft(self, bank: Bank) -> None:
        for asset in (bank.copybook, bank.table):
            self.put(asset, "1")
            self.put(asset, "2")
        self.put(bank.copybook, "3")
        (code,) = emergency.draft_unexplained()
        commit_now()
        change = ChangeRequest.objects.get(code=code)
        assert (change.state, change.change_type, change.owner) == (
            "draft", "emergency", bank.owner,
        )  # fmt: skip
        lines = change.assets.values_list("asset__name", "from_version", "to_version")
        assert set(lines) == {("CVACT01Y", "1", "3"), ("CARDDEMO.ACCOUNT", "1", "2")}
        assert "CVACT01Y 2 on" in change.reason

    def test_no_version_is_drafted_for_twice(self, bank: Bank) -> None:
        self.put(bank.copybook, "1")
        self.put(bank.copybook, "2")
        assert len(emergency.draft_unexplained()) == 1
        assert emergency.draft_unexplained() == []
        self.put(bank.copybook, "3")
        assert len(emergency.draft_unexplained()) == 1

    def test_what_a_package_installed_needs_no_explanation(self, bank: Bank) -> None:
        self.put(bank.copybook, "1")
        self.put(bank.copybook, "2", by="package:1")
        assert emergency.draft_unexplained() == []

    def test_the_application_of_its_team_answers_for_what_has_none(self, bank: Bank) -> None:
        stray = self.stray("TEAMWORK", owner_team=bank.application.technical_owner)
        (code,) = emergency.draft_unexplained()
        change = ChangeRequest.objects.get(code=code)
        assert (change.application, change.owner) == (bank.application, bank.owner)
        assert [line.asset for line in change.assets.all()] == [stray]

    def test_of_what_nobody_answers_for_the_change_managers_hear(self, bank: Bank) -> None:
        stray = self.stray("NOBODYS")
        assert emergency.draft_unexplained() == []
        remind_of_strays()
        remind_of_strays()
        told = Message.objects.get(recipient=bank.manager)
        assert "NOBODYS 2" in told.text and told.about == stray.subject
        with later(DAY):
            remind_of_strays()
        assert Message.objects.filter(recipient=bank.manager).count() == 2

    def test_a_change_manager_explains_for_an_owner_who_has_left(self, bank: Bank) -> None:
        User.objects.filter(pk=bank.owner.pk).update(is_active=False)
        self.put(bank.copybook, "1")
        self.put(bank.copybook, "2")
        (code,) = emergency.draft_unexplained()
        assert ChangeRequest.objects.get(code=code).owner == bank.manager

    def test_who_owes_the_explanation_does_not_call_it_off(self, bank: Bank) -> None:
        self.put(bank.copybook, "1")
        self.put(bank.copybook, "2")
        (code,) = emergency.draft_unexplained()
        change = ChangeRequest.objects.get(code=code)
        with refused("separation_of_duties"):
            requests.cancel(pk=change.pk, actor=actor(bank.owner), comment="Never mind.")
        with refused("required"):
            requests.cancel(pk=change.pk, actor=actor(bank.manager))
        requests.cancel(pk=change.pk, actor=actor(bank.manager), comment="A fault of the import.")
        assert emergency.draft_unexplained() == []

    def stray(self, name: str, **more: Any) -> Asset:
        """An asset of no application, in production without a package."""
        kind = AssetType.objects.get(code="copybook")
        found = create_in_register(
            Asset, actor=SETUP, values={"type": kind, "name": name, **more}, check=anybody
        )
        self.put(found, "1")
        self.put(found, "2")
        return found


class TestPages:
    def page(self, user: User, url: str) -> str:
        client = Client()
        client.force_login(user)
        response = client.get(url)
        assert response.status_code == 200
        return response.content.decode()

    def test_the_board_of_debts_tells_who_owes_what(self, bank: Bank) -> None:
        change = implemented(bank)
        page = self.page(bank.manager, "/debts/")
        assert change.code in page and "Ratification" in page and "The board: Ratify it." in page
        with later(5 * DAY):
            assert "CARD: no new emergency" in self.page(bank.manager, "/debts/")

    def test_other_changes_of_the_application_show_it(self, bank: Bank) -> None:
        debtor, other = implemented(bank), draft(bank)
        url = f"/admin/changes/changerequest/{other.pk}/change/"
        assert debtor.code in self.page(bank.manager, url)

    def test_the_interface_tells_the_same(self, bank: Bank) -> None:
        change = implemented(bank)
        client = Client()
        client.force_login(bank.manager)
        (first, second) = client.get("/api/v1/approval-debts/").json()
        assert (first["change"], first["kind"], first["blocks"]) == (
            change.code, "ratification", False,
        )  # fmt: skip
        assert second["kind"] == "review"

    def test_an_ordinary_change_offers_no_move_of_emergencies(self, bank: Bank) -> None:
        page = self.page(bank.manager, f"/admin/changes/changerequest/{draft(bank).pk}/change/")
        assert "by phone" not in page and "Waive what it owes" not in page

    def test_a_change_undecided_for_long_is_marked_and_found(self, bank: Bank) -> None:
        old = submitted(bank)
        with later(15 * DAY):
            submitted(bank, title="A new one")
            page = self.page(bank.manager, "/admin/changes/changerequest/?ageing=1")
        assert old.code in page and "A new one" not in page and "Ageing" in page
        assert Approval.objects.filter(about=old.subject, state="requested").exists()

    def test_time_on_hold_does_not_age(self, bank: Bank) -> None:
        change = submitted(bank)
        requests.hold(pk=change.pk, actor=actor(bank.manager), comment="The vendor is late.")
        with later(10 * DAY):
            requests.release(pk=change.pk, actor=actor(bank.manager))
        with later(15 * DAY):
            page = self.page(bank.manager, "/admin/changes/changerequest/?ageing=1")
        assert change.code not in page

    def test_what_is_asked_anew_ages_from_then_on(self, bank: Bank) -> None:
        change = approved(bank)
        with later(15 * DAY):
            requests.invalidate(pk=change.pk, actor=actor(bank.manager), comment="Ask again.")
            page = self.page(bank.manager, "/admin/changes/changerequest/?ageing=1")
        assert change.code not in page
        with later(30 * DAY):
            page = self.page(bank.manager, "/admin/changes/changerequest/?ageing=1")
        assert change.code in page


def test_the_debt_is_also_what_a_page_says_beforehand(bank: Bank) -> None:
    implemented(bank)
    waiting = urgent(bank)
    move = find_move(CHANGE_MOVES, "approve")
    assert move is not None
    with later(5 * DAY):
        codes = [b.code for b in move.blockers(actor(bank.owner), waiting)]
        assert set(codes) == {"approval_debt"}
