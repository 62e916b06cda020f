"""Meetings of the board: plan, freeze the docket, sit, decide, write the minutes.

A signature given at a meeting goes through the door of the change's own decision, in the same
transaction as the line of the docket; nothing here writes a signature.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, Prefetch

from apps.accounts.models import User
from apps.accounts.selectors import holders_of, roles_held_by
from apps.approvals.domain.slots import SlotSpec
from apps.approvals.models import Approval
from apps.approvals.policies import step_up_blockers
from apps.approvals.services.slots import request_slots
from apps.changes import events
from apps.changes.domain import lifecycle
from apps.changes.domain import meeting as life
from apps.changes.domain.content import fingerprint
from apps.changes.domain.meeting import as_text, digest_of, list_for, seconds_spent
from apps.changes.models import (
    CabMeeting,
    ChangeRequest,
    DocketItem,
    MeetingMember,
    Reading,
    Recusal,
)
from apps.changes.policies import (
    BOARD,
    accept_late_blockers,
    add_item_blockers,
    attendance_blockers,
    attends_blockers,
    cancel_meeting_blockers,
    close_session_blockers,
    consent_blockers,
    defer_item_blockers,
    edit_meeting_blockers,
    freeze_docket_blockers,
    item_blockers,
    plan_meeting_blockers,
    pull_item_blockers,
    recuse_from_item_blockers,
    seal_blockers,
    session_blockers,
    sign_blockers,
    start_session_blockers,
    state_blockers,
    take_up_blockers,
    vote_blockers,
    withdraw_item_blockers,
)
from apps.changes.selectors import (
    board_slots,
    changes_before_board,
    changes_with_people,
    dockets_to_freeze,
    meetings_with_people,
    minutes_of,
)
from apps.changes.services import decisions
from apps.changes.services.requests import comment_blockers
from apps.core import clock
from apps.core.actor import Actor, RoleHeld, system_actor
from apps.core.errors import Blocker, Refused, bad_input, not_found, refuse_if_any
from apps.core.text import tidy
from apps.evidence.events import Event
from apps.evidence.services.door import door, within
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers

EDITABLE_FIELDS = ("name", "starts_at", "cutoff_at", "chair", "quorum", "item_minutes", "place")
#: A change that the policy does not bring before the board needs one of its members, in session.
REFERRAL = SlotSpec(
    code="board",
    label="Change advisory board",
    eligible=(RoleHeld("cab_member"), RoleHeld("cab_chair")),
    quorum=1,
    because="It was put on the docket of the board.",
)
REASON_MAX = 300

Rows = Sequence[Mapping[str, Any]]
Signing = Callable[..., ChangeRequest]


# Planning.


@door("meeting")
def plan_meeting(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Mapping[str, Rows] | None = None,
    code: str = "",
) -> CabMeeting:
    """A new meeting. `parts["members"]` are rows of `user`; nobody named: the whole board.

    The chair is always invited. `code` is given by imports only.
    """
    refuse_if_any(plan_meeting_blockers(actor))
    meeting = CabMeeting(code=code or _next_code())
    _fill(meeting, values)
    refuse_if_any([*model_blockers(meeting), *_chair_blockers(meeting)])
    rows = _kept(parts)
    named = _users(rows) if rows else list(holders_of(BOARD))
    members = _members(meeting, named)
    refuse_if_any(_member_blockers(members))
    record_created(
        meeting, actor=actor, event=events.MEETING_PLANNED,
        parts={"members": [member.governed_values() for member in members]},
    )  # fmt: skip
    MeetingMember.objects.bulk_create(members)
    return meeting


@door("meeting")
def edit_meeting(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Mapping[str, Rows] | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> CabMeeting:
    """Change a planned meeting and, where `parts` holds them, all its members."""
    meeting = _lock(pk, expected_seq)
    refuse_if_any(edit_meeting_blockers(actor, meeting))
    _fill(meeting, values)
    refuse_if_any([*model_blockers(meeting), *_chair_blockers(meeting)])
    if parts is not None and "members" in parts:
        wanted = _members(meeting, _users(_kept(parts)))
        refuse_if_any(_member_blockers(wanted))
        _invite(meeting, wanted)
    elif not meeting.members.filter(user=meeting.chair_id).exists():
        MeetingMember.objects.create(meeting=meeting, user_id=meeting.chair_id)
    return _record(meeting, actor=actor, event=events.MEETING_EDITED, comment=comment)


@door("meeting")
def add_item(
    *,
    pk: UUID,
    actor: Actor,
    change: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> CabMeeting:
    """Put a change (its code or key) on the docket; after the freezing on the late list.

    A change about which the policy does not ask the board is referred to it. What the chair adds
    late is accepted thereby.
    """
    meeting = _lock(pk, expected_seq)
    asked = _change(change)
    refuse_if_any(
        [
            *add_item_blockers(actor, meeting),
            *state_blockers(asked, "approve"),
            *_on_docket_blockers(meeting, asked),
        ]
    )
    item = _item_for(meeting, asked, is_late=meeting.state != life.PLANNED)
    slot = board_slots([item])[item.pk]
    if slot is None or slot.state != Approval.State.REQUESTED:
        _refer(asked, actor, meeting, comment)
    if item.listed == life.LATE and not list(accept_late_blockers(actor, meeting)):
        _accept(item, actor)
    item.save(force_insert=True)
    return _record(
        meeting, actor=actor, event=events.ITEM_ADDED, comment=comment, about=asked.subject
    )


@door("meeting")
def accept_late_item(
    *, pk: UUID, actor: Actor, item: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """The chair takes it all the same: a late change, or the new content of an edited one."""
    meeting = _lock(pk, expected_seq)
    line = _item(meeting, item)
    refuse_if_any([*accept_late_blockers(actor, meeting), *_acceptable_blockers(line)])
    line.listed = life.LATE
    _accept(line, actor)
    line.save(force_update=True)
    return _told(meeting, line, actor, events.LATE_ACCEPTED, comment)


@door("meeting")
def withdraw_item(
    *, pk: UUID, actor: Actor, item: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Take an item off the docket, with the reason. The board's question stays open."""
    meeting = _lock(pk, expected_seq)
    line = _item(meeting, item)
    refuse_if_any(
        [
            *withdraw_item_blockers(actor, meeting),
            *_settled_blockers(line),
            *comment_blockers(comment, longest=REASON_MAX),
        ]
    )
    _settle(line, life.WITHDRAWN, reason=comment)
    return _told(meeting, line, actor, events.ITEM_WITHDRAWN, comment)


@door("meeting")
def freeze_docket(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Put every change that waits for the board on the docket, and seal each as it is now."""
    meeting = _lock(pk, expected_seq)
    refuse_if_any(freeze_docket_blockers(actor, meeting, clock.now()))
    items = {item.change_id: item for item in _items(meeting)}
    for change in changes_before_board():
        if change.pk not in items:
            item = _item_for(meeting, change, is_late=False)
            item.save(force_insert=True)
            items[change.pk] = item
    slots = board_slots(items.values())
    for item in items.values():
        slot = slots[item.pk]
        if not item.is_unsettled:
            continue
        if slot is None or slot.state != Approval.State.REQUESTED:
            _settle(item, life.WITHDRAWN, reason="The board is not asked about it any more.")
            continue
        item.listed = list_for(item.change.risk_band, is_late=False)
        _seal(item)
        item.save(force_update=True)
    meeting.freeze()
    meeting.frozen_at = clock.now()
    return _record(meeting, actor=actor, event=events.DOCKET_FROZEN, comment=comment)


def freeze_due_dockets() -> int:
    """Freeze every docket whose cut-off has come; how many were frozen."""
    frozen = 0
    for pk in dockets_to_freeze().values_list("pk", flat=True):
        try:
            freeze_docket(pk=pk, actor=system_actor("docket"))
        except Refused:  # somebody else was faster; the refusal is recorded
            continue
        frozen += 1
    return frozen


# The session.


@door("meeting")
def start_session(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Open the session; who opens it is there."""
    meeting = _lock(pk, expected_seq)
    refuse_if_any(start_session_blockers(actor, meeting))
    MeetingMember.objects.update_or_create(
        meeting=meeting, user_id=actor.user_id, defaults={"is_present": True}
    )
    meeting.start()
    meeting.started_at = clock.now()
    return _record(meeting, actor=actor, event=events.SESSION_STARTED, comment=comment)


@door("meeting")
def arrive(
    *,
    pk: UUID,
    actor: Actor,
    member: str = "",
    expected_seq: int | None = None,
    comment: str = "",
) -> CabMeeting:
    """Record that `member` (a key; empty: the actor) is there."""
    return _attend(pk, actor, member, expected_seq, comment, is_present=True)


@door("meeting")
def leave(
    *,
    pk: UUID,
    actor: Actor,
    member: str = "",
    expected_seq: int | None = None,
    comment: str = "",
) -> CabMeeting:
    """Record that `member` (a key; empty: the actor) is not there any more."""
    return _attend(pk, actor, member, expected_seq, comment, is_present=False)


@door("meeting")
def take_up_item(
    *, pk: UUID, actor: Actor, item: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Start the timer of an item, and stop that of the one before."""
    meeting = _lock(pk, expected_seq)
    line = _item(meeting, item)
    refuse_if_any([*take_up_blockers(actor, meeting), *item_blockers(line)])
    _put_down(meeting)
    line.taken_up_at = clock.now()
    line.save(force_update=True)
    return _told(meeting, line, actor, events.ITEM_TAKEN_UP, comment)


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
def defer_item(
    *, pk: UUID, actor: Actor, item: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Put an item off, with the reason; it comes before the next meeting by itself."""
    meeting = _lock(pk, expected_seq)
    line = _item(meeting, item)
    refuse_if_any(
        [
            *defer_item_blockers(actor, meeting),
            *_settled_blockers(line),
            *comment_blockers(comment, longest=REASON_MAX),
        ]
    )
    _settle(line, life.DEFERRED, reason=comment)
    return _told(meeting, line, actor, events.ITEM_DEFERRED, comment)


@door("meeting")
def pull_item(
    *, pk: UUID, actor: Actor, item: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Take an item out of the consent block: it is discussed like any other."""
    meeting = _lock(pk, expected_seq)
    line = _item(meeting, item)
    refuse_if_any([*pull_item_blockers(actor, meeting), *_consent_only_blockers(line)])
    line.state = life.PULLED
    line.reason = tidy(comment)[:REASON_MAX]
    line.save(force_update=True)
    return _told(meeting, line, actor, events.ITEM_PULLED, comment)


@door("meeting")
def sign_consent_block(
    *, pk: UUID, actor: Actor, seal: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Sign every item of the consent block in favour, or none: each refusal is told.

    `seal` is that of the whole block, as the page showed it.
    """
    meeting = _lock(pk, expected_seq)
    block = [item for item in _items(meeting) if item.in_consent_block]
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
    return _record(meeting, actor=actor, event=events.CONSENT_SIGNED, comment=comment, seal=seal)


@door("meeting")
def recuse(
    *, pk: UUID, actor: Actor, item: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Take no part in one item, with the reason; for its quorum one is not there."""
    meeting = _lock(pk, expected_seq)
    line = _item(meeting, item)
    refuse_if_any(
        [
            *recuse_from_item_blockers(actor, meeting),
            *_settled_blockers(line),
            *_recused_already_blockers(line, actor),
            *comment_blockers(comment, longest=REASON_MAX),
        ]
    )
    Recusal.objects.create(meeting=meeting, item=line, user_id=actor.user_id, reason=tidy(comment))
    return _told(meeting, line, actor, events.RECUSED, comment)


@door("meeting")
def close_session(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """End the session and keep its minutes; what was not reached is deferred."""
    meeting = _lock(pk, expected_seq)
    refuse_if_any(close_session_blockers(actor, meeting))
    _put_down(meeting)
    left = [item for item in _items(meeting) if item.is_unsettled]
    slots = board_slots(left)
    for item in left:
        _settle_unreached(item, slots[item.pk])
    meeting.close()
    meeting.ended_at = clock.now()
    meeting.minutes_text = as_text(minutes_of(meeting))
    meeting.minutes_sha256 = digest_of(meeting.minutes_text)
    return _record(meeting, actor=actor, event=events.MEETING_CLOSED, comment=comment)


@door("meeting")
def cancel_meeting(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """The meeting does not take place; its items come before the next one."""
    meeting = _lock(pk, expected_seq)
    refuse_if_any([*cancel_meeting_blockers(actor, meeting), *comment_blockers(comment)])
    for item in _items(meeting):
        if item.is_unsettled:
            _settle(item, life.DEFERRED, reason="The meeting was cancelled.")
    meeting.cancel()
    return _record(meeting, actor=actor, event=events.MEETING_CANCELLED, comment=comment)


def note_reading(change: ChangeRequest, actor: Actor) -> None:
    """Remember that the actor had this content before them. No governed fact: a log of reading."""
    if change.fingerprint and actor.id is not None:
        reading = Reading(
            change=change, user_id=actor.id, seal=change.fingerprint, read_at=clock.now()
        )
        Reading.objects.bulk_create([reading], ignore_conflicts=True)


# What the doors share.


def _lock(pk: UUID, expected_seq: int | None) -> CabMeeting:
    return lock(meetings_with_people(), pk, expected_seq=expected_seq, parts=True)


def _record(
    meeting: CabMeeting, *, actor: Actor, event: Event, comment: str = "", **more: Any
) -> CabMeeting:
    parts = meeting.part_values()
    return record(meeting, actor=actor, event=event, comment=comment, parts=parts, **more)


def _told(
    meeting: CabMeeting, item: DocketItem, actor: Actor, event: Event, comment: str
) -> CabMeeting:
    """The entry of the meeting that the change's timeline shows too."""
    return _record(meeting, actor=actor, event=event, comment=comment, about=item.change.subject)


def _items(meeting: CabMeeting) -> list[DocketItem]:
    """The lines as they are now, under the lock of the meeting."""
    changes = changes_with_people()
    return list(
        DocketItem.objects.filter(meeting=meeting).prefetch_related(
            Prefetch("change", changes), "recusals"
        )
    )


def _item(meeting: CabMeeting, key: str) -> DocketItem:
    found = next((item for item in _items(meeting) if str(item.pk) == str(key)), None)
    if found is None:
        raise Refused(
            bad_input("item", "There is no such item on this docket.", "Choose one of the docket.")
        )
    return found


def _change(key: str) -> ChangeRequest:
    """The change with this code or key, locked."""
    try:
        wanted = {"pk": UUID(str(key))}
    except ValueError:
        wanted = {"code": str(key).strip()[:20]}  # type: ignore[dict-item]
    found = ChangeRequest.objects.filter(**wanted).values_list("pk", flat=True).first()
    if found is None:
        raise not_found("change request")
    return lock(changes_with_people(), found)


def _item_for(meeting: CabMeeting, change: ChangeRequest, *, is_late: bool) -> DocketItem:
    """An unsaved line at the end of the docket."""
    last = DocketItem.objects.filter(meeting=meeting).aggregate(last=Max("number"))["last"] or 0
    listed = list_for(change.risk_band, is_late=is_late)
    return DocketItem(meeting=meeting, change=change, number=last + 1, listed=listed)


def _refer(change: ChangeRequest, actor: Actor, meeting: CabMeeting, comment: str) -> None:
    """Ask the board about a change of which the policy does not."""
    request_slots(
        about=change.subject,
        specs=[REFERRAL],
        content_digest=change.fingerprint,
        policy_version=change.policy_version,
        actor=actor,
    )
    record(
        change, actor=actor, event=events.REFERRED, comment=comment, about=meeting.subject,
        content_digest=change.fingerprint,
    )  # fmt: skip


def _seal(item: DocketItem) -> None:
    change = item.change
    item.seal, item.sealed_version = change.fingerprint, change.evidence_seq
    item.groups = {name: fingerprint({name: told}) for name, told in change.signed_content.items()}


def _accept(item: DocketItem, actor: Actor) -> None:
    item.accepted_by_id = actor.user_id
    item.state, item.reason = life.OPEN, ""
    _seal(item)


def _settle(item: DocketItem, state: str, *, outcome: str = "", reason: str = "") -> None:
    """Give an item its last state, and stop its timer."""
    item.state, item.outcome, item.reason = state, outcome, tidy(reason)[:REASON_MAX]
    _stop(item, clock.now())
    item.save(force_update=True)


def _settle_unreached(item: DocketItem, slot: Approval | None) -> None:
    """An item that the session left: answered elsewhere, not asked any more, or put off."""
    if slot is not None and slot.state in (*Approval.SATISFIED, Approval.State.REJECTED):
        _settle(item, life.DECIDED, outcome=slot.state, reason="Decided outside of the session.")
    elif item.change.state == lifecycle.ASSESSING:
        _settle(item, life.DEFERRED, reason="Not reached.")
    else:
        _settle(item, life.WITHDRAWN, reason="The board is not asked about it any more.")


def _stop(item: DocketItem, now: datetime) -> None:
    item.seconds_spent = seconds_spent(item.seconds_spent, item.taken_up_at, now)
    item.taken_up_at = None


def _put_down(meeting: CabMeeting) -> None:
    for item in DocketItem.objects.filter(meeting=meeting, taken_up_at__isnull=False):
        _stop(item, clock.now())
        item.save(force_update=True)


def _sign_item(
    pk: UUID,
    actor: Actor,
    signing: Signing,
    key: str,
    seal: str,
    expected_seq: int | None,
    comment: str,
) -> CabMeeting:
    meeting = _lock(pk, expected_seq)
    item = _item(meeting, key)
    refuse_if_any(
        [
            *session_blockers(actor, meeting),
            *vote_blockers(actor, meeting, item, seal),
            *sign_blockers(actor, item.change),
            *step_up_blockers(actor),
        ]
    )
    _sign(item, actor, signing, comment)
    event = events.ITEM_SIGNED if item.is_unsettled else events.ITEM_DECIDED
    return _told(meeting, item, actor, event, comment)


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
    )
    answered = board_slots([item])[item.pk]
    if answered is not None and answered.state != Approval.State.REQUESTED:
        _settle(item, life.DECIDED, outcome=answered.state)


def _attend(
    pk: UUID,
    actor: Actor,
    member: str,
    expected_seq: int | None,
    comment: str,
    *,
    is_present: bool,
) -> CabMeeting:
    meeting = _lock(pk, expected_seq)
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
            *(_member_blockers([found]) if is_present else ()),
        ]
    )
    found.is_present = is_present
    found.save(force_update=True)
    return _record(meeting, actor=actor, event=events.ATTENDANCE_RECORDED, comment=comment)


# What was entered.


def _fill(meeting: CabMeeting, values: Mapping[str, Any]) -> None:
    refuse_if_any(
        bad_input(name, f"“{name}” cannot be entered.", "Leave it out.", "not_writable")
        for name in sorted(set(values) - set(EDITABLE_FIELDS))
    )
    for name, value in values.items():
        setattr(meeting, name, tidy(value) if isinstance(value, str) else value)


def _kept(parts: Mapping[str, Rows] | None) -> list[Mapping[str, Any]]:
    return [row for row in (parts or {}).get("members", ()) if not row.get("DELETE")]


def _users(rows: Rows) -> list[User]:
    keys = [getattr(row.get("user"), "pk", row.get("user")) for row in rows]
    found = User.objects.in_bulk([key for key in keys if key])
    refuse_if_any(
        bad_input("members", f"Line {number}: there is no such person.", "Choose somebody else.")
        for number, key in enumerate(keys, start=1)
        if key not in found
    )
    return list(found.values())


def _members(meeting: CabMeeting, users: Iterable[User]) -> list[MeetingMember]:
    people = {user.pk: user for user in [*users, meeting.chair]}
    return [MeetingMember(meeting=meeting, user=user) for user in people.values()]


def _invite(meeting: CabMeeting, wanted: Sequence[MeetingMember]) -> None:
    invited = {member.user_id for member in meeting.members.all()}
    keys = {member.user_id for member in wanted}
    meeting.members.exclude(user__in=keys).delete()
    MeetingMember.objects.bulk_create(each for each in wanted if each.user_id not in invited)


def _member_blockers(members: Sequence[MeetingMember]) -> list[Blocker]:
    """Only who sits on the board counts for its quorum."""
    held = roles_held_by(member.user_id for member in members)
    return [
        bad_input(
            "members",
            f"{member.user} does not sit on the board.",
            "Choose a holder of the role board member or board chair.",
        )
        for member in members
        if not any(role.role in BOARD for role in held[member.user_id])
    ]


def _chair_blockers(meeting: CabMeeting) -> list[Blocker]:
    held = roles_held_by([meeting.chair_id])[meeting.chair_id]
    if any(role.role == "cab_chair" for role in held):
        return []
    return [bad_input("chair", f"{meeting.chair} is no chair of the board.", "Choose one who is.")]


def _on_docket_blockers(meeting: CabMeeting, change: ChangeRequest) -> Iterable[Blocker]:
    if DocketItem.objects.filter(meeting=meeting, change=change).exists():
        yield bad_input("change", f"{change.code} is on this docket already.", "Nothing to do.",
                        "duplicate")  # fmt: skip


def _settled_blockers(item: DocketItem) -> Iterable[Blocker]:
    return (blocker for blocker in item_blockers(item) if blocker.code == "item_settled")


def _acceptable_blockers(item: DocketItem) -> Iterable[Blocker]:
    yield from _settled_blockers(item)
    if not item.waits_for_chair and not list(seal_blockers(item)):
        yield Blocker("not_late", f"{item.change.code} is on the docket as it is.",
                      "Nothing to do.", kind="state")  # fmt: skip


def _consent_only_blockers(item: DocketItem) -> Iterable[Blocker]:
    if not item.in_consent_block:
        yield Blocker("not_in_consent_block", f"{item.change.code} is not in the consent block.",
                      "Nothing to do.", kind="state")  # fmt: skip


def _recused_already_blockers(item: DocketItem, actor: Actor) -> Iterable[Blocker]:
    if any(recusal.user_id == actor.id for recusal in item.recusals.all()):
        yield Blocker("recused", f"You recused yourself from {item.change.code} already.",
                      "Nothing to do.", kind="state")  # fmt: skip


def _of_item(item: DocketItem, blocker: Blocker) -> Blocker:
    """A refusal of one item of the block, with the way that all of them have."""
    text = (
        blocker.text if item.change.code in blocker.text else f"{item.change.code}: {blocker.text}"
    )
    return Blocker(
        blocker.code, text, f"{blocker.fix} Or pull it out of the block.".strip(), blocker.who,
        kind=blocker.kind, details=blocker.details,
    )  # fmt: skip


def _next_code() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('changes_meeting_code')")
        return f"CAB{cursor.fetchone()[0]:04d}"
