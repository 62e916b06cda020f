"""Emergencies before the board: ratified in a meeting, by somebody independent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from apps.accounts.models import User
from apps.accounts.services.people import grant_role
from apps.changes.models import CabMeeting, ChangeRequest, DocketItem
from apps.changes.selectors import minutes_of, refused_ratification
from apps.changes.services import emergency as emergencies
from apps.changes.services import meetings, requests
from apps.core import clock
from tests.changes.meeting_worlds import Board, approve, board, fresh, item_of, sign_block, take_up
from tests.changes.test_standard import tell
from tests.changes.worlds import sign, submitted
from tests.factories import SETUP, actor, make_user
from tests.support import commit_now, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Board:
    return board()


def emergency(world: Board, *signers: User) -> ChangeRequest:
    """One on which the work has ended; the owner and the manager on duty allowed it."""
    change = submitted(world.bank, change_type="emergency", incident_ref="INC0098213")
    change = sign(change, *(signers or (world.bank.owner, make_user("duty", "release_manager"))))
    tell("start", change)
    tell("complete", change)
    return ChangeRequest.objects.get(pk=change.pk)


def ratify(meeting: CabMeeting, item: DocketItem, who: User, comment: str = "Right.") -> CabMeeting:
    return meetings.ratify_item(
        pk=meeting.pk, actor=actor(who), item=str(item.pk), seal=item.seal, comment=comment
    )


def told(item: DocketItem) -> tuple[str, str, str]:
    found = DocketItem.objects.get(pk=item.pk)
    return found.asks, found.state, found.outcome


def test_it_comes_onto_the_next_docket_by_itself_and_never_into_the_block(world: Board) -> None:
    change = emergency(world)
    (item,) = world.frozen().items.all()
    assert change.risk_band == "low"
    assert (item.change, item.asks, item.listed) == (change, "ratification", "docket")
    assert item.seal == change.fingerprint


def test_what_another_frozen_docket_holds_comes_onto_no_second(world: Board) -> None:
    emergency(world)
    world.frozen()
    assert not world.frozen().items.exists()


def test_the_board_ratifies_it_in_its_session(world: Board) -> None:
    change = emergency(world)
    meeting, member = world.in_session(), world.members[0]
    item = take_up(world, meeting, change)
    ratify(meeting, item, member)
    commit_now()
    change = ChangeRequest.objects.get(pk=change.pk)
    assert (change.ratified_by, change.awaits_ratification) == (member, False)
    assert told(item) == ("ratification", "decided", "ratified")
    (line,) = minutes_of(fresh(meeting)).items
    assert [(vote.who, vote.verdict) for vote in line.votes] == [(str(member), "ratified")]
    assert not world.frozen().items.exists()


def test_it_is_not_approved_again(world: Board) -> None:
    change = emergency(world)
    meeting = world.in_session()
    with refused("other_question"):
        approve(meeting, take_up(world, meeting, change), world.members[0])


def test_what_is_asked_to_be_approved_is_not_ratified(world: Board) -> None:
    change = submitted(world.bank)
    meeting = world.open(world.freeze(world.on_docket(change)))
    item = item_of(meeting, change)
    meetings.pull_item(pk=meeting.pk, actor=actor(world.chair), item=str(item.pk))
    with refused("other_question"):
        ratify(meeting, take_up(world, meeting, change), world.members[0])


def test_it_is_taken_up_first_and_the_finding_is_said(world: Board) -> None:
    change = emergency(world)
    meeting = world.in_session()
    with refused("not_taken_up", "required"):
        ratify(meeting, item_of(meeting, change), world.members[0], comment="")


def test_a_ratification_needs_a_fresh_proof_of_identity(world: Board) -> None:
    change = emergency(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    stale = replace(actor(world.members[0]), auth_at=None)
    with refused("step_up_needed"):
        meetings.ratify_item(
            pk=meeting.pk, actor=stale, item=str(item.pk), seal=item.seal, comment="Right."
        )
    with refused("step_up_needed"):
        requests.ratify(pk=change.pk, actor=stale, comment="Right.")


def test_who_allowed_the_emergency_does_not_ratify_it(world: Board) -> None:
    with clock.at(clock.now() - timedelta(days=2)):
        grant_role(actor=SETUP, user=world.chair, role="service_owner", scope="application:CARD")
    change = emergency(world, world.bank.owner, world.chair)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    with refused("separation_of_duties"):
        ratify(meeting, item, world.chair)
    ratify(meeting, item, world.members[0])


def test_what_ended_after_the_freeze_is_late_until_the_chair_takes_it(world: Board) -> None:
    meeting = world.in_session()
    change = emergency(world)
    member = world.members[0]
    meetings.add_item(pk=meeting.pk, actor=actor(member), change=change.code)
    item = item_of(meeting, change)
    assert (item.asks, item.listed, item.waits_for_chair) == ("ratification", "late", True)
    with refused("late_item", "not_taken_up"):
        ratify(meeting, item, member)
    meetings.accept_late_item(pk=meeting.pk, actor=actor(world.chair), item=str(item.pk))
    ratify(meeting, take_up(world, meeting, change), member)
    assert told(item) == ("ratification", "decided", "ratified")


def test_what_ended_between_the_cut_off_and_the_freezing_is_late(world: Board) -> None:
    before, meeting = emergency(world), world.planned()
    with clock.at(meeting.cutoff_at + timedelta(minutes=1)):
        after = emergency(world, world.bank.owner, make_user("other.duty", "release_manager"))
        world.freeze(meeting)
    assert item_of(meeting, before).listed == "docket"
    assert item_of(meeting, after).waits_for_chair


def test_the_board_says_at_its_docket_that_it_does_not_ratify(world: Board) -> None:
    change = emergency(world)
    meeting, member = world.in_session(), world.members[0]
    item = take_up(world, meeting, change)
    values = {"pk": meeting.pk, "actor": actor(member), "item": str(item.pk), "seal": item.seal}
    with refused("required"):
        meetings.refuse_to_ratify_item(**values)
    meetings.refuse_to_ratify_item(**values, comment="Nobody has shown the totals.")
    commit_now()
    assert told(item) == ("ratification", "decided", "not_ratified")
    refusal = refused_ratification(ChangeRequest.objects.get(pk=change.pk))
    assert refusal is not None and refusal.actor_id == member.pk
    (line,) = minutes_of(fresh(meeting)).items
    assert [(vote.who, vote.verdict) for vote in line.votes] == [(str(member), "did not ratify")]
    # It is owed still: the next meeting has it again, and may ratify it.
    meetings.close_session(pk=meeting.pk, actor=actor(world.chair))
    assert world.frozen().items.filter(change=change, asks="ratification").exists()
    requests.ratify(pk=change.pk, actor=actor(member), comment="Now it is shown.")
    (line,) = minutes_of(fresh(meeting)).items
    assert [vote.verdict for vote in line.votes] == ["did not ratify"]


def test_refused_elsewhere_it_is_decided_at_the_close(world: Board) -> None:
    change = emergency(world)
    meeting = world.in_session()
    emergencies.refuse_ratification(
        pk=change.pk, actor=actor(world.members[0]), comment="The totals are not shown."
    )
    meetings.close_session(pk=meeting.pk, actor=actor(world.chair))
    assert told(item_of(meeting, change)) == ("ratification", "decided", "not_ratified")


def test_put_off_it_comes_before_the_next_meeting(world: Board) -> None:
    change = emergency(world)
    meeting = world.in_session()
    meetings.close_session(pk=meeting.pk, actor=actor(world.chair))
    assert told(item_of(meeting, change)) == ("ratification", "deferred", "")
    assert world.frozen().items.filter(change=change, asks="ratification").exists()


def test_ratified_elsewhere_it_is_decided_at_the_close(world: Board) -> None:
    change = emergency(world)
    meeting = world.in_session()
    requests.ratify(pk=change.pk, actor=actor(world.members[0]), comment="It was right.")
    meetings.close_session(pk=meeting.pk, actor=actor(world.chair))
    assert told(item_of(meeting, change)) == ("ratification", "decided", "ratified")


def test_who_steps_back_from_a_ratification_does_not_give_it(world: Board) -> None:
    change = emergency(world)
    meeting, member = world.in_session(), world.members[0]
    item = take_up(world, meeting, change)
    meetings.recuse(pk=meeting.pk, actor=actor(member), item=str(item.pk), comment="My team.")
    with refused("recused"):
        ratify(meeting, item, member)
    ratify(meeting, item, world.members[1])


def test_the_consent_block_does_not_ratify(world: Board) -> None:
    emergency(world)
    with refused("no_consent_block"):
        sign_block(world.in_session(), world.members[0])
