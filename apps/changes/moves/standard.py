"""The moves of a standard change."""

from __future__ import annotations

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
