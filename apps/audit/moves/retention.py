"""The moves of holds and of redactions."""

from __future__ import annotations

from apps.audit.domain import retention as life
from apps.audit.policies.retention import (
    decide_redaction_blockers,
    do_redaction_blockers,
    release_hold_blockers,
)
from apps.audit.services import retention
from apps.core.moves import Move

HOLD_MOVES = (
    Move(
        "release",
        "Release the hold",
        service=retention.release_hold,
        blockers=release_hold_blockers,
        sources=(life.HELD,),
        comment="required",
        comment_label="Why it may go",
        tone="danger",
        step_up=True,
    ),
)
REDACTION_MOVES = (
    Move(
        "erase",
        "Erase it",
        service=retention.do_redaction,
        blockers=do_redaction_blockers,
        sources=(life.PROPOSED,),
        tone="danger",
        step_up=True,
        help_text="The bytes go for good. The hashes, the chain and this record stay.",
    ),
    Move(
        "refuse",
        "Refuse",
        service=retention.refuse_redaction,
        blockers=decide_redaction_blockers,
        sources=(life.PROPOSED,),
        comment="required",
        comment_label="Reason",
        step_up=True,
    ),
)
