"""The moves of a change request, as pages, API and tests see them."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from apps.approvals.domain.eligibility import Candidate, Fact, standing_facts
from apps.approvals.models import Approval
from apps.approvals.moves import Questions, as_facts
from apps.approvals.selectors import live_slots, slots_now
from apps.changes import policies
from apps.changes.domain import lifecycle as life
from apps.changes.moves.emergency import EMERGENCY_MOVES
from apps.changes.services import decisions, requests
from apps.core.actor import Actor
from apps.core.moves import Move, MoveField, find_move


def _open_slots(change: Any) -> list[tuple[str, str]]:
    slots = live_slots(change.subject).filter(state=Approval.State.REQUESTED)
    return [(slot.slot, slot.label) for slot in slots]


_SLOT = MoveField(
    "slot",
    "Sign as",
    kind="choice",
    required=False,
    choices=_open_slots,
    help_text="Only needed when you are in more than one open slot.",
)


def _signed_slots(change: Any) -> list[tuple[str, str]]:
    return [(slot.slot, slot.label) for slot in live_slots(change.subject) if slot.standing]


_SLOT_SIGNED = MoveField(
    "slot",
    "Signed as",
    kind="choice",
    required=False,
    choices=_signed_slots,
    help_text="Only needed when you signed more than one slot.",
)


def _people(change: Any) -> list[tuple[str, str]]:
    """Who answers for a condition: the owner, the author or the requester."""
    found = {str(who.pk): str(who) for who in (change.owner, change.author, change.requester)}
    return list(found.items())


_OWNER = MoveField(
    "owner",
    "Who meets the conditions",
    kind="choice",
    required=False,
    choices=_people,
    help_text="Left open, the owner of the change.",
)
_DUE = MoveField(
    "due_at",
    "Until",
    kind="datetime",
    required=False,
    help_text="Left open, before the work starts; it does not start without them.",
)


def _seal(change: Any) -> str:
    digest: str = change.current_fingerprint()
    return digest


#: What every signature on a change needs.
_SIGNATURE: dict[str, Any] = {
    "blockers": policies.sign_blockers,
    "sources": life.SOURCES["approve"],
    "step_up": True,
    "seal": _seal,
}
_IN_FAVOUR: dict[str, Any] = _SIGNATURE | {"blockers": policies.approve_blockers}

CHANGE_MOVES = (
    Move(
        "submit",
        "Submit for assessment",
        service=requests.submit,
        blockers=policies.submit_blockers,
        sources=life.SOURCES["submit"],
        tone="main",
    ),
    Move(
        "auto_approve",
        "Use the standard approval",
        service=requests.auto_approve,
        blockers=policies.auto_approve_blockers,
        sources=life.SOURCES["auto_approve"],
    ),
    Move(
        "approve",
        "Approve",
        service=decisions.approve,
        fields=(_SLOT,),
        tone="main",
        **_IN_FAVOUR,
    ),
    Move(
        "approve_with_conditions",
        "Approve with conditions",
        service=decisions.approve_with_conditions,
        fields=(_SLOT, _OWNER, _DUE),
        comment="required",
        comment_label="Conditions",
        help_text="One condition a line; each is tracked until it is met.",
        **_IN_FAVOUR,
    ),
    Move(
        "reject",
        "Reject",
        service=decisions.reject,
        fields=(_SLOT,),
        comment="required",
        comment_label="Reason",
        tone="danger",
        **_SIGNATURE,
    ),
    Move(
        "abstain",
        "Abstain",
        service=decisions.abstain,
        fields=(_SLOT,),
        **_SIGNATURE,
    ),
    Move(
        "recuse",
        "Step back",
        service=decisions.recuse,
        blockers=policies.recuse_blockers,
        sources=life.SOURCES["approve"],
        comment="required",
        comment_label="Reason",
        step_up=True,
        help_text="You sign nothing on this change any more; that cannot be undone.",
    ),
    Move(
        "withdraw_decision",
        "Take my decision back",
        service=decisions.withdraw_decision,
        blockers=policies.take_back_blockers,
        sources=life.SOURCES["approve"],
        fields=(_SLOT_SIGNED,),
        comment="required",
        comment_label="Reason",
        step_up=True,
    ),
    Move(
        "return_to_draft",
        "Return to the requester",
        service=requests.return_to_draft,
        blockers=policies.return_blockers,
        sources=life.SOURCES["return_to_draft"],
        comment="required",
        comment_label="Question",
    ),
    Move(
        "invalidate",
        "Ask the approvers again",
        service=requests.invalidate,
        blockers=policies.invalidate_blockers,
        sources=life.SOURCES["invalidate"],
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "hold",
        "Put on hold",
        service=requests.hold,
        blockers=policies.hold_blockers,
        sources=life.OPEN,
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "release",
        "Release from hold",
        service=requests.release,
        blockers=policies.release_blockers,
        sources=life.OPEN,
        applies=attrgetter("on_hold"),
    ),
    Move(
        "ratify",
        "Ratify",
        service=requests.ratify,
        blockers=policies.ratify_blockers,
        sources=life.SOURCES["close"],
        comment="required",
        comment_label="Finding of the board",
        step_up=True,
    ),
    Move(
        "close",
        "Close",
        service=requests.close,
        blockers=policies.close_blockers,
        sources=life.SOURCES["close"],
        comment_label="Review and lessons",
        tone="main",
    ),
    Move(
        "cancel",
        "Cancel the change",
        service=requests.cancel,
        blockers=policies.cancel_blockers,
        sources=(*life.SOURCES["cancel"], life.SCHEDULED),
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
    *EMERGENCY_MOVES,
)


def _told(change: Any, actor: Actor, who: Candidate, action: str) -> Iterable[Fact]:
    move = find_move(CHANGE_MOVES, action)
    if move is None:
        return policies.implement_facts(change, who)
    if move.blockers in (policies.sign_blockers, policies.approve_blockers):
        answer = policies.eligible_to_sign(change, who)
        against = [*policies.open_for_decision_blockers(change)]
        if move.blockers is policies.approve_blockers:
            against += policies.emergency_debt_blockers(change)
        return (*as_facts(against), *answer.facts)
    against = list(move.blockers(actor, change))
    case = policies.case_about(change, slots_now(change.subject))
    return (*standing_facts(who, case, admits=not against), *as_facts(against))


#: Beside the moves, the duty that execution gives.
CHANGE_QUESTIONS = Questions(CHANGE_MOVES, more=(("implement", "Implement"),), told=_told)
