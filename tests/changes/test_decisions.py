"""Decisions on a change: for somebody, under conditions, taken back, stepped back from, expired."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.models import User
from apps.accounts.selectors import actor_for
from apps.accounts.services.delegations import delegate_role, revoke_delegation
from apps.accounts.services.people import edit_user, end_role, grant_role
from apps.approvals.models import Approval, Decision, Obligation
from apps.approvals.policies import candidate_of
from apps.approvals.services.obligations import doubt_obligation, meet_obligation
from apps.changes.models import ChangeRequest
from apps.changes.policies import implement_facts
from apps.changes.selectors import authorisation_blockers, facts_of
from apps.changes.services import decisions, requests
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from tests.changes.worlds import Bank, approved, sign, small_bank, submitted
from tests.factories import SETUP, actor, make_user
from tests.support import commit_now, once_a_module, refused

pytestmark = pytest.mark.django_db


built = once_a_module(small_bank)


@pytest.fixture
def bank(built: Bank, db: None) -> Bank:
    return deepcopy(built)


def high(bank: Bank) -> ChangeRequest:
    line = {"asset": bank.copybook, "action": "change", "from_version": "1"}
    return submitted(bank, "high", assets=[line])


def slot_of(change: ChangeRequest, code: str = "application_owner") -> Approval:
    return Approval.objects.filter(about=change.subject, slot=code).latest("requested_at")


def delegate(holder: User, to: User, role: str = "application_owner") -> Any:
    return delegate_role(actor=actor(holder), delegate=to, role=role, reason="Holidays",
                         ends_at=clock.now() + timedelta(days=5))  # fmt: skip


class TestOnBehalf:
    def test_a_delegate_signs_and_both_are_recorded(self, bank: Bank) -> None:
        deputy = make_user("deputy")
        given = delegate(bank.owner, deputy)
        change = sign(submitted(bank), deputy)
        commit_now()
        decision = Decision.objects.get()
        assert change.state == "approved"
        assert (decision.by, decision.on_behalf_of) == (deputy, bank.owner)
        assert decision.authority["delegation"] == given.subject
        assert decision.meaning == "I have approved as owner of card for owner.card"
        told = json.loads(bytes(EvidenceEntry.objects.get(action="approval.signed").body))
        assert told["on_behalf_of"] == str(bank.owner.pk)
        assert told["actor"]["id"] == str(deputy.pk)

    def test_one_human_fills_one_place_whoever_they_act_for(self, bank: Bank) -> None:
        one, two = bank.board
        delegate(two, one, "cab_member")
        change = sign(high(bank), one)
        with refused("signed_already"):
            sign(change, one)
        with refused("seat_taken"):
            sign(change, make_deputy(one))

    def test_the_seat_of_the_principal_is_taken(self, bank: Bank) -> None:
        one, two = bank.board
        deputy = make_user("deputy")
        delegate(one, deputy, "cab_member")
        change = sign(high(bank), deputy)
        with refused("signed_already"):
            sign(change, one)
        assert sign(change, bank.owner, two).state == "approved"

    def test_a_delegate_of_the_author_signs_nothing_for_them(self, bank: Bank) -> None:
        make_user("developer", "application_owner@application:CARD")
        deputy = make_user("deputy")
        delegate(bank.developer, deputy)
        with refused("delegated_by_party"):
            sign(submitted(bank), deputy)

    def test_the_requester_signs_for_nobody(self, bank: Bank) -> None:
        delegate(bank.owner, bank.requester)
        with refused("separation_of_duties"):
            sign(submitted(bank), bank.requester)

    def test_a_revoked_delegation_gives_nothing(self, bank: Bank) -> None:
        deputy = make_user("deputy")
        given = delegate(bank.owner, deputy)
        revoke_delegation(pk=given.pk, actor=actor(bank.owner), comment="Back.")
        with refused("not_in_slot"):
            sign(submitted(bank), deputy)


class TestRights:
    def test_a_role_granted_by_the_requester_does_not_count(self, bank: Bank) -> None:
        keeper = make_user("requester", "site_admin")
        helper = make_user("helper")
        with clock.at(clock.now() - timedelta(days=1)):
            grant_role(actor=actor(keeper), user=helper, role="application_owner")
        with refused("role_from_requester"):
            sign(submitted(bank), helper)

    def test_a_role_granted_a_moment_ago_does_not_count(self, bank: Bank) -> None:
        helper = make_user("helper")
        change = submitted(bank)
        grant_role(actor=SETUP, user=helper, role="application_owner")
        with refused("role_not_settled"):
            sign(change, helper)
        with clock.at(clock.now() + timedelta(hours=1, minutes=1)):
            assert sign(change, helper).state == "approved"

    def test_who_edited_the_content_has_written_it(self, bank: Bank) -> None:
        change = submitted(bank, owner=bank.owner)
        requests.edit_change(
            pk=change.pk, actor=actor(bank.owner), values={"backout_summary": "Copy it back."}
        )
        with refused("separation_of_duties") as caught:
            sign(change, bank.owner)
        assert "edited the backout" in caught.value.blockers[0].text  # type: ignore[attr-defined]

    def test_an_edit_that_nobody_signs_makes_no_author(self, bank: Bank) -> None:
        change = submitted(bank, owner=bank.owner)
        requests.edit_change(pk=change.pk, actor=actor(bank.owner), values={"external_ref": "SN-7"})
        assert sign(change, bank.owner).state == "approved"

    def test_a_deactivated_person_signs_nothing(self, bank: Bank) -> None:
        change, before = submitted(bank), actor(bank.owner)
        edit_user(pk=bank.owner.pk, actor=SETUP, values={"is_active": False}, comment="Left.")
        with refused("not_in_slot"):
            decisions.approve(pk=change.pk, actor=before, expected_seq=2)

    def test_the_right_is_kept_as_it_was(self, bank: Bank) -> None:
        approved(bank)
        right = Decision.objects.get().authority
        assert (right["role"], right["scope"]) == ("application_owner", "application:CARD")
        assert right["grant"].startswith("role_grant:")


class TestWhoCounts:
    """A quorum counts active people who hold the role when the last one signs."""

    def signed_by_one(self, bank: Bank) -> ChangeRequest:
        """The owner has signed, and one of the two of the board."""
        return sign(high(bank), bank.owner, bank.board[0])

    def state_of_board(self, change: ChangeRequest) -> str:
        return Approval.objects.get(about=change.subject, slot="board").state

    def test_a_deactivated_person_counts_no_more(self, bank: Bank) -> None:
        change = self.signed_by_one(bank)
        edit_user(pk=bank.board[0].pk, actor=SETUP, values={"is_active": False})
        change = sign(change, bank.board[1])
        assert (change.state, self.state_of_board(change)) == ("assessing", "requested")
        assert sign(change, make_user("board.three", "cab_member")).state == "approved"

    def test_who_lost_the_role_counts_no_more(self, bank: Bank) -> None:
        change = self.signed_by_one(bank)
        end_role(pk=bank.board[0].role_grants.get().pk, actor=SETUP)
        assert sign(change, bank.board[1]).state == "assessing"

    def test_a_slot_that_was_satisfied_is_open_again(self, bank: Bank) -> None:
        change = self.signed_by_one(bank)
        end_role(pk=bank.owner.role_grants.get().pk, actor=SETUP)
        change = sign(change, bank.board[1])
        commit_now()
        assert (change.state, slot_of(change).state) == ("assessing", "requested")
        told = EvidenceEntry.objects.get(action="approval.lapsed")
        assert json.loads(bytes(told.body))["comment"] == "Counts no more: owner.card."
        successor = make_user("owner.new", "application_owner@application:CARD")
        assert sign(change, successor).state == "approved"

    def test_who_has_become_the_author_counts_no_more(self, bank: Bank) -> None:
        change = self.signed_by_one(bank)
        requests.edit_change(
            pk=change.pk, actor=actor(bank.requester), values={"author": bank.board[0]}
        )
        assert sign(change, bank.board[1]).state == "assessing"

    def test_what_was_signed_for_somebody_counts_while_both_may(self, bank: Bank) -> None:
        deputy = make_user("deputy")
        given = delegate(bank.board[0], deputy, "cab_member")
        change = sign(high(bank), bank.owner, deputy)
        revoke_delegation(pk=given.pk, actor=actor(bank.board[0]), comment="Back.")
        assert sign(change, bank.board[1]).state == "approved"

    def test_when_the_deputy_is_gone_the_principal_signs(self, bank: Bank) -> None:
        deputy = make_user("deputy")
        delegate(bank.board[0], deputy, "cab_member")
        change = sign(high(bank), bank.owner, deputy)
        edit_user(pk=deputy.pk, actor=SETUP, values={"is_active": False})
        assert sign(change, bank.board[1]).state == "assessing"
        assert sign(change, bank.board[0]).state == "approved"

    def test_when_the_principal_lost_the_role_so_did_who_signed_for_them(self, bank: Bank) -> None:
        deputy = make_user("deputy")
        delegate(bank.board[0], deputy, "cab_member")
        change = sign(high(bank), bank.owner, deputy)
        end_role(pk=bank.board[0].role_grants.get().pk, actor=SETUP)
        assert sign(change, bank.board[1]).state == "assessing"

    def test_who_signed_and_lost_the_role_still_does_not_implement(self, bank: Bank) -> None:
        change = self.signed_by_one(bank)
        end_role(pk=bank.board[0].role_grants.get().pk, actor=SETUP)
        facts = implement_facts(change, candidate_of(actor(bank.board[0]), ()))
        assert [fact.effect for fact in facts] == ["excludes"]

    def test_after_the_approval_nothing_lapses(self, bank: Bank) -> None:
        change = sign(self.signed_by_one(bank), bank.board[1])
        edit_user(pk=bank.board[0].pk, actor=SETUP, values={"is_active": False})
        assert ChangeRequest.objects.get(pk=change.pk).state == "approved"
        assert self.state_of_board(change) == "approved"

    def test_neither_a_program_nor_a_superuser_signs(self, bank: Bank) -> None:
        change = high(bank)
        root = make_user("root")
        root.is_superuser = root.is_staff = True
        root.save()
        with refused("not_in_slot"):
            sign(change, root)
        program = replace(actor(bank.board[0]), kind="service")
        with refused("not_a_person"):
            decisions.approve(pk=change.pk, actor=program, expected_seq=change.evidence_seq)


class TestConditions:
    def under(self, bank: Bank, **more: Any) -> ChangeRequest:
        change = submitted(bank)
        decisions.approve_with_conditions(
            pk=change.pk, actor=actor(bank.owner), expected_seq=2,
            comment="- Tell the partner bank\n\n* Repeat the volume test", **more,
        )  # fmt: skip
        commit_now()
        return ChangeRequest.objects.get(pk=change.pk)

    def test_each_line_is_tracked(self, bank: Bank) -> None:
        due_at = clock.now() + timedelta(days=2)
        change = self.under(bank, owner=str(bank.developer.pk), due_at=due_at)
        assert change.state == "approved"
        assert slot_of(change).state == "approved_with_conditions"
        told = Obligation.objects.values_list("text", "owner__username", "due_at", "state")
        assert list(told) == [
            ("Tell the partner bank", "developer", due_at, "open"),
            ("Repeat the volume test", "developer", due_at, "open"),
        ]

    def test_open_ones_stop_the_start_and_not_the_plan(self, bank: Bank) -> None:
        facts = facts_of([self.under(bank).pk]).popitem()[1]
        assert facts.open_conditions == (
            "Tell the partner bank (requester)", "Repeat the volume test (requester)",
        )  # fmt: skip
        starting = authorisation_blockers(facts, clock.now(), starting=True)
        assert [blocker.code for blocker in starting] == ["condition_open"] * 2
        assert not list(authorisation_blockers(facts, clock.now()))

    def test_met_with_proof_they_stop_nothing(self, bank: Bank) -> None:
        change = self.under(bank)
        for condition in Obligation.objects.all():
            meet_obligation(pk=condition.pk, actor=actor(bank.requester), comment="Mail of today.")
        commit_now()
        assert facts_of([change.pk])[change.pk].open_conditions == ()
        assert Obligation.objects.first().proof == "Mail of today."  # type: ignore[union-attr]

    def test_without_proof_or_by_others_they_are_not_met(self, bank: Bank) -> None:
        self.under(bank)
        condition = Obligation.objects.first()
        assert condition is not None
        with refused("required"):
            meet_obligation(pk=condition.pk, actor=actor(bank.requester))
        with refused("role_missing"):
            meet_obligation(pk=condition.pk, actor=actor(bank.manager), comment="Done.")

    def test_who_made_the_condition_may_doubt_the_proof(self, bank: Bank) -> None:
        change = self.under(bank)
        condition = Obligation.objects.first()
        assert condition is not None
        meet_obligation(pk=condition.pk, actor=actor(bank.requester), comment="Done.")
        with refused("role_missing"):
            doubt_obligation(pk=condition.pk, actor=actor(bank.requester), comment="Hm.")
        doubt_obligation(pk=condition.pk, actor=actor(bank.owner), comment="By which mail?")
        commit_now()
        assert len(facts_of([change.pk])[change.pk].open_conditions) == 2

    def test_they_are_void_with_the_signature(self, bank: Bank) -> None:
        change = self.under(bank)
        requests.edit_change(
            pk=change.pk, actor=actor(bank.requester), values={"backout_summary": "None."}
        )
        commit_now()
        assert set(Obligation.objects.values_list("state", flat=True)) == {"withdrawn"}
        assert facts_of([change.pk])[change.pk].open_conditions == ()

    @pytest.mark.parametrize(
        ("call", "field"),
        [
            ({"comment": " \n- \n"}, "comment"),
            ({"comment": "x" * 501}, "comment"),
            ({"comment": "\n".join(f"No {n}" for n in range(21))}, "comment"),
            ({"comment": "Tell us.", "due_at": clock.now() - timedelta(hours=1)}, "due_at"),
            ({"comment": "Tell us.", "owner": "0195a6c0-0000-7000-8000-000000000000"}, "owner"),
        ],
    )
    def test_what_cannot_be_tracked_is_refused(
        self, bank: Bank, call: dict[str, Any], field: str
    ) -> None:
        change = submitted(bank)
        with refused() as caught:
            decisions.approve_with_conditions(
                pk=change.pk, actor=actor(bank.owner), expected_seq=2, **call
            )
        assert {b.field for b in caught.value.blockers} == {field}  # type: ignore[attr-defined]
        assert not Decision.objects.exists()


class TestTakingBack:
    def test_a_decision_taken_back_does_not_count(self, bank: Bank) -> None:
        change = sign(high(bank), bank.owner)
        assert slot_of(change).state == "approved"
        change = sign(change, bank.owner, verdict="withdraw_decision", comment="Wrong change.")
        commit_now()
        assert slot_of(change).state == "requested"
        assert sign(change, *bank.board).state == "assessing"

    def test_it_may_be_given_anew_and_counts_once(self, bank: Bank) -> None:
        change = sign(high(bank), bank.board[0])
        change = sign(change, bank.board[0], verdict="withdraw_decision", comment="Not yet.")
        change = sign(change, bank.board[0], bank.owner)
        commit_now()
        slot = slot_of(change, "board")
        assert slot.state == "requested"
        assert [said.verdict for said in slot.standing] == ["approve"]
        assert slot.decisions.count() == 3

    def test_also_within_one_instant(self, bank: Bank) -> None:
        change = high(bank)
        with clock.at(clock.now()):
            for verdict in ("approve", "withdraw_decision", "approve", "withdraw_decision"):
                change = sign(change, bank.board[0], verdict=verdict, comment="Well.")
        assert slot_of(change, "board").standing == []

    def test_conditions_go_with_it(self, bank: Bank) -> None:
        change = sign(high(bank), bank.owner, verdict="approve_with_conditions", comment="Tell us.")
        sign(change, bank.owner, verdict="withdraw_decision", comment="Wrong change.")
        commit_now()
        assert Obligation.objects.get().state == "withdrawn"

    def test_nobody_takes_back_what_others_said(self, bank: Bank) -> None:
        change = sign(high(bank), bank.owner)
        with refused("nothing_decided"):
            sign(change, bank.board[0], verdict="withdraw_decision", comment="No.")

    def test_after_the_approval_it_is_too_late(self, bank: Bank) -> None:
        with refused("wrong_state"):
            sign(approved(bank), bank.owner, verdict="withdraw_decision", comment="No.")

    def test_a_reason_and_the_version_are_asked(self, bank: Bank) -> None:
        change = sign(high(bank), bank.owner)
        with refused("required", "version_needed"):
            decisions.withdraw_decision(pk=change.pk, actor=actor(bank.owner))

    def test_a_delegate_asks_the_requester_back(self, bank: Bank) -> None:
        deputy = make_user("deputy")
        delegate(bank.owner, deputy)
        change = submitted(bank)
        requests.return_to_draft(pk=change.pk, actor=actor(deputy), comment="Which field?")
        assert ChangeRequest.objects.get(pk=change.pk).state == "draft"


class TestSteppingBack:
    def test_who_stepped_back_signs_nothing_any_more(self, bank: Bank) -> None:
        change = sign(high(bank), bank.board[0], verdict="recuse", comment="My sister wrote it.")
        commit_now()
        assert slot_of(change, "board").state == "requested"
        for verdict in ("approve", "reject", "abstain"):
            with refused() as caught:
                sign(change, bank.board[0], verdict=verdict, comment="Still.")
            assert "recused" in {b.code for b in caught.value.blockers}  # type: ignore[attr-defined]

    def test_also_on_the_next_content(self, bank: Bank) -> None:
        change = sign(high(bank), bank.board[0], verdict="recuse", comment="My sister wrote it.")
        requests.edit_change(
            pk=change.pk, actor=actor(bank.requester), values={"backout_summary": "None."}
        )
        with refused("recused"):
            sign(change, bank.board[0])

    def test_it_needs_a_seat_and_no_signature(self, bank: Bank) -> None:
        change = high(bank)
        with refused("not_in_slot"):
            sign(change, bank.manager, verdict="recuse", comment="Not mine.")
        with refused("signed_already"):
            sign(sign(change, bank.board[0]), bank.board[0], verdict="recuse", comment="Late.")

    def test_nobody_steps_back_beside_a_signature_in_another_slot(self, bank: Bank) -> None:
        both = make_user("both", "application_owner@application:CARD", "cab_member")
        change = high(bank)
        decisions.approve(pk=change.pk, actor=actor(both), expected_seq=change.evidence_seq,
                          slot="application_owner")  # fmt: skip
        assert slot_of(change).state == "approved"
        with refused("signed_already"):
            sign(change, both, verdict="recuse", comment="My sister wrote it.")
        change = sign(change, both, verdict="withdraw_decision", comment="My sister wrote it.")
        change = sign(change, both, verdict="recuse", comment="My sister wrote it.")
        assert slot_of(change).state == "requested"

    def test_nor_beside_what_a_deputy_signed_for_them(self, bank: Bank) -> None:
        deputy = make_user("deputy")
        delegate(bank.board[0], deputy, role="cab_member")
        change = sign(high(bank), deputy)
        with refused("signed_already") as caught:
            sign(change, bank.board[0], verdict="recuse", comment="My sister wrote it.")
        assert caught.value.blockers[0].who == "deputy"  # type: ignore[attr-defined]

    def test_it_is_not_taken_back(self, bank: Bank) -> None:
        change = sign(high(bank), bank.board[0], verdict="recuse", comment="My sister wrote it.")
        with refused("nothing_decided"):
            sign(change, bank.board[0], verdict="withdraw_decision", comment="Half-sister.")


class TestExpiry:
    def test_an_approval_that_ended_is_asked_again(self, bank: Bank) -> None:
        change = approved(bank)
        with clock.at(clock.now() + timedelta(days=91)):
            assert decisions.expire_due() == 1
            assert decisions.expire_due() == 0
        commit_now()
        change = ChangeRequest.objects.get(pk=change.pk)
        states = Approval.objects.filter(about=change.subject).order_by("created_at")
        assert (change.state, change.valid_until) == ("assessing", None)
        assert [slot.state for slot in states] == ["expired", "requested"]
        assert EvidenceEntry.objects.filter(action="approval.expired").count() == 1

    def test_a_signature_that_an_edit_left_alone_grows_no_younger(self, bank: Bank) -> None:
        signed_at = clock.now()
        line = {"asset": bank.table, "action": "change", "from_version": "1"}
        with clock.at(signed_at):
            change = submitted(bank, "medium", assets=[line])
            sign(change, bank.db2_lead, bank.owner)
        with clock.at(signed_at + timedelta(days=30)):
            requests.edit_change(
                pk=change.pk, actor=actor(bank.requester),
                values={"validation_summary": "Smoke job."},
            )  # fmt: skip
        with clock.at(signed_at + timedelta(days=40)):
            change = sign(change, bank.owner)
        assert (change.state, change.approved_at) == ("approved", signed_at + timedelta(days=40))
        assert change.valid_until == signed_at + timedelta(days=90)
        with clock.at(change.valid_until - timedelta(seconds=1)):
            assert decisions.expire_due() == 0
        with clock.at(change.valid_until):
            assert decisions.expire_due() == 1
        commit_now()
        live = Approval.objects.filter(about=change.subject, state="requested")
        assert sorted(live.values_list("slot", flat=True)) == [
            "application_owner",
            "technical_lead:db2",
        ]

    def test_a_quorum_ends_with_its_first_signature(self, bank: Bank) -> None:
        change, signed_at = high(bank), clock.now()
        with clock.at(signed_at):
            sign(change, bank.board[0])
        with clock.at(signed_at + timedelta(days=5)):
            change = sign(change, bank.board[1], bank.owner)
        assert change.state == "approved"
        assert change.valid_until == signed_at + timedelta(days=90)

    def test_one_that_is_valid_is_left_alone(self, bank: Bank) -> None:
        change = approved(bank)
        assert decisions.expire_due() == 0
        with refused("still_valid"):
            decisions.expire_approval(pk=change.pk, actor=SETUP)


class TestContentOnScreen:
    def test_a_signature_on_other_content_is_refused(self, bank: Bank) -> None:
        change = submitted(bank)
        with refused("old_content") as caught:
            decisions.approve(
                pk=change.pk, actor=actor(bank.owner), expected_seq=2, content_digest="0" * 64
            )
        assert caught.value.kind == "stale"  # type: ignore[attr-defined]

    def test_an_asset_renamed_under_the_page_is_other_content(self, bank: Bank) -> None:
        change = submitted(bank)
        line = change.assets.get()
        line.asset.name = "CVACT02Y"
        shown = ChangeRequest.objects.get(pk=change.pk)
        with refused("old_content"):
            decisions.approve(
                pk=change.pk, actor=actor(bank.owner), expected_seq=2,
                content_digest=_digest_with(shown, line),
            )  # fmt: skip

    def test_the_content_asked_about_is_signed(self, bank: Bank) -> None:
        change = submitted(bank)
        decisions.approve(
            pk=change.pk, actor=actor(bank.owner), expected_seq=2,
            content_digest=change.current_fingerprint(),
        )  # fmt: skip
        assert Decision.objects.get().content_digest == change.fingerprint


def _digest_with(change: ChangeRequest, line: Any) -> str:
    change._prefetched_objects_cache = {"assets": [line]}  # type: ignore[attr-defined]
    return change.current_fingerprint()


def make_deputy(holder: User) -> User:
    """Somebody else who acts for `holder`."""
    deputy = make_user("deputy.of.board")
    delegate(holder, deputy, "cab_member")
    return deputy


def test_the_actor_for_a_delegate_holds_only_their_own_roles(bank: Bank) -> None:
    deputy = make_user("deputy")
    delegate(bank.owner, deputy)
    assert not actor_for(deputy).roles
