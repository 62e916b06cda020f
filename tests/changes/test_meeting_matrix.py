"""Every state x move x person of a board meeting, its races, and its guards in the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from apps.approvals.models import Decision
from apps.changes.domain import meeting as life
from apps.changes.models import CabMeeting, ChangeRequest, DocketItem
from apps.changes.moves import MEETING_MOVES
from apps.changes.services import meetings, requests
from apps.core.errors import Refused
from tests.changes.meeting_worlds import Board, board, fresh, high, item_of, take_up
from tests.changes.test_races import at_once
from tests.factories import actor, make_user
from tests.support import refused_by_database

#: Who may do each move, of the people below, in the states that offer it.
ALLOWED: dict[str, set[str]] = {
    "freeze": {"chair"},
    "add_item": {"chair", "member", "manager"},
    "accept_late_item": {"chair"},
    "withdraw_item": {"chair", "manager"},
    "start": {"chair"},
    "arrive": {"chair", "member"},
    "leave": {"chair", "member"},
    "close": {"chair"},
    "cancel": {"chair", "manager"},
    "take_up_item": {"chair"},
    "approve_item": {"chair", "member"},
    "approve_item_with_conditions": {"chair", "member"},
    "reject_item": {"chair", "member"},
    "ratify_item": {"chair", "member"},
    "refuse_to_ratify_item": {"chair", "member"},
    "defer_item": {"chair"},
    "pull_item": {"chair", "member"},
    "sign_consent_block": {"chair", "member"},
    "recuse": {"chair", "member"},
}
#: Reasons of the session itself, which this table is not about.
OTHER = {"not_present", "no_quorum", "no_consent_block"}


def in_state(world: Board, state: str) -> CabMeeting:
    meeting = world.planned()
    if state == life.CANCELLED:
        meetings.cancel_meeting(pk=meeting.pk, actor=actor(world.chair), comment="Storm.")
    elif state != life.PLANNED:
        world.freeze(meeting)
        if state != life.DOCKET_FROZEN:
            world.open(meeting)
        if state == life.CLOSED:
            meetings.close_session(pk=meeting.pk, actor=actor(world.chair))
    return fresh(meeting)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [state for state, _ in life.STATES])
def test_every_cell(state: str) -> None:
    world = board()
    meeting = in_state(world, state)
    superuser = make_user("superuser")
    superuser.is_superuser = True
    superuser.save()
    people = {
        "chair": world.chair,
        "member": world.members[0],
        "manager": world.bank.manager,
        "requester": world.bank.requester,
        "owner": world.bank.owner,
        "coordinator": make_user("coordinator", "release_coordinator"),
        "auditor": make_user("auditor", "auditor"),
        "site_admin": make_user("site.admin", "site_admin"),
        "superuser": superuser,
    }
    wrong = []
    for move in MEETING_MOVES:
        for who, user in people.items():
            kinds = {b.kind for b in move.blockers(actor(user), meeting) if b.code not in OTHER}
            expected = set() if state in move.sources else {"state"}
            expected |= set() if who in ALLOWED[move.name] else {"permission"}
            if kinds != expected:
                wrong.append((move.name, who, kinds, expected))
    assert wrong == []


def test_no_transition_is_missing() -> None:
    field = CabMeeting._meta.get_field("state")
    names = {transition.name for transition in field.get_all_transitions(CabMeeting)}
    assert names == set(life.SOURCES) <= {move.name for move in MEETING_MOVES}


@pytest.mark.django_db(transaction=True)
def test_the_docket_changes_with_an_entry_of_its_meeting_only() -> None:
    world = board()
    change = high(world)
    item = item_of(world.frozen(), change)
    with refused_by_database():
        DocketItem.objects.filter(pk=item.pk).update(seal="0" * 64)
    with refused_by_database(), connection.cursor() as cursor:
        cursor.execute("UPDATE changes_cabmeeting SET minutes_sha256 = 'forged'")
    with refused_by_database(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE changes_cabmeeting SET state = 'closed', evidence_seq = evidence_seq + 1"
        )


def approving(meeting: CabMeeting, item: DocketItem, who: Any) -> Callable[[], Any]:
    return lambda: meetings.approve_item(
        pk=meeting.pk, actor=who, item=str(item.pk), seal=item.seal
    )


@pytest.mark.django_db(transaction=True)
def test_two_members_at_once_both_sign_what_they_had_before_them() -> None:
    world = board()
    change = high(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    signers = [actor(member) for member in world.members]
    results = at_once(*(approving(meeting, item, signer) for signer in signers))
    assert not [result for result in results if isinstance(result, Exception)]
    assert item_of(meeting, change).outcome == "approved"
    assert set(Decision.objects.values_list("content_digest", flat=True)) == {item.seal}


@pytest.mark.django_db(transaction=True)
def test_one_member_twice_at_once_signs_once() -> None:
    world = board()
    change = high(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    signer = actor(world.members[0])
    results = at_once(*[approving(meeting, item, signer)] * 2)
    lost = [result for result in results if isinstance(result, Refused)]
    assert [{b.code for b in refusal.blockers} for refusal in lost] == [{"signed_already"}]
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_signature_and_an_edit_at_once_never_sign_unseen_content() -> None:
    world = board()
    change = high(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    signer, requester = actor(world.members[0]), actor(world.bank.requester)
    at_once(
        approving(meeting, item, signer),
        lambda: requests.edit_change(
            pk=change.pk, actor=requester, values={"backout_summary": "None at all."}
        ),
    )
    assert set(Decision.objects.values_list("content_digest", flat=True)) <= {item.seal}
    assert ChangeRequest.objects.get(pk=change.pk).state == "assessing"
