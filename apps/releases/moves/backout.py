"""The moves of a backout plan, as pages, API and tests see them.

Triggering, verifying and failing it are moves of its package.
"""

from __future__ import annotations

from apps.core.moves import Move, MoveField
from apps.releases.domain import lifecycle as life
from apps.releases.policies import backout as rules
from apps.releases.services import backout

SOURCES = life.BACKOUT_SOURCES

BACKOUT_MOVES = (
    Move(
        "review",
        "Reviewed",
        service=backout.review_plan,
        blockers=rules.review_blockers,
        sources=SOURCES["review"],
        tone="main",
    ),
    Move(
        "rehearse",
        "Record the rehearsal",
        service=backout.rehearse_plan,
        blockers=rules.rehearse_blockers,
        sources=SOURCES["rehearse"],
        fields=(
            MoveField("environment", "Where"),
            MoveField("rehearsed_at", "When", "datetime"),
        ),
    ),
    Move(
        "approve",
        "Approve",
        service=backout.approve_plan,
        blockers=rules.approve_blockers,
        sources=SOURCES["approve"],
        tone="main",
        step_up=True,
    ),
    Move(
        "revise",
        "Take back to draft",
        service=backout.revise_plan,
        blockers=rules.revise_blockers,
        sources=SOURCES["revise"],
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "invalidate",
        "Declare invalid",
        service=backout.invalidate_plan,
        blockers=rules.invalidate_blockers,
        sources=SOURCES["invalidate"],
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
    Move(
        "execute",
        "Begin to restore",
        service=backout.execute_plan,
        blockers=rules.execute_blockers,
        sources=SOURCES["execute"],
        tone="main",
    ),
    Move(
        "restore",
        "Everything is restored",
        service=backout.restore_plan,
        blockers=rules.restore_blockers,
        sources=SOURCES["restore"],
        tone="main",
    ),
)
