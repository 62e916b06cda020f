"""The moves of a board meeting, as pages, API and tests see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.approvals.domain.eligibility import Deed
from apps.approvals.moves import Questions
from apps.changes import policies
from apps.changes.domain import meeting as life
from apps.changes.models import DocketItem
from apps.changes.services import meetings
from apps.core import clock
from apps.core.actor import Actor
from apps.core.moves import Move, MoveField

Choices = Callable[[Any], list[tuple[str, str]]]


def _items(wanted: Callable[[DocketItem], bool]) -> Choices:
    def choices(meeting: Any) -> list[tuple[str, str]]:
        return [
            (str(item.pk), f"{item.number}. {item.change.code} {item.change.title}")
            for item in meeting.items.select_related("change").prefetch_related("recusals")
            if wanted(item)
        ]

    return choices


def _members(meeting: Any) -> list[tuple[str, str]]:
    invited = meeting.members.select_related("user")
    return [(str(member.user_id), str(member.user)) for member in invited]


def _freeze_docket_blockers(actor: Actor, meeting: Any) -> Any:
    return policies.freeze_docket_blockers(actor, meeting, clock.now())


def _consent_blockers(actor: Actor, meeting: Any) -> Any:
    block = [item for item in meeting.items.all() if item.in_consent_block]
    yield from policies.session_blockers(actor, meeting)
    yield from policies.consent_blockers(actor, meeting, block)


_ITEM = MoveField("item", "Item", kind="choice", choices=_items(lambda item: item.is_unsettled))
_RATIFIABLE = MoveField(
    "item", "Item", kind="choice",
    choices=_items(lambda item: item.is_unsettled and item.is_ratification),
)  # fmt: skip
_BLOCKED = MoveField(
    "item", "Item", kind="choice", choices=_items(lambda item: item.in_consent_block)
)
_SEAL = MoveField("seal", "Seal", help_text="That of the paper that the signer had before them.")
_MEMBER = MoveField(
    "member", "Member", kind="choice", required=False, choices=_members,
    help_text="Empty: yourself.",
)  # fmt: skip

#: What is done at a desk with the record of the meeting.
RECORD_MOVES = (
    Move(
        "freeze",
        "Freeze the docket",
        service=meetings.freeze_docket,
        blockers=_freeze_docket_blockers,
        sources=life.SOURCES["freeze"],
        tone="main",
    ),
    Move(
        "add_item",
        "Put a change on the docket",
        service=meetings.add_item,
        blockers=policies.add_item_blockers,
        sources=life.ADDABLE,
        fields=(MoveField("change", "Change", help_text="Its code."),),
    ),
    Move(
        "accept_late_item",
        "Accept a late item",
        service=meetings.accept_late_item,
        blockers=policies.accept_late_blockers,
        sources=life.FROZEN,
        fields=(_ITEM,),
    ),
    Move(
        "withdraw_item",
        "Take an item off the docket",
        service=meetings.withdraw_item,
        blockers=policies.withdraw_item_blockers,
        sources=life.ADDABLE,
        fields=(_ITEM,),
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "start",
        "Open the session",
        service=meetings.start_session,
        blockers=policies.start_session_blockers,
        sources=life.SOURCES["start"],
        tone="main",
    ),
    Move(
        "arrive",
        "Somebody is there",
        service=meetings.arrive,
        blockers=policies.attendance_blockers,
        sources=life.FROZEN,
        fields=(_MEMBER,),
    ),
    Move(
        "leave",
        "Somebody left",
        service=meetings.leave,
        blockers=policies.attendance_blockers,
        sources=life.FROZEN,
        fields=(_MEMBER,),
    ),
    Move(
        "close",
        "Close the session",
        service=meetings.close_session,
        blockers=policies.close_session_blockers,
        sources=life.SOURCES["close"],
        tone="main",
    ),
    Move(
        "cancel",
        "Cancel the meeting",
        service=meetings.cancel_meeting,
        blockers=policies.cancel_meeting_blockers,
        sources=life.SOURCES["cancel"],
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
)

#: What is done in the session, about the item that is up. Made on the live page and by programs.
SESSION_MOVES = (
    Move(
        "take_up_item",
        "Take up",
        service=meetings.take_up_item,
        blockers=policies.take_up_blockers,
        sources=(life.IN_SESSION,),
        fields=(_ITEM,),
    ),
    Move(
        "approve_item",
        "Approve",
        service=meetings.approve_item,
        blockers=policies.session_blockers,
        sources=(life.IN_SESSION,),
        fields=(_ITEM, _SEAL),
        tone="main",
        step_up=True,
    ),
    Move(
        "approve_item_with_conditions",
        "Approve with conditions",
        service=meetings.approve_item_with_conditions,
        blockers=policies.session_blockers,
        sources=(life.IN_SESSION,),
        fields=(_ITEM, _SEAL),
        comment="required",
        comment_label="Conditions",
        step_up=True,
    ),
    Move(
        "reject_item",
        "Reject",
        service=meetings.reject_item,
        blockers=policies.session_blockers,
        sources=(life.IN_SESSION,),
        fields=(_ITEM, _SEAL),
        comment="required",
        comment_label="Reason",
        tone="danger",
        step_up=True,
    ),
    Move(
        "ratify_item",
        "Ratify",
        service=meetings.ratify_item,
        blockers=policies.session_blockers,
        sources=(life.IN_SESSION,),
        fields=(_RATIFIABLE, _SEAL),
        comment="required",
        comment_label="Finding of the board",
        tone="main",
        step_up=True,
    ),
    Move(
        "refuse_to_ratify_item",
        "Do not ratify",
        service=meetings.refuse_to_ratify_item,
        blockers=policies.session_blockers,
        sources=(life.IN_SESSION,),
        fields=(_RATIFIABLE, _SEAL),
        comment="required",
        comment_label="What is missing",
        tone="danger",
        step_up=True,
    ),
    Move(
        "defer_item",
        "Defer",
        service=meetings.defer_item,
        blockers=policies.defer_item_blockers,
        sources=(life.IN_SESSION,),
        fields=(_ITEM,),
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "pull_item",
        "Pull out of the consent block",
        service=meetings.pull_item,
        blockers=policies.pull_item_blockers,
        sources=life.FROZEN,
        fields=(_BLOCKED,),
    ),
    Move(
        "sign_consent_block",
        "Approve the consent block",
        service=meetings.sign_consent_block,
        blockers=_consent_blockers,
        sources=(life.IN_SESSION,),
        fields=(_SEAL,),
        step_up=True,
    ),
    Move(
        "recuse",
        "Recuse yourself",
        service=meetings.recuse,
        blockers=policies.recuse_from_item_blockers,
        sources=life.FROZEN,
        fields=(_ITEM,),
        comment="required",
        comment_label="Reason",
        step_up=True,
    ),
)

MEETING_MOVES = (*RECORD_MOVES, *SESSION_MOVES)


def _chairs(meeting: Any) -> tuple[Deed, ...]:
    return (
        Deed(meeting.chair_id, "owner", "was named its chair", meeting.created_at, meeting.subject),
    )


MEETING_QUESTIONS = Questions(MEETING_MOVES, _chairs)
