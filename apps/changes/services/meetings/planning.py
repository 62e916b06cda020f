"""Plan a meeting, fill its docket, freeze it with the seals inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max

from apps.accounts.models import User
from apps.accounts.selectors import holders_of, roles_held_by
from apps.approvals.domain.slots import SlotSpec
from apps.approvals.models import Approval
from apps.approvals.services.slots import request_slots
from apps.changes import events
from apps.changes.domain import meeting as life
from apps.changes.domain.meeting import list_for
from apps.changes.models import CabMeeting, ChangeRequest, DocketItem, MeetingMember
from apps.changes.policies import (
    BOARD,
    accept_late_blockers,
    acceptable_blockers,
    add_item_blockers,
    cancel_meeting_blockers,
    edit_meeting_blockers,
    freeze_docket_blockers,
    move_cutoff_blockers,
    plan_meeting_blockers,
    settled_blockers,
    state_blockers,
    withdraw_item_blockers,
)
from apps.changes.selectors import (
    asked_at,
    board_slots,
    changes_before_board,
    changes_with_people,
    dockets_to_freeze,
    ratifications_before_board,
)
from apps.changes.services.meetings.docket import (
    REASON_MAX,
    item_of,
    items_of,
    lock_meeting,
    member_blockers,
    record_item,
    record_meeting,
    seal,
    settle,
)
from apps.changes.services.requests import comment_blockers
from apps.core import clock
from apps.core.actor import Actor, RoleHeld, system_actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
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

Rows = Sequence[Mapping[str, Any]]


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
    refuse_if_any(member_blockers(members))
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
    meeting = lock_meeting(pk, expected_seq)
    refuse_if_any(
        [
            *edit_meeting_blockers(actor, meeting),
            *move_cutoff_blockers(meeting, values.get("cutoff_at", meeting.cutoff_at)),
        ]
    )
    _fill(meeting, values)
    refuse_if_any([*model_blockers(meeting), *_chair_blockers(meeting)])
    if parts is not None and "members" in parts:
        wanted = _members(meeting, _users(_kept(parts)))
        refuse_if_any(member_blockers(wanted))
        _invite(meeting, wanted)
    elif not meeting.members.filter(user=meeting.chair_id).exists():
        MeetingMember.objects.create(meeting=meeting, user_id=meeting.chair_id)
    return record_meeting(meeting, actor=actor, event=events.MEETING_EDITED, comment=comment)


@door("meeting")
def add_item(
    *, pk: UUID, actor: Actor, change: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Put a change (its code or key) on the docket; after the freezing on the late list.

    A change about which the policy does not ask the board is referred to it; an emergency that
    waits for it is there to be ratified. What the chair adds late is accepted thereby.
    """
    meeting = lock_meeting(pk, expected_seq)
    asked = _change(change)
    refuse_if_any(
        [
            *add_item_blockers(actor, meeting),
            *(() if asked.awaits_ratification else state_blockers(asked, "approve")),
            *_on_docket_blockers(meeting, asked),
        ]
    )
    item = _item_for(meeting, asked, is_late=_is_late(meeting))
    if not item.is_ratification:
        _ask_board(item, actor, meeting, comment)
    if item.listed == life.LATE and not list(accept_late_blockers(actor, meeting)):
        _accept(item, actor)
    item.save(force_insert=True)
    return record_meeting(
        meeting, actor=actor, event=events.ITEM_ADDED, comment=comment, about=asked.subject
    )


@door("meeting")
def accept_late_item(
    *, pk: UUID, actor: Actor, item: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """The chair takes it all the same: a late change, or the new content of an edited one."""
    meeting = lock_meeting(pk, expected_seq)
    line = item_of(meeting, item)
    refuse_if_any([*accept_late_blockers(actor, meeting), *acceptable_blockers(line)])
    line.listed = life.LATE
    _accept(line, actor)
    line.save(force_update=True)
    return record_item(meeting, line, actor, events.LATE_ACCEPTED, comment)


@door("meeting")
def withdraw_item(
    *, pk: UUID, actor: Actor, item: str, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Take an item off the docket, with the reason. The board's question stays open."""
    meeting = lock_meeting(pk, expected_seq)
    line = item_of(meeting, item)
    refuse_if_any(
        [
            *withdraw_item_blockers(actor, meeting),
            *settled_blockers(line),
            *comment_blockers(comment, longest=REASON_MAX),
        ]
    )
    settle(line, life.WITHDRAWN, reason=comment)
    return record_item(meeting, line, actor, events.ITEM_WITHDRAWN, comment)


@door("meeting")
def freeze_docket(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """Put every change that waits for the board on the docket, emergencies that it has to ratify
    among them, and seal each as it is now.

    What was asked after the cut-off is late, however late the docket is frozen.
    """
    meeting = lock_meeting(pk, expected_seq)
    refuse_if_any(freeze_docket_blockers(actor, meeting, clock.now()))
    items = {item.change_id: item for item in items_of(meeting)}
    for change in [*changes_before_board(), *ratifications_before_board()]:
        if change.pk not in items:
            item = _item_for(meeting, change, is_late=False)
            item.save(force_insert=True)
            items[change.pk] = item
    slots = board_slots(items.values())
    asked = asked_at(items.values(), slots)
    for item in items.values():
        slot = slots[item.pk]
        if not item.is_unsettled:
            continue
        item.asks = _question_about(item.change)
        if not (item.is_ratification or _is_open(slot)):
            settle(item, life.WITHDRAWN, reason="The board is not asked about it any more.")
            continue
        is_late = item.listed == life.LATE or asked[item.pk] >= meeting.cutoff_at
        item.listed = list_for(item.change.risk_band, asks=item.asks, is_late=is_late)
        seal(item)
        item.save(force_update=True)
    meeting.freeze()
    meeting.frozen_at = clock.now()
    return record_meeting(meeting, actor=actor, event=events.DOCKET_FROZEN, comment=comment)


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


@door("meeting")
def cancel_meeting(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> CabMeeting:
    """The meeting does not take place; its items come before the next one."""
    meeting = lock_meeting(pk, expected_seq)
    refuse_if_any([*cancel_meeting_blockers(actor, meeting), *comment_blockers(comment)])
    for item in items_of(meeting):
        if item.is_unsettled:
            settle(item, life.DEFERRED, reason="The meeting was cancelled.")
    meeting.cancel()
    return record_meeting(meeting, actor=actor, event=events.MEETING_CANCELLED, comment=comment)


def _change(key: str) -> ChangeRequest:
    """The change with this code or key, locked."""
    try:
        wanted = {"pk": UUID(str(key))}
    except ValueError:
        wanted = {"code": str(key).strip()[:20]}  # type: ignore[dict-item]
    found = ChangeRequest.objects.filter(**wanted).values_list("pk", flat=True).first()
    if found is None:
        raise Refused(
            bad_input("change", "There is no such change.", "Choose one that is being assessed.")
        )
    return lock(changes_with_people(), found)


def _is_late(meeting: CabMeeting) -> bool:
    """By the cut-off, however late whoever freezes the docket comes."""
    return meeting.state != life.PLANNED or clock.now() >= meeting.cutoff_at


def _item_for(meeting: CabMeeting, change: ChangeRequest, *, is_late: bool) -> DocketItem:
    """An unsaved line at the end of the docket."""
    last = DocketItem.objects.filter(meeting=meeting).aggregate(last=Max("number"))["last"] or 0
    asks = _question_about(change)
    listed = list_for(change.risk_band, asks=asks, is_late=is_late)
    return DocketItem(meeting=meeting, change=change, number=last + 1, listed=listed, asks=asks)


def _question_about(change: ChangeRequest) -> str:
    return life.RATIFICATION if change.awaits_ratification else life.APPROVAL


def _is_open(slot: Approval | None) -> bool:
    return slot is not None and slot.state == Approval.State.REQUESTED


def _ask_board(item: DocketItem, actor: Actor, meeting: CabMeeting, comment: str) -> None:
    slot = board_slots([item])[item.pk]
    if slot is not None and slot.state in Approval.SATISFIED:
        code = item.change.code
        raise Refused(
            bad_input("change", f"The board has approved {code} already.", "Nothing to do.")
        )
    if not _is_open(slot):
        _refer(item.change, actor, meeting, comment)


def _refer(change: ChangeRequest, actor: Actor, meeting: CabMeeting, comment: str) -> None:
    """Ask the board about a change of which the policy does not."""
    request_slots(
        about=change.subject,
        specs=[REFERRAL],
        content_digest=change.fingerprint,
        seal=change.signed_content["groups"],
        policy_version=change.policy_version,
        actor=actor,
    )
    record(
        change, actor=actor, event=events.REFERRED, comment=comment, about=meeting.subject,
        content_digest=change.fingerprint,
    )  # fmt: skip


def _accept(item: DocketItem, actor: Actor) -> None:
    item.accepted_by_id = actor.user_id
    item.state, item.reason = life.OPEN, ""
    seal(item)


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


def _chair_blockers(meeting: CabMeeting) -> list[Blocker]:
    held = roles_held_by([meeting.chair_id])[meeting.chair_id]
    if any(role.role == "cab_chair" for role in held):
        return []
    return [bad_input("chair", f"{meeting.chair} is no chair of the board.", "Choose one who is.")]


def _on_docket_blockers(meeting: CabMeeting, change: ChangeRequest) -> Iterable[Blocker]:
    if DocketItem.objects.filter(meeting=meeting, change=change).exists():
        yield bad_input("change", f"{change.code} is on this docket already.", "Nothing to do.",
                        "duplicate")  # fmt: skip


def _next_code() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('changes_meeting_code')")
        return f"CAB{cursor.fetchone()[0]:04d}"
