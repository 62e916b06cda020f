"""The session of the board: who is there, what is up, what is decided, and the minutes.

A signature goes through the door of the change's own decision, in the same transaction as the
line of the docket; nothing here writes a signature.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db import transaction

from apps.approvals.models import Approval
from apps.changes import events
from apps.changes.domain import lifecycle
from apps.changes.domain import meeting as life
from apps.changes.domain.meeting import as_text, digest_of
from apps.changes.models import (
    CabMeeting,
    ChangeRequest,
    DocketItem,
    MeetingMember,
    Recusal,
)
from apps.changes.policies import (
    attendance_blockers,
    attends_blockers,
    close_session_blockers,
    consent_blockers,
    consent_only_blockers,
    defer_item_blockers,
    item_blockers,
    pull_item_blockers,
    question_blockers,
    recuse_from_item_blockers,
    recused_already_blockers,
    session_blockers,
    settled_blockers,
    start_session_blockers,
    take_up_blockers,
    vote_blockers,
)
from apps.changes.selectors import board_slots, minutes_of, refusals_in
from apps.changes.services import decisions, emergency, requests
from apps.changes.services.meetings.docket import (
    REASON_MAX,
    item_of,
    items_of,
    lock_meeting,
    member_blockers,
    record_item,
    record_meeting,
    settle,
    stop_timer,
)
from apps.changes.services.meetings.planning import REFERRAL
from apps.changes.services.requests import comment_blockers
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import tidy
from apps.evidence.services.door import door, within

Signing = Callable[..., ChangeRequest]
ELSEWHERE = "Decided outside of the session."


@door("meeting")
def start_session(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Open the session; who opens it is there."""
    meeting = lock_meeting(pk, expected_seq)
    refuse_if_any(start_session_blockers(actor, meeting))
    MeetingMember.objects.update_or_create(
        meeting=meeting, user_id=actor.user_id, defaults={"is_present": True}
    )
    meeting.start()
    meeting.started_at = clock.now()
    return record_meeting(meeting, actor=actor, event=events.SESSION_STARTED, comment=comment)


@door("meeting")
def arrive(
    *, pk: UUID, actor: Actor, member: str = "", expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Record that `member` (a key; empty: the actor) is there."""
    return _attend(pk, actor, member, expected_seq, comment, is_present=True)


@door("meeting")
def leave(
    *, pk: UUID, actor: Actor, member: str = "", expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Record that `member` (a key; empty: the actor) is not there any more."""
    return _attend(pk, actor, member, expected_seq, comment, is_present=False)


@door("meeting")
def take_up_item(
    *, pk: UUID, actor: Actor, item: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Start the timer of an item, and stop that of the one before."""
    meeting = lock_meeting(pk, expected_seq)
    line = item_of(meeting, item)
    refuse_if_any([*take_up_blockers(actor, meeting), *item_blockers(line)])
    _put_down(meeting)
    line.taken_up_at = clock.now()
    line.save(force_update=True)
    return record_item(meeting, line, actor, events.ITEM_TAKEN_UP, comment)


@door("meeting")
def approve_item(
    *,
    pk: UUID,
    actor: Actor,
    item: str,
    seal: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> CabMeeting:
    """Sign the item that is up in favour, on the content with this `seal`.

    The last signature that the board owes decides the item.
    """
    return _sign_item(pk, actor, decisions.approve, item, seal, expected_seq, comment)


@door("meeting")
def approve_item_with_conditions(
    *,
    pk: UUID,
    actor: Actor,
    item: str,
    seal: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> CabMeeting:
    """Sign in favour; the comment says the conditions."""
    signing = decisions.approve_with_conditions
    return _sign_item(pk, actor, signing, item, seal, expected_seq, comment)


@door("meeting")
def reject_item(
    *,
    pk: UUID,
    actor: Actor,
    item: str,
    seal: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> CabMeeting:
    """Sign against it, with the reason."""
    return _sign_item(pk, actor, decisions.reject, item, seal, expected_seq, comment)


@door("meeting")
def ratify_item(
    *,
    pk: UUID,
    actor: Actor,
    item: str,
    seal: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> CabMeeting:
    """Accept for the board what an emergency did; the comment is its finding."""
    return _judge_item(pk, actor, requests.ratify, item, seal, expected_seq, comment)


@door("meeting")
def refuse_to_ratify_item(
    *,
    pk: UUID,
    actor: Actor,
    item: str,
    seal: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> CabMeeting:
    """The board does not accept what an emergency did; the comment says what is missing.

    It stays owed, overdue from now on, and comes before the next meeting by itself.
    """
    refusing = emergency.refuse_ratification
    return _judge_item(pk, actor, refusing, item, seal, expected_seq, comment)


@door("meeting")
def defer_item(
    *, pk: UUID, actor: Actor, item: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Put an item off, with the reason; it comes before the next meeting by itself."""
    meeting = lock_meeting(pk, expected_seq)
    line = item_of(meeting, item)
    refuse_if_any(
        [
            *defer_item_blockers(actor, meeting),
            *settled_blockers(line),
            *comment_blockers(comment, longest=REASON_MAX),
        ]
    )
    settle(line, life.DEFERRED, reason=comment)
    return record_item(meeting, line, actor, events.ITEM_DEFERRED, comment)


@door("meeting")
def pull_item(
    *, pk: UUID, actor: Actor, item: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Take an item out of the consent block: it is discussed like any other."""
    meeting = lock_meeting(pk, expected_seq)
    line = item_of(meeting, item)
    refuse_if_any([*pull_item_blockers(actor, meeting), *consent_only_blockers(line)])
    line.state = life.PULLED
    line.reason = tidy(comment)[:REASON_MAX]
    line.save(force_update=True)
    return record_item(meeting, line, actor, events.ITEM_PULLED, comment)


@door("meeting")
def sign_consent_block(
    *, pk: UUID, actor: Actor, seal: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Sign every item of the consent block in favour, or none: each refusal is told.

    `seal` is that of the whole block, as the page showed it.
    """
    meeting = lock_meeting(pk, expected_seq)
    block = [item for item in items_of(meeting) if item.in_consent_block]
    refuse_if_any(
        [
            *session_blockers(actor, meeting),
            *consent_blockers(actor, meeting, block, seal),
            *step_up_blockers(actor),
        ]
    )
    refused: list[Blocker] = []
    for item in sorted(block, key=lambda line: str(line.change_id)):
        try:
            with transaction.atomic():
                _sign(item, actor, decisions.approve, comment)
        except Refused as refusal:
            refused += [_of_item(item, blocker) for blocker in refusal.blockers]
    refuse_if_any(refused)
    return record_meeting(
        meeting, actor=actor, event=events.CONSENT_SIGNED, comment=comment, seal=seal
    )


@door("meeting")
def recuse(
    *, pk: UUID, actor: Actor, item: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Take no part in one item, with the reason; for its quorum one is not there."""
    meeting = lock_meeting(pk, expected_seq)
    line = item_of(meeting, item)
    refuse_if_any(
        [
            *recuse_from_item_blockers(actor, meeting),
            *settled_blockers(line),
            *recused_already_blockers(line, actor),
            *comment_blockers(comment, longest=REASON_MAX),
            *(step_up_blockers(actor) if line.is_ratification else ()),
        ]
    )
    if not line.is_ratification:
        within(decisions.recuse)(
            pk=line.change_id, actor=actor, expected_seq=line.change.evidence_seq, comment=comment
        )
    Recusal.objects.create(meeting=meeting, item=line, user_id=actor.user_id, reason=tidy(comment))
    return record_item(meeting, line, actor, events.ITEM_RECUSED, comment)


@door("meeting")
def close_session(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """End the session and keep its minutes; what was not reached is deferred."""
    meeting = lock_meeting(pk, expected_seq)
    refuse_if_any(close_session_blockers(actor, meeting))
    _put_down(meeting)
    left = [item for item in items_of(meeting) if item.is_unsettled]
    now, slots = clock.now(), board_slots(left)
    refused = refusals_in(meeting, left, now)
    for item in left:
        _settle_unreached(item, slots[item.pk], is_refused=item.change_id in refused)
    meeting.close()
    meeting.ended_at = now
    meeting.minutes_text = as_text(minutes_of(meeting))
    meeting.minutes_sha256 = digest_of(meeting.minutes_text)
    return record_meeting(meeting, actor=actor, event=events.MEETING_CLOSED, comment=comment)


def _settle_unreached(item: DocketItem, slot: Approval | None, *, is_refused: bool) -> None:
    """An item that the session left: answered elsewhere, not asked any more, or put off.
    `is_refused`: the board said since the freezing that it does not ratify it."""
    if item.is_ratification and item.change.ratified_at is not None:
        settle(item, life.DECIDED, outcome=life.RATIFIED, reason=ELSEWHERE)
    elif item.is_ratification and is_refused:
        settle(item, life.DECIDED, outcome=life.NOT_RATIFIED, reason=ELSEWHERE)
    elif slot is not None and slot.state in (*Approval.SATISFIED, Approval.State.REJECTED):
        settle(item, life.DECIDED, outcome=slot.state, reason=ELSEWHERE)
    elif item.is_ratification or item.change.state == lifecycle.ASSESSING:
        settle(item, life.DEFERRED, reason="Not reached.")
    else:
        settle(item, life.WITHDRAWN, reason="The board is not asked about it any more.")


def _put_down(meeting: CabMeeting) -> None:
    for item in DocketItem.objects.filter(meeting=meeting, taken_up_at__isnull=False):
        stop_timer(item, clock.now())
        item.save(force_update=True)


def _asked(
    pk: UUID,
    actor: Actor,
    key: str,
    seal: str,
    expected_seq: int | None,
    question: str,
    more: Iterable[Blocker] = (),
) -> tuple[CabMeeting, DocketItem]:
    """The locked meeting with the item that the actor answers for the board now, or Refused with
    every reason against that, `more` among them."""
    meeting = lock_meeting(pk, expected_seq)
    item = item_of(meeting, key)
    refuse_if_any(
        [
            *session_blockers(actor, meeting),
            *vote_blockers(actor, meeting, item, seal),
            *question_blockers(actor, item, question),
            *more,
            *step_up_blockers(actor),
        ]
    )
    return meeting, item


def _judge_item(
    pk: UUID,
    actor: Actor,
    judging: Signing,
    key: str,
    seal: str,
    expected_seq: int | None,
    comment: str,
) -> CabMeeting:
    """Answer for the board whether it ratifies, through the change's own door."""
    meeting, line = _asked(
        pk, actor, key, seal, expected_seq, life.RATIFICATION, comment_blockers(comment)
    )
    change = within(judging)(
        pk=line.change_id, actor=actor, expected_seq=line.change.evidence_seq, comment=comment
    )
    outcome = life.RATIFIED if change.ratified_at is not None else life.NOT_RATIFIED
    settle(line, life.DECIDED, outcome=outcome, reason=comment)
    return record_item(meeting, line, actor, events.ITEM_DECIDED, comment)


def _sign_item(
    pk: UUID,
    actor: Actor,
    signing: Signing,
    key: str,
    seal: str,
    expected_seq: int | None,
    comment: str,
) -> CabMeeting:
    meeting, item = _asked(pk, actor, key, seal, expected_seq, life.APPROVAL)
    _sign(item, actor, signing, comment)
    event = events.ITEM_SIGNED if item.is_unsettled else events.ITEM_DECIDED
    return record_item(meeting, item, actor, event, comment)


def _sign(item: DocketItem, actor: Actor, signing: Signing, comment: str) -> None:
    """One signature through the change's own door; the board's last one settles the item.

    The version handed on is the one whose content has the seal of the docket: what is signed is
    that content, whoever signed it a moment before.
    """
    slot = board_slots([item])[item.pk]
    within(signing)(
        pk=item.change_id,
        actor=actor,
        expected_seq=item.change.evidence_seq,
        comment=comment,
        slot=slot.slot if slot is not None else REFERRAL.code,
        content_digest=item.seal,
    )
    answered = board_slots([item])[item.pk]
    if answered is not None and answered.state != Approval.State.REQUESTED:
        settle(item, life.DECIDED, outcome=answered.state)


def _attend(
    pk: UUID, actor: Actor, member: str, expected_seq: int | None, comment: str, *, is_present: bool
) -> CabMeeting:
    meeting = lock_meeting(pk, expected_seq)
    key = str(member or actor.id)
    found = next((each for each in meeting.members.all() if str(each.user_id) == key), None)
    if found is None:
        raise Refused(
            [
                *attendance_blockers(actor, meeting),
                bad_input("member", "They are not invited.", "Choose somebody who is invited."),
            ]
        )
    refuse_if_any(
        [
            *attendance_blockers(actor, meeting),
            *attends_blockers(actor, meeting, found.user_id),
            *(member_blockers([found]) if is_present else ()),
        ]
    )
    found.is_present = is_present
    found.save(force_update=True)
    return record_meeting(meeting, actor=actor, event=events.ATTENDANCE_RECORDED, comment=comment)


def _of_item(item: DocketItem, blocker: Blocker) -> Blocker:
    """A refusal of one item of the block, with the way that all of them have."""
    text = (
        blocker.text if item.change.code in blocker.text else f"{item.change.code}: {blocker.text}"
    )
    return Blocker(
        blocker.code, text, f"{blocker.fix} Or pull it out of the block.".strip(), blocker.who,
        kind=blocker.kind, details=blocker.details,
    )  # fmt: skip
