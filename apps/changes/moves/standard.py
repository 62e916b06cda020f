"""The moves of a standard change."""

from __future__ import annotations

from typing import Any

from apps.approvals.domain.eligibility import Deed
from apps.approvals.moves import Questions
from apps.changes import policies
from apps.changes.domain import standard as life
from apps.changes.services import templates
from apps.core.moves import Move

STANDARD_MOVES = (
    Move(
        "approve",
        "Approve in advance",
        service=templates.approve_template,
        blockers=policies.approve_template_blockers,
        sources=life.SOURCES["approve"],
        tone="main",
        step_up=True,
    ),
    Move(
        "reactivate",
        "Make it active again",
        service=templates.reactivate_template,
        blockers=policies.reactivate_blockers,
        sources=life.SOURCES["reactivate"],
        comment="required",
        comment_label="What was done about it",
        tone="main",
        step_up=True,
    ),
    Move(
        "suspend",
        "Suspend",
        service=templates.suspend_template,
        blockers=policies.suspend_blockers,
        sources=life.SOURCES["suspend"],
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "retire",
        "Retire",
        service=templates.retire_template,
        blockers=policies.retire_blockers,
        sources=life.SOURCES["retire"],
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
)


def _parts(template: Any) -> tuple[Deed, ...]:
    """Who proposed it, and who approved it in advance."""
    deeds = (
        Deed(template.proposed_by_id, "requester", "proposed it", template.created_at,
             template.subject),
        Deed(template.approved_by_id, "approver", "approved it", template.active_since,
             template.subject),
    )  # fmt: skip
    return tuple(deed for deed in deeds if deed.person is not None and deed.at is not None)


STANDARD_QUESTIONS = Questions(STANDARD_MOVES, _parts)
