"""Two people at the same moment, on a real database with real commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from apps.accounts.services.delegations import delegate_role
from apps.approvals.models import Approval, Decision
from apps.approvals.selectors import live_slots
from apps.changes.domain.policy import DELIVERED, plain_rules
from apps.changes.models import ChangeRequest
from apps.changes.selectors import policy_in_force
from apps.changes.services import decisions, requests
from apps.changes.services.policies import edit_policy
from apps.core import clock
from apps.core.errors import Refused
from apps.evidence.models import EvidenceEntry
from tests.changes.worlds import draft, small_bank, submitted
from tests.factories import actor, make_user


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; what each returned or raised."""
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[number] = call()
        except Exception as error:  # noqa: BLE001 - a thread hands over what it raised
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_are_put_in_order() -> None:
    bank = small_bank()
    line = {"asset": bank.copybook, "action": "change", "from_version": "1"}
    change = submitted(bank, "high", assets=[line])
    signers = [actor(person) for person in (bank.owner, *bank.board)]

    def approve(who: Any) -> Callable[[], Any]:
        return lambda: decisions.approve(pk=change.pk, actor=who, expected_seq=2)

    results = at_once(*(approve(signer) for signer in signers))
    won = [r for r in results if not isinstance(r, Exception)]
    lost = [r for r in results if isinstance(r, Refused)]
    assert len(won) == 1 and len(lost) == 2
    assert {refusal.kind for refusal in lost} == {"stale"}
    seqs = EvidenceEntry.objects.filter(subject=change.subject).values_list("seq", flat=True)
    assert sorted(seqs) == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_an_edit_at_once_never_approve_unseen_content() -> None:
    bank = small_bank()
    change = submitted(bank)
    owner, requester = actor(bank.owner), actor(bank.requester)
    at_once(
        lambda: decisions.approve(pk=change.pk, actor=owner, expected_seq=2),
        lambda: requests.edit_change(
            pk=change.pk, actor=requester, values={"backout_summary": "None at all."}
        ),
    )
    change = ChangeRequest.objects.get(pk=change.pk)
    assert change.state == "assessing"
    assert change.fingerprint == change.current_fingerprint()


@pytest.mark.django_db(transaction=True)
def test_one_person_at_two_screens_signs_once() -> None:
    bank = small_bank()
    line = {"asset": bank.copybook, "action": "change", "from_version": "1"}
    change = submitted(bank, "high", assets=[line])
    signer = actor(bank.board[0])

    def approve() -> Any:
        return decisions.approve(pk=change.pk, actor=signer, expected_seq=2)

    results = at_once(approve, approve)
    assert sorted(isinstance(result, Refused) for result in results) == [False, True]
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_number", range(3))
def test_a_principal_and_their_deputy_at_once_fill_one_seat(round_number: int) -> None:
    bank = small_bank()
    line = {"asset": bank.copybook, "action": "change", "from_version": "1"}
    change = submitted(bank, "high", assets=[line])
    deputy = make_user("deputy")
    delegate_role(actor=actor(bank.board[0]), delegate=deputy, role="cab_member", reason="Away",
                  ends_at=clock.now() + timedelta(days=1))  # fmt: skip
    signers = [actor(bank.board[0]), actor(deputy)]

    def insist(who: Any) -> Callable[[], Any]:
        """Signs what is there, whatever its version: as one who reloads and tries again."""

        def call() -> Any:
            for _ in range(3):
                seq = ChangeRequest.objects.get(pk=change.pk).evidence_seq
                try:
                    return decisions.approve(pk=change.pk, actor=who, expected_seq=seq)
                except Refused as refusal:
                    if refusal.kind != "stale":
                        return refusal
            raise AssertionError("never got a turn")

        return call

    results = at_once(*(insist(signer) for signer in signers))
    lost = [result for result in results if isinstance(result, Refused)]
    assert len(lost) == 1
    assert lost[0].blockers[0].code in ("signed_already", "seat_taken")
    assert Approval.objects.get(about=change.subject, slot="board").state == "requested"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["cancel", "return_to_draft", "withdraw_decision"])
def test_an_approval_an_edit_and_a_withdrawal_at_once_have_one_legal_outcome(how: str) -> None:
    bank = small_bank()
    line = {"asset": bank.copybook, "action": "change", "from_version": "1"}
    change = submitted(bank, "high", assets=[line])
    decisions.approve(pk=change.pk, actor=actor(bank.owner), expected_seq=2)
    who = {"cancel": bank.requester, "return_to_draft": bank.owner}.get(how, bank.owner)
    withdraw = getattr(decisions if how == "withdraw_decision" else requests, how)
    results = at_once(
        lambda: decisions.approve(pk=change.pk, actor=actor(bank.board[0]), expected_seq=3),
        lambda: requests.edit_change(
            pk=change.pk, actor=actor(bank.requester), expected_seq=3,
            values={"backout_summary": "None at all."},
        ),
        lambda: withdraw(pk=change.pk, actor=actor(who), expected_seq=3, comment="Enough."),
    )  # fmt: skip
    lost = [result for result in results if isinstance(result, Exception)]
    assert len(lost) == 2, results
    for refusal in lost:
        assert isinstance(refusal, Refused), refusal
        assert refusal.kind == "stale"
        assert refusal.blockers[0].details["changes"]
    seqs = EvidenceEntry.objects.filter(subject=change.subject).values_list("seq", flat=True)
    assert sorted(seqs) == [1, 2, 3, 4]
    refused = EvidenceEntry.objects.filter(action="access.refused", about=change.subject)
    assert refused.count() == 2
    told = ChangeRequest.objects.get(pk=change.pk)
    counted = sum(len(slot.standing) for slot in live_slots(change.subject))
    expected = {"approve": ("assessing", 2), "edit_change": ("assessing", 0),
                "cancel": ("cancelled", 0), "return_to_draft": ("draft", 0),
                "withdraw_decision": ("assessing", 0)}  # fmt: skip
    won = ("approve", "edit_change", how)[[isinstance(r, Exception) for r in results].index(False)]
    assert (told.state, counted) == expected[won]


@pytest.mark.django_db(transaction=True)
def test_a_signature_and_an_edit_that_does_not_concern_it_both_count_or_one_is_stale() -> None:
    bank = small_bank()
    line = {"asset": bank.table, "action": "change", "from_version": "1", "to_version": "01.02"}
    change = submitted(bank, "medium", assets=[line])
    lead, requester = actor(bank.db2_lead), actor(bank.requester)
    signed, _edited = at_once(
        lambda: decisions.approve(pk=change.pk, actor=lead, expected_seq=2),
        lambda: requests.edit_change(
            pk=change.pk, actor=requester, values={"validation_summary": "A look at it."}
        ),
    )
    lead_slot = Approval.objects.get(about=change.subject, slot="technical_lead:db2")
    if isinstance(signed, Refused):
        assert signed.kind == "stale"
        assert lead_slot.state == "requested"
    else:
        assert lead_slot.state == "approved"
    owner_slots = Approval.objects.filter(about=change.subject, slot="application_owner")
    assert sorted(owner_slots.values_list("state", flat=True)) == ["requested", "superseded"]
    change = ChangeRequest.objects.get(pk=change.pk)
    assert change.state == "assessing"
    assert change.fingerprint == change.current_fingerprint()


@pytest.mark.django_db(transaction=True)
def test_a_new_policy_and_a_submission_at_once_leave_one_version_in_the_question() -> None:
    make_user("duty.one", "release_manager")
    make_user("duty.two", "release_manager")
    make_user("chair", "cab_chair")
    make_user("lead.security", "technical_lead@family:security")
    make_user("service", "service_owner@application:CARD")
    bank = small_bank()
    change = draft(bank)
    policy = policy_in_force()
    rules = plain_rules(replace(rule, sla_hours=5) for rule in DELIVERED)
    at_once(
        lambda: requests.submit(pk=change.pk, actor=actor(bank.requester)),
        lambda: edit_policy(
            pk=policy.pk, actor=actor(bank.manager), values={}, parts={"rules": rules}
        ),
    )
    slot = Approval.objects.get(about=change.subject)
    change = ChangeRequest.objects.get(pk=change.pk)
    assert change.policy_version == slot.policy_version
    assert slot.sla_hours == {"BASE v1": 72, "BASE v2": 5}[slot.policy_version]
