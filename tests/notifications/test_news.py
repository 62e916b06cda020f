"""What happens to a change or a package reaches the people it concerns, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction

from apps.accounts.services.delegations import delegate_role
from apps.accounts.services.people import grant_role
from apps.approvals.models import Obligation
from apps.approvals.services.obligations import doubt_obligation, meet_obligation
from apps.changes.domain.content import ExecutionGroup
from apps.changes.services import decisions, requests
from apps.changes.services.emergency import deny_phone_approval
from apps.changes.services.execution import seal_plan
from apps.core import clock
from apps.evidence.models import EvidenceEntry, EvidenceOutbox
from apps.evidence.services.outbox import relay_all
from apps.notifications.domain.letter import wall_clock
from apps.notifications.models import Message
from apps.notifications.services.news import tell_people
from apps.releases.services import moving, package
from apps.releases.services.reservations import reserve_room
from apps.windows.services.reservations import expire_due_reservations
from tests.changes.test_emergency import by_phone, urgent
from tests.changes.worlds import Bank, board_comes_last, sign, small_bank, submitted
from tests.factories import SETUP, actor, make_user
from tests.releases.worlds import NOTE, OPENS, small_night
from tests.windows.worlds import window_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(db: None) -> Bank:
    return small_bank()


def news() -> set[tuple[str, str]]:
    """Relay, and who was told what by that."""
    before = set(Message.objects.values_list("pk", flat=True))
    relay_all()
    assert not EvidenceOutbox.objects.exists()
    return set(
        Message.objects.exclude(pk__in=before).values_list("recipient__username", "subject_line")
    )


def test_a_submitted_change_asks_those_who_may_sign(bank: Bank) -> None:
    change = submitted(bank, "high")
    asked = f"{change.code}: your signature is asked for"
    assert news() == {(who, asked) for who in ("owner.card", "board.one", "board.two")}
    message = Message.objects.get(recipient=bank.owner)
    assert message.url == f"/admin/changes/changerequest/{change.pk}/change/"
    assert message.text.startswith(f"{change.code} {change.title}\nAsked for: Owner of CARD.")
    assert (message.kind, message.about) == ("signature", change.subject)


def test_who_signed_meanwhile_is_not_asked(bank: Bank) -> None:
    change = sign(submitted(bank, "high"), bank.owner, bank.board[0])
    assert {who for who, _ in news()} == {"board.two"}
    assert change.state == "assessing"


def test_who_signed_is_told_that_the_night_moved(bank: Bank) -> None:
    change = sign(submitted(bank), bank.owner)
    for day in ("2026-12-05", "2026-12-12"):
        news()
        with transaction.atomic():
            seal_plan(
                plans={change.pk: {"window:night": ExecutionGroup("night", day, day)}},
                actor=SETUP,
                package="package:1",
            )
    told = f"{change.code}: Moved to another night: nobody is asked again"
    assert news() == {("owner.card", told), ("requester", told)}


def test_who_decides_for_a_holder_is_asked_too(bank: Bank) -> None:
    delegate_role(
        actor=actor(bank.owner), delegate=make_user("deputy"), role="application_owner",
        ends_at=clock.now() + timedelta(days=1), reason="Away",
    )  # fmt: skip
    submitted(bank)
    assert {who for who, _ in news()} == {"owner.card", "deputy"}


def test_who_stepped_back_is_not_asked_about_the_next_content(bank: Bank) -> None:
    change = sign(submitted(bank), bank.owner, verdict="recuse", comment="My sister wrote it.")
    news()
    requests.edit_change(
        pk=change.pk, actor=actor(bank.requester), values={"backout_summary": "None."}
    )
    assert news() == set()


def test_the_board_is_asked_when_its_turn_comes(bank: Bank) -> None:
    board_comes_last(bank)
    change = submitted(bank, "high")
    assert {who for who, _ in news()} == {"owner.card"}
    sign(change, bank.owner)
    asked = f"{change.code}: your signature is asked for"
    assert news() == {(who, asked) for who in ("board.one", "board.two")}
    sign(change, bank.board[0])
    assert news() == set()


def test_a_question_told_late_is_told_once(bank: Bank) -> None:
    """The outbox may come to the submission when the first signature is there already."""
    board_comes_last(bank)
    sign(submitted(bank, "high"), bank.owner)
    news()
    assert Message.objects.filter(recipient=bank.board[0], kind="signature").count() == 1


def test_each_decision_taken_back_is_told_and_its_slot_asked_again(bank: Bank) -> None:
    make_user("owner.two", "application_owner@application:CARD")
    change = submitted(bank, "high")
    news()
    for reason in ("Wrong change.", "Wrong again."):
        sign(change, bank.owner)
        news()
        sign(change, bank.owner, verdict="withdraw_decision", comment=reason)
        assert news() == {
            ("requester", f"{change.code}: A decision was taken back"),
            ("owner.two", f"{change.code}: your signature is asked for"),
        }


def test_a_denied_call_is_told_and_its_slot_asked_again(bank: Bank) -> None:
    duty = make_user("duty", "release_manager")
    change = by_phone(urgent(bank), bank.owner)
    news()
    deny_phone_approval(pk=change.pk, actor=actor(bank.owner), comment="Nobody called me.")
    denied = f"{change.code}: Denied the approval by phone: it counts no more"
    assert news() == {
        ("manager", denied),
        ("requester", denied),
        (duty.username, f"{change.code}: your signature is asked for"),
    }


def test_a_condition_is_told_to_who_has_to_meet_it_and_its_proof_to_who_made_it(
    bank: Bank,
) -> None:
    change = submitted(bank)
    news()
    due_at = clock.now() + timedelta(days=2)
    decisions.approve_with_conditions(
        pk=change.pk, actor=actor(bank.owner), expected_seq=change.evidence_seq,
        comment="Tell the desk", owner=str(bank.developer.pk), due_at=due_at,
    )  # fmt: skip
    set_for = ("developer", "Made it a condition of the approval: Tell the desk")
    assert set_for in news()
    text = Message.objects.get(recipient=bank.developer).text
    assert f"To be met until {wall_clock(due_at, settings.INTERLOCK_ZONE)} by developer." in text
    condition = Obligation.objects.get()
    meet_obligation(pk=condition.pk, actor=actor(bank.developer), comment="Done.")
    assert news() == {("owner.card", "Met the condition: Tell the desk")}
    doubt_obligation(pk=condition.pk, actor=actor(bank.owner), comment="By which mail?")
    assert news() == {("developer", "Did not accept the proof: Tell the desk")}
    requests.edit_change(
        pk=change.pk, actor=actor(bank.requester), values={"backout_summary": "None."}
    )
    assert ("developer", "The signature with this condition is void: Tell the desk") in news()


def test_who_got_the_role_from_the_requester_is_not_asked(bank: Bank) -> None:
    friend = make_user("friend")
    with clock.at(clock.now() - timedelta(days=1)):
        grant_role(
            actor=actor(make_user("requester", "site_admin")), user=friend,
            role="application_owner", scope="application:CARD",
        )  # fmt: skip
    submitted(bank)
    assert {who for who, _ in news()} == {"owner.card"}


def test_nobody_is_asked_to_sign_their_own_change(bank: Bank) -> None:
    change = submitted(bank, author=bank.owner)
    assert news() == set(), change.code


def test_an_approval_is_told_to_requester_and_owner(bank: Bank) -> None:
    change = submitted(bank, owner=bank.manager)
    news()
    sign(change, bank.owner)
    approved = f"{change.code}: The change is approved"
    assert news() == {("requester", approved), ("manager", approved)}


def test_a_rejection_comes_with_its_reason(bank: Bank) -> None:
    change = submitted(bank)
    news()
    sign(change, bank.owner, verdict="reject", comment="Month end is too close.")
    assert news() == {("requester", f"{change.code}: Rejected the change")}
    text = Message.objects.get(recipient=bank.requester).text
    assert "owner.card" in text and "Why: Month end is too close." in text


def test_a_returned_change_is_told(bank: Bank) -> None:
    change = submitted(bank)
    requests.return_to_draft(pk=change.pk, actor=actor(bank.owner), comment="Which job?")
    assert news() == {("requester", f"{change.code}: Returned it to the requester")}


def test_changed_content_asks_the_signers_anew_and_says_what_changed(bank: Bank) -> None:
    change = sign(submitted(bank, owner=bank.manager), bank.owner)
    news()
    requests.edit_change(
        pk=change.pk, actor=actor(bank.requester), values={"backout_summary": "None at all."}
    )
    assert news() == {
        ("owner.card", f"{change.code}: your signature is asked for"),
        ("manager", f"{change.code}: The content changed: the approval is void"),
    }
    assert "ackout" in Message.objects.filter(kind="signature").latest("created_at", "id").text


def test_an_entry_that_comes_twice_is_told_once(bank: Bank) -> None:
    change = submitted(bank)
    entry = EvidenceEntry.objects.get(subject=change.subject, action="change.submitted")
    tell_people(entry)
    tell_people(entry)
    assert Message.objects.count() == 1


def test_a_regressed_package_is_told_to_owner_and_coordinator_with_the_cause() -> None:
    night = small_night()
    found = night.ready(owner=night.bank.manager)
    news()
    with night.before():
        package.regress(pk=found.pk, actor=SETUP, comment="G01: an approval was voided.")
    regressed = f"{found.code}: The package is no longer ready"
    assert news() == {("manager", regressed), ("coordinator", regressed)}
    text = Message.objects.filter(kind="package").latest("created_at", "id").text
    assert "Why: G01: an approval was voided." in text


def test_who_delays_a_package_is_not_told_that_they_did() -> None:
    night = small_night()
    found = night.delayed(owner=night.bank.manager)
    delayed = f"{found.code}: Moved the package out of its window"
    told = {pair for pair in news() if pair[1].startswith(found.code)}
    assert told == {("manager", delayed)}
    assert f"Why: {NOTE}" in Message.objects.get(kind="package").text


def test_a_moved_package_and_a_moved_window_are_told_to_who_has_a_part_in_them() -> None:
    night = small_night()
    found = night.planned()
    opens = OPENS + timedelta(days=14)
    cutoff = {"kind": "batch_start", "label": "X", "at": opens + timedelta(hours=6)}
    target = window_in("open", night.planners, code="W-2612", opens_at=opens,
                       closes_at=opens + timedelta(hours=8), cutoffs=[cutoff])  # fmt: skip
    news()
    who = actor(night.coordinator)
    with night.before():
        told = moving.preview_package_move(pk=found.pk, actor=who, window=target.pk).ripple
        assert told is not None
        moving.move_package(
            pk=found.pk, actor=who, window=target.pk, digest=told.digest, comment=NOTE
        )
    title = f"{found.code}: Moved the package to another night"
    assert {name for name, line in news() if line == title} == {"operator", "stand.in"}
    later = opens + timedelta(days=1)
    with night.before():
        told = moving.preview_window_move(pk=target.pk, actor=who, opens_at=later).ripple
        assert told is not None
        moving.move_window(
            pk=target.pk, actor=who, opens_at=later, digest=told.digest, comment=NOTE
        )
    title = "W-2612: Moved the window to another time"
    assert {name for name, line in news() if line == title} == {"operator", "stand.in"}


def test_whose_reservation_expired_is_told() -> None:
    night = small_night()
    with night.before():
        reserve_room(
            pk=night.window.pk, actor=actor(night.coordinator), about=night.draft().code, hours=2,
            owner="operator", comment=NOTE,
        )  # fmt: skip
    news()
    with night.at(0):
        assert expire_due_reservations() == 1
    assert news() == {("operator", "W-2611: Let a reservation expire")}
