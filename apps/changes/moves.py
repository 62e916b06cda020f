"""The moves of a change request, as pages, API and tests see them."""

from __future__ import annotations

from typing import Any

from apps.approvals.models import Approval
from apps.approvals.selectors import live_slots
from apps.changes import policies
from apps.changes.domain import lifecycle as life
from apps.changes.services import decisions, requests, risk
from apps.core.moves import Move, MoveField


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
        blockers=policies.sign_blockers,
        sources=life.SOURCES["approve"],
        fields=(_SLOT,),
        tone="main",
        step_up=True,
    ),
    Move(
        "approve_with_conditions",
        "Approve with conditions",
        service=decisions.approve_with_conditions,
        blockers=policies.sign_blockers,
        sources=life.SOURCES["approve"],
        fields=(_SLOT,),
        comment="required",
        comment_label="Conditions",
        step_up=True,
    ),
    Move(
        "reject",
        "Reject",
        service=decisions.reject,
        blockers=policies.sign_blockers,
        sources=life.SOURCES["reject"],
        fields=(_SLOT,),
        comment="required",
        comment_label="Reason",
        tone="danger",
        step_up=True,
    ),
    Move(
        "abstain",
        "Abstain",
        service=decisions.abstain,
        blockers=policies.sign_blockers,
        sources=life.SOURCES["approve"],
        fields=(_SLOT,),
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
)

#: What a second person does with a score that somebody set by hand.
OVERRIDE_MOVES = (
    Move(
        "confirm",
        "Agree to this score",
        service=risk.confirm_score,
        blockers=risk.confirm_blockers,
        sources=(life.PROPOSED,),
        tone="main",
        step_up=True,
    ),
    Move(
        "refuse",
        "Turn it down",
        service=risk.refuse_score,
        blockers=risk.decide_blockers,
        sources=(life.PROPOSED,),
        tone="danger",
        step_up=True,
    ),
)
