"""A meeting of the board from its plan to its minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.services.delegations import delegate_role
from apps.approvals.models import Decision
from apps.approvals.services.views import log_view
from apps.changes.domain.meeting import as_text, digest_of
from apps.changes.models import ChangeRequest, DocketItem
from apps.changes.policies import consent_blockers, consent_seal_of
from apps.changes.selectors import (
    current_meeting,
    minutes_of,
    records_of_assets,
    since_frozen,
    since_read,
)
from apps.changes.services import meetings, requests
from apps.core import clock
from apps.core.actor import system_actor
from apps.core.errors import Refused
from apps.evidence.models import EvidenceEntry
from tests.changes.meeting_worlds import (
    Board,
    approve,
    board,
    fresh,
    high,
    item_of,
    look_at,
    sign_block,
    take_up,
)
from tests.changes.worlds import sign, submitted
from tests.factories import actor, make_user
from tests.support import commit_now, refused

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def world() -> Board:
    return board()


def edited(world: Board, change: ChangeRequest) -> ChangeRequest:
    return requests.edit_change(
        pk=change.pk, actor=actor(world.bank.requester), values={"backout_summary": "None at all."}
    )


def state_of(item: DocketItem) -> tuple[str, str]:
    found = DocketItem.objects.get(pk=item.pk)
    return found.state, found.outcome


# Planning


def test_the_whole_board_is_invited_when_nobody_is_named(world: Board) -> None:
    meeting = world.planned()
    commit_now()
    assert {member.user for member in meeting.members.all()} == {world.chair, *world.members}


def test_the_chair_is_always_invited(world: Board) -> None:
    now = clock.now()
    meeting = meetings.plan_meeting(
        actor=actor(world.chair),
        values={"chair": world.chair, "starts_at": now, "cutoff_at": now},
        parts={"members": [{"user": world.members[0]}]},
    )
    assert meeting.members.count() == 2


def test_only_who_sits_on_the_board_is_invited_or_chairs(world: Board) -> None:
    outsider = make_user("outsider", "developer")
    with refused("invalid") as caught:
        world.planned(chair=outsider)
    assert caught.value.blockers[0].field == "chair"
    with refused("invalid") as caught:
        meetings.edit_meeting(
            pk=world.planned().pk,
            actor=actor(world.chair),
            values={},
            parts={"members": [{"user": outsider}]},
        )
    assert caught.value.blockers[0].field == "members"


def test_the_cut_off_is_not_after_the_start(world: Board) -> None:
    with refused("invalid"):
        world.planned(cutoff_at=clock.now() + timedelta(days=3))


def test_a_frozen_meeting_is_edited_no_more(world: Board) -> None:
    meeting = world.frozen()
    with refused("wrong_state"):
        meetings.edit_meeting(pk=meeting.pk, actor=actor(world.chair), values={"quorum": 1})


def test_a_cut_off_that_has_passed_stays_where_it_was(world: Board) -> None:
    meeting = world.planned()
    later = {"cutoff_at": meeting.cutoff_at + timedelta(hours=6)}
    meetings.edit_meeting(pk=meeting.pk, actor=actor(world.chair), values=later)
    with clock.at(later["cutoff_at"]):
        with refused("cutoff_passed"):
            meetings.edit_meeting(
                pk=meeting.pk, actor=actor(world.chair), values={"cutoff_at": clock.now() + DAY}
            )
        # A form sends the same moment again, to the second.
        same = later["cutoff_at"].replace(microsecond=0)
        values = {"cutoff_at": same, "place": "Room 5"}
        meetings.edit_meeting(pk=meeting.pk, actor=actor(world.chair), values=values)
        commit_now()
    assert (fresh(meeting).place, fresh(meeting).cutoff_at) == ("Room 5", same)


def test_a_developer_plans_no_meeting(world: Board) -> None:
    with refused("role_missing"):
        meetings.plan_meeting(actor=actor(world.bank.developer), values={})


# The docket


def test_freezing_puts_every_change_that_waits_for_the_board_on_the_docket(world: Board) -> None:
    waiting, small = high(world), submitted(world.bank)
    meeting = world.frozen()
    commit_now()
    item = item_of(meeting, waiting)
    assert (item.listed, item.state, item.seal) == ("docket", "open", waiting.fingerprint)
    assert item.sealed_version == waiting.evidence_seq
    assert item.groups == waiting.signed_content["groups"]
    assert not meeting.items.filter(change=small).exists()


def test_a_change_before_another_board_is_not_taken_twice(world: Board) -> None:
    change = high(world)
    world.frozen()
    assert not world.frozen().items.filter(change=change).exists()


def test_what_is_not_asked_any_more_leaves_the_docket_when_it_is_frozen(world: Board) -> None:
    change = high(world)
    meeting = world.on_docket(change)
    requests.return_to_draft(pk=change.pk, actor=actor(world.bank.manager), comment="Why now?")
    world.freeze(meeting)
    assert state_of(item_of(meeting, change)) == ("withdrawn", "")


def test_the_portal_freezes_at_the_cut_off_and_not_before(world: Board) -> None:
    meeting = world.planned()
    assert meetings.freeze_due_dockets() == 0
    with refused("before_cutoff"):
        meetings.freeze_docket(pk=meeting.pk, actor=system_actor("docket"))
    with clock.at(meeting.cutoff_at):
        assert meetings.freeze_due_dockets() == 1
        assert meetings.freeze_due_dockets() == 0
    assert fresh(meeting).state == "docket_frozen"


def test_a_change_that_the_policy_does_not_bring_is_referred_to_the_board(world: Board) -> None:
    change = submitted(world.bank)
    meeting = world.on_docket(change)
    world.freeze(meeting)
    sign(change, world.bank.owner)
    commit_now()
    assert item_of(meeting, change).listed == "consent"
    assert ChangeRequest.objects.get(pk=change.pk).state == "assessing"


def test_a_change_is_on_a_docket_once(world: Board) -> None:
    change = high(world)
    meeting = world.on_docket(change)
    with refused("duplicate"):
        meetings.add_item(pk=meeting.pk, actor=actor(world.chair), change=change.code)


def test_a_draft_comes_on_no_docket(world: Board) -> None:
    meeting = world.planned()
    change = high(world)
    requests.return_to_draft(pk=change.pk, actor=actor(world.bank.manager), comment="Why now?")
    with refused("wrong_state"):
        meetings.add_item(pk=meeting.pk, actor=actor(world.chair), change=change.code)


def test_what_comes_after_the_cut_off_waits_for_the_chair(world: Board) -> None:
    meeting = world.frozen()
    change = high(world)
    member = actor(world.members[0])
    meetings.add_item(pk=meeting.pk, actor=member, change=change.code)
    item = item_of(meeting, change)
    assert (item.listed, item.waits_for_chair, item.seal) == ("late", True, "")
    world.open(meeting)
    with refused("late_item"):
        meetings.take_up_item(pk=meeting.pk, actor=actor(world.chair), item=str(item.pk))
    with refused("role_missing"):
        meetings.accept_late_item(pk=meeting.pk, actor=member, item=str(item.pk))
    meetings.accept_late_item(pk=meeting.pk, actor=actor(world.chair), item=str(item.pk))
    item = take_up(world, meeting, change)
    assert (item.accepted_by, item.seal) == (world.chair, change.fingerprint)


def test_late_is_what_comes_after_the_cut_off_though_nobody_froze_the_docket(
    world: Board,
) -> None:
    meeting, change = world.planned(), high(world)
    with clock.at(meeting.cutoff_at + timedelta(minutes=1)):
        meetings.add_item(pk=meeting.pk, actor=actor(world.members[0]), change=change.code)
        assert item_of(meeting, change).listed == "late"
        world.freeze(meeting)
    assert item_of(meeting, change).listed == "late"


def test_what_was_asked_after_the_cut_off_is_late_however_late_the_freezing_is(
    world: Board,
) -> None:
    early, meeting = high(world), world.planned()
    added = submitted(world.bank)
    meetings.add_item(pk=meeting.pk, actor=actor(world.chair), change=added.code)
    edited_late = submitted(world.bank)
    meetings.add_item(pk=meeting.pk, actor=actor(world.chair), change=edited_late.code)
    with clock.at(meeting.cutoff_at + timedelta(minutes=1)):
        line = {"asset": world.bank.copybook, "action": "change", "from_version": "2"}
        requests.edit_change(
            pk=edited_late.pk, actor=actor(world.bank.requester), values={},
            parts={"assets": [line]},
        )  # fmt: skip
        asked_late = high(world)
    with clock.at(meeting.cutoff_at + timedelta(hours=2)):
        world.freeze(meeting)
    told = {item.change: item for item in fresh(meeting).items.all()}
    assert {change: item.listed for change, item in told.items()} == {
        early: "docket", added: "consent", edited_late: "late", asked_late: "late",
    }  # fmt: skip
    assert told[asked_late].waits_for_chair and told[asked_late].seal


def test_what_the_chair_adds_late_is_accepted(world: Board) -> None:
    meeting, change = world.frozen(), high(world)
    meetings.add_item(pk=meeting.pk, actor=actor(world.chair), change=change.code)
    assert item_of(meeting, change).accepted_by == world.chair


def test_an_item_in_time_needs_no_acceptance(world: Board) -> None:
    change = high(world)
    meeting = world.frozen()
    with refused("not_late"):
        meetings.accept_late_item(
            pk=meeting.pk, actor=actor(world.chair), item=str(item_of(meeting, change).pk)
        )


def test_an_item_is_taken_off_the_docket_with_a_reason(world: Board) -> None:
    change = high(world)
    meeting = world.frozen()
    item = item_of(meeting, change)
    with refused("required"):
        meetings.withdraw_item(pk=meeting.pk, actor=actor(world.chair), item=str(item.pk))
    meetings.withdraw_item(
        pk=meeting.pk, actor=actor(world.chair), item=str(item.pk), comment="Merged."
    )
    assert state_of(item) == ("withdrawn", "")


def test_an_item_of_another_docket_is_unknown_here(world: Board) -> None:
    change = high(world)
    item = item_of(world.frozen(), change)
    meeting = world.in_session()
    with refused("invalid"):
        meetings.take_up_item(pk=meeting.pk, actor=actor(world.chair), item=str(item.pk))


# The session


def test_the_last_signature_of_the_board_decides_the_item(world: Board) -> None:
    change = high(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    one, two = world.members
    approve(meeting, item, one)
    assert state_of(item) == ("open", "")
    approve(meeting, item, two)
    commit_now()
    assert state_of(item) == ("decided", "approved")
    assert set(Decision.objects.values_list("by", "content_digest")) == {
        (one.pk, item.seal),
        (two.pk, item.seal),
    }


def test_the_board_decides_its_own_question_only(world: Board) -> None:
    change = high(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    for member in world.members:
        approve(meeting, item, member)
    assert ChangeRequest.objects.get(pk=change.pk).state == "assessing"


def test_one_rejection_rejects(world: Board) -> None:
    change = high(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    meetings.reject_item(
        pk=meeting.pk, actor=actor(world.members[0]), item=str(item.pk), seal=item.seal,
        comment="No way back.",
    )  # fmt: skip
    assert state_of(item) == ("decided", "rejected")
    assert ChangeRequest.objects.get(pk=change.pk).state == "rejected"


def test_conditions_are_said(world: Board) -> None:
    change = high(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    call = {"pk": meeting.pk, "actor": actor(world.members[0]), "item": str(item.pk),
            "seal": item.seal}  # fmt: skip
    with refused("required"):
        meetings.approve_item_with_conditions(**call)
    meetings.approve_item_with_conditions(**call, comment="After the month end.")
    approve(meeting, item, world.members[1])
    assert state_of(item) == ("decided", "approved_with_conditions")


def test_an_item_that_is_not_up_is_not_decided(world: Board) -> None:
    change = high(world)
    meeting = world.in_session()
    with refused("not_taken_up"):
        approve(meeting, item_of(meeting, change), world.members[0])


def test_nobody_decides_before_the_session(world: Board) -> None:
    change = high(world)
    meeting = world.frozen()
    with refused() as caught:
        approve(meeting, item_of(meeting, change), world.members[0])
    assert {"wrong_state", "not_present", "no_quorum", "not_taken_up"} <= {
        blocker.code for blocker in caught.value.blockers
    }


def test_who_decides_for_a_member_takes_their_seat(world: Board) -> None:
    away, deputy = world.members[0], make_user("deputy")
    delegate_role(actor=actor(away), delegate=deputy, role="cab_member", reason="Holidays",
                  ends_at=clock.now() + timedelta(days=5))  # fmt: skip
    change = high(world)
    meeting = meetings.plan_meeting(
        actor=actor(world.chair),
        values={"chair": world.chair, "starts_at": clock.now() + timedelta(days=2),
                "cutoff_at": clock.now() + timedelta(days=1)},
        parts={"members": [{"user": deputy}]},
    )  # fmt: skip
    world.freeze(meeting)
    meetings.start_session(pk=meeting.pk, actor=actor(world.chair))
    meetings.arrive(pk=meeting.pk, actor=actor(deputy))
    approve(meeting, take_up(world, meeting, change), deputy)
    decision = Decision.objects.get()
    assert (decision.by, decision.on_behalf_of) == (deputy, away)


def test_a_member_and_who_stands_in_for_them_count_once(world: Board) -> None:
    member, deputy = world.members[0], make_user("deputy")
    delegate_role(actor=actor(member), delegate=deputy, role="cab_member", reason="Holidays",
                  ends_at=clock.now() + timedelta(days=5))  # fmt: skip
    change = high(world)
    meeting = meetings.plan_meeting(
        actor=actor(world.chair),
        values={"chair": world.chair, "starts_at": clock.now() + timedelta(days=2),
                "cutoff_at": clock.now() + timedelta(days=1), "quorum": 3},
        parts={"members": [{"user": member}, {"user": deputy}, {"user": world.members[1]}]},
    )  # fmt: skip
    world.freeze(meeting)
    meetings.start_session(pk=meeting.pk, actor=actor(world.chair))
    for person in (member, deputy):
        meetings.arrive(pk=meeting.pk, actor=actor(person))
    item = take_up(world, meeting, change)
    with refused("no_quorum") as caught:
        approve(meeting, item, member)
    assert "2 of the 3 seats" in str(caught.value)  # type: ignore[attr-defined]
    meetings.arrive(pk=meeting.pk, actor=actor(world.members[1]))
    approve(meeting, item, member)
    assert "Quorum: met, 3 seats filled" in as_text(minutes_of(fresh(meeting)))


def test_without_quorum_nothing_is_decided_but_put_off(world: Board) -> None:
    change = high(world)
    meeting = world.in_session(quorum=3)
    item = take_up(world, meeting, change)
    meetings.leave(pk=meeting.pk, actor=actor(world.members[1]))
    with refused("no_quorum"):
        approve(meeting, item, world.members[0])
    meetings.defer_item(
        pk=meeting.pk, actor=actor(world.chair), item=str(item.pk), comment="No quorum."
    )
    assert state_of(item) == ("deferred", "")


def test_who_is_not_there_does_not_decide(world: Board) -> None:
    change = high(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    meetings.leave(pk=meeting.pk, actor=actor(world.members[1]))
    with refused("not_present"):
        approve(meeting, item, world.members[1])


def test_a_member_speaks_for_their_own_presence_the_chair_for_everybodys(world: Board) -> None:
    meeting = world.frozen()
    one, two = world.members
    with refused("role_missing"):
        meetings.arrive(pk=meeting.pk, actor=actor(one), member=str(two.pk))
    meetings.arrive(pk=meeting.pk, actor=actor(world.chair), member=str(two.pk))
    assert [m.user for m in fresh(meeting).members.all() if m.is_present] == [two]


def test_a_recused_member_neither_decides_nor_counts(world: Board) -> None:
    change = high(world)
    meeting = world.in_session(quorum=3)
    item = take_up(world, meeting, change)
    one, two = world.members
    with refused("required"):
        meetings.recuse(pk=meeting.pk, actor=actor(one), item=str(item.pk))
    meetings.recuse(pk=meeting.pk, actor=actor(one), item=str(item.pk), comment="My own team.")
    with refused() as caught:
        approve(meeting, item, one)
    assert {"recused", "no_quorum"} <= {blocker.code for blocker in caught.value.blockers}
    with refused("no_quorum"):
        approve(meeting, item, two)
    with refused("recused"):
        meetings.recuse(pk=meeting.pk, actor=actor(one), item=str(item.pk), comment="Again.")


def test_an_edit_after_the_freezing_keeps_the_item_from_the_frozen_paper(world: Board) -> None:
    change = high(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    edited(world, change)
    with refused("edited_since"):
        approve(meeting, item, world.members[0])
    told = since_frozen(item_of(meeting, change))
    assert [difference.what for difference in told] == ["backout"]
    assert Decision.objects.count() == 0


def test_the_chair_takes_the_new_content_as_a_late_item(world: Board) -> None:
    change = high(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    edited(world, change)
    with refused("role_missing"):
        meetings.accept_late_item(pk=meeting.pk, actor=actor(world.members[0]), item=str(item.pk))
    meetings.accept_late_item(pk=meeting.pk, actor=actor(world.chair), item=str(item.pk))
    accepted = item_of(meeting, change)
    assert accepted.listed == "late" and accepted.seal != item.seal
    with refused("wrong_seal"):
        approve(meeting, item, world.members[0])
    approve(meeting, accepted, world.members[0])


def test_the_timer_adds_up_while_items_are_taken_in_turn(world: Board) -> None:
    first, second = high(world), high(world)
    meeting = world.in_session()
    now = clock.now()
    with clock.at(now):
        take_up(world, meeting, first)
    with clock.at(now + timedelta(seconds=90)):
        take_up(world, meeting, second)
    with clock.at(now + timedelta(seconds=100)):
        take_up(world, meeting, first)
    assert item_of(meeting, first).seconds_spent == 90
    assert item_of(meeting, second).seconds_spent == 10
    assert [item.change for item in fresh(meeting).items.all() if item.is_up] == [first]


def test_a_decision_through_the_meeting_needs_a_fresh_proof_of_identity(world: Board) -> None:
    from apps.accounts.selectors import actor_for

    change = high(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    with refused("step_up_needed"):
        meetings.approve_item(
            pk=meeting.pk, actor=actor_for(world.members[0]), item=str(item.pk), seal=item.seal
        )


def test_a_member_who_wrote_the_change_does_not_decide_it(world: Board) -> None:
    one, _ = world.members
    change = high(world, author=one)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    with refused("separation_of_duties"):
        approve(meeting, item, one)


def test_nobody_decides_twice(world: Board) -> None:
    change = high(world)
    meeting = world.in_session()
    item = take_up(world, meeting, change)
    approve(meeting, item, world.members[0])
    with refused("signed_already"):
        approve(meeting, item, world.members[0])


def test_a_refusal_at_the_meeting_leaves_nothing_but_itself(world: Board) -> None:
    change = high(world)
    meeting = world.in_session()
    before = EvidenceEntry.objects.exclude(action="access.refused").count()
    with refused("not_taken_up"):
        approve(meeting, item_of(meeting, change), world.members[0])
    assert EvidenceEntry.objects.exclude(action="access.refused").count() == before
    told = EvidenceEntry.objects.filter(action="access.refused").latest("id")
    assert told.about == meeting.subject


# The consent block


def block_of(world: Board, count: int = 2) -> list[ChangeRequest]:
    """Low-risk changes that come before the board of the next meeting."""
    return [submitted(world.bank) for _ in range(count)]


def with_block(world: Board, changes: list[ChangeRequest]) -> object:
    meeting = world.planned()
    for change in changes:
        meetings.add_item(pk=meeting.pk, actor=actor(world.chair), change=change.code)
    return world.open(world.freeze(meeting))


def test_the_consent_block_is_one_decision(world: Board) -> None:
    changes = block_of(world)
    meeting = with_block(world, changes)
    sign_block(meeting, world.members[0])
    commit_now()
    assert [state_of(item_of(meeting, change)) for change in changes] == [
        ("decided", "approved")
    ] * 2
    assert Decision.objects.filter(by=world.members[0], verdict="approve").count() == 2
    with refused("no_consent_block"):
        sign_block(meeting, world.members[1])


def test_an_item_of_the_block_is_not_decided_alone(world: Board) -> None:
    (change,) = block_of(world, 1)
    meeting = with_block(world, [change])
    item = take_up(world, meeting, change)
    with refused("in_consent_block"):
        approve(meeting, item, world.members[0])


def test_anybody_of_the_board_pulls_an_item_out_of_the_block(world: Board) -> None:
    left, pulled = changes = block_of(world)
    meeting = with_block(world, changes)
    item = item_of(meeting, pulled)
    meetings.pull_item(
        pk=meeting.pk, actor=actor(world.members[1]), item=str(item.pk), comment="Month end."
    )
    sign_block(meeting, world.members[0])
    assert state_of(item_of(meeting, left)) == ("decided", "approved")
    assert state_of(item) == ("pulled", "")
    approve(meeting, take_up(world, meeting, pulled), world.members[0])
    assert state_of(item) == ("decided", "approved")


def test_the_block_is_signed_whole_or_not_at_all(world: Board) -> None:
    fine, other = changes = block_of(world)
    meeting = with_block(world, changes)
    edited(world, other)
    with refused("edited_since"):
        sign_block(meeting, world.members[0])
    assert Decision.objects.count() == 0
    assert state_of(item_of(meeting, fine)) == ("open", "")


def test_each_refusal_of_the_block_names_its_change(world: Board) -> None:
    member = world.members[0]
    changes = [submitted(world.bank, author=member) for _ in range(2)]
    meeting = with_block(world, changes)
    with refused("separation_of_duties") as caught:
        sign_block(meeting, member)
    texts = [blocker.text for blocker in caught.value.blockers]
    assert len(texts) == 2
    assert all(change.code in " ".join(texts) for change in changes)


def test_a_block_that_somebody_else_saw_is_not_signed(world: Board) -> None:
    first, second = changes = block_of(world)
    meeting = with_block(world, changes)
    look_at(first, world.members[0])
    seen = consent_seal_of([i for i in fresh(meeting).items.all() if i.in_consent_block])
    meetings.pull_item(
        pk=meeting.pk, actor=actor(world.members[1]), item=str(item_of(meeting, second).pk)
    )
    with refused("wrong_seal"):
        meetings.sign_consent_block(pk=meeting.pk, actor=actor(world.members[0]), seal=seen)


def test_who_signs_the_block_has_opened_each_change_of_it_since_signing_in(world: Board) -> None:
    read, unread = changes = block_of(world)
    meeting, member = with_block(world, changes), world.members[0]
    block = [item for item in fresh(meeting).items.all() if item.in_consent_block]
    look_at(read, member)
    with refused("not_opened") as caught:
        meetings.sign_consent_block(pk=meeting.pk, actor=actor(member), seal=consent_seal_of(block))
    (reason,) = caught.value.blockers
    assert reason.text.startswith(f"You have not opened {unread.code}")
    assert not Decision.objects.exists()


def test_what_became_riskier_leaves_the_block_to_its_own_decision(
    world: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    (change,) = block_of(world, 1)
    meeting, member = with_block(world, [change]), world.members[0]
    (item,) = fresh(meeting).items.all()
    look_at(change, member)
    monkeypatch.setattr("apps.changes.domain.meeting.CONSENT_BANDS", ())
    with refused("not_for_consent"):
        meetings.sign_consent_block(
            pk=meeting.pk, actor=actor(member), seal=consent_seal_of([item])
        )


def test_what_became_riskier_is_told_once(world: Board) -> None:
    (change,) = block_of(world, 1)
    meeting, member = with_block(world, [change]), world.members[0]
    look_at(change, member)
    item = fresh(meeting).items.select_related("change").get()
    item.change.risk_band = "high"
    told = consent_blockers(actor(member), fresh(meeting), [item])
    assert [blocker.code for blocker in told] == ["not_for_consent"]


def test_what_was_opened_before_signing_in_again_is_read_again(world: Board) -> None:
    (change,) = block_of(world, 1)
    meeting, member = with_block(world, [change]), world.members[0]
    (item,) = fresh(meeting).items.all()
    look_at(change, member)
    again = replace(actor(member), signed_in_at=timezone.now())
    with refused("not_opened"):
        meetings.sign_consent_block(pk=meeting.pk, actor=again, seal=consent_seal_of([item]))


# The end


def test_the_minutes_equal_the_decisions(world: Board) -> None:
    decided, put_off, unreached = high(world), high(world), high(world)
    meeting = world.in_session()
    one, two = world.members
    item = take_up(world, meeting, decided)
    approve(meeting, item, one)
    meetings.approve_item_with_conditions(
        pk=meeting.pk, actor=actor(two), item=str(item.pk), seal=item.seal, comment="Not on Friday."
    )
    meetings.defer_item(
        pk=meeting.pk, actor=actor(world.chair), item=str(item_of(meeting, put_off).pk),
        comment="No test yet.",
    )  # fmt: skip
    meetings.close_session(pk=meeting.pk, actor=actor(world.chair))
    commit_now()
    meeting = fresh(meeting)
    assert state_of(item_of(meeting, unreached)) == ("deferred", "")
    told = {line.code: line for line in minutes_of(meeting).items}
    assert told[decided.code].outcome == "approved_with_conditions"
    given = Decision.objects.order_by("decided_at").values_list("by__username", "comment")
    assert [(vote.who, vote.comment) for vote in told[decided.code].votes] == list(given)
    assert told[put_off.code].reason == "No test yet."
    assert told[unreached.code].reason == "Not reached."
    assert digest_of(meeting.minutes_text) == meeting.minutes_sha256
    entry = EvidenceEntry.objects.get(subject=meeting.subject, seq=meeting.evidence_seq)
    assert meeting.minutes_sha256.encode() in bytes(entry.body)


def test_the_minutes_do_not_change_with_what_happens_later(world: Board) -> None:
    from apps.changes.domain.meeting import as_text

    change = high(world)
    meeting = world.in_session()
    meetings.close_session(pk=meeting.pk, actor=actor(world.chair))
    with clock.at(clock.now() + timedelta(hours=1)):
        sign(change, world.members[0])
    meeting = fresh(meeting)
    assert as_text(minutes_of(meeting)) == meeting.minutes_text


def test_what_was_signed_outside_of_the_session_is_told_as_that(world: Board) -> None:
    change = high(world)
    meeting = world.in_session()
    sign(change, *world.members)
    meetings.close_session(pk=meeting.pk, actor=actor(world.chair))
    item = item_of(meeting, change)
    assert (item.state, item.outcome) == ("decided", "approved")
    assert item.reason == "Decided outside of the session."


def test_what_is_put_off_comes_before_the_next_meeting_by_itself(world: Board) -> None:
    change = high(world)
    meeting = world.in_session()
    meetings.close_session(pk=meeting.pk, actor=actor(world.chair))
    assert world.frozen().items.filter(change=change, state="open").exists()


def test_a_cancelled_meeting_leaves_its_items_to_the_next(world: Board) -> None:
    change = high(world)
    meeting = world.frozen()
    with refused("required"):
        meetings.cancel_meeting(pk=meeting.pk, actor=actor(world.chair))
    meetings.cancel_meeting(pk=meeting.pk, actor=actor(world.chair), comment="Storm.")
    assert fresh(meeting).state == "cancelled"
    assert world.frozen().items.filter(change=change).exists()


def test_a_session_is_not_cancelled(world: Board) -> None:
    meeting = world.in_session()
    with pytest.raises(Refused, match="in session"):
        meetings.cancel_meeting(pk=meeting.pk, actor=actor(world.chair), comment="Storm.")


# What people read


def test_the_meeting_to_show_is_the_one_in_session_then_the_next(world: Board) -> None:
    assert current_meeting() is None
    later = world.planned(starts_at=clock.now() + timedelta(days=9))
    assert current_meeting() == later
    running = world.in_session()
    assert current_meeting() == running


def test_a_reader_is_told_what_differs_from_the_content_they_read(world: Board) -> None:
    change, reader = high(world), world.members[0]
    assert since_read(change, reader.pk) is None
    look_at(change, reader)
    change = edited(world, change)
    told = since_read(change, reader.pk)
    assert told is not None
    assert [difference.what for difference in told.differences] == ["backout"]
    look_at(change, reader)
    assert since_read(change, reader.pk) == told


def test_what_a_draft_was_meanwhile_hides_nothing_of_what_was_read(world: Board) -> None:
    change, reader = high(world), world.members[0]
    look_at(change, reader)
    log_view(about=change.subject, content_digest="d" * 64, actor=actor(reader))
    change = edited(world, change)
    told = since_read(change, reader.pk)
    assert told is not None
    assert [difference.what for difference in told.differences] == ["backout"]


def test_a_scope_that_was_never_changed_has_no_record(world: Board) -> None:
    assert records_of_assets(high(world)) == []
