"""The moves of a rehearsal, as pages, API and tests see them."""

from __future__ import annotations

from apps.core.moves import Move, MoveField
from apps.releases.domain import lifecycle as life
from apps.releases.models import Rehearsal, RehearsedStep
from apps.releases.policies import rehearsal as rules
from apps.releases.services import rehearsals

SOURCES = life.REHEARSAL_SOURCES


def _steps(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    """Those of which nothing is recorded come first."""
    rows = sorted(rehearsal.steps.all(), key=lambda step: (bool(step.outcome), step.position))
    return [(step.label, str(step)) for step in rows]


def _told(done: rehearsals.Finished) -> tuple[str, ...]:
    return (done.text,)


REHEARSAL_MOVES = (
    Move(
        "begin",
        "Begin",
        service=rehearsals.begin_rehearsal,
        blockers=rules.begin_blockers,
        sources=SOURCES["begin"],
        tone="main",
    ),
    Move(
        "record",
        "Record a step",
        service=rehearsals.record_rehearsed_step,
        blockers=rules.record_blockers,
        sources=SOURCES["finish"],
        fields=(
            MoveField("step", "Step", "choice", choices=_steps),
            MoveField("outcome", "How it went", "choice", choices=RehearsedStep.Outcome.choices),
            MoveField("minutes", "Minutes that it took", "integer", required=False),
        ),
        comment_label="Remark",
    ),
    Move(
        "finish",
        "Finish",
        service=rehearsals.finish_rehearsal,
        blockers=rules.finish_blockers,
        sources=SOURCES["finish"],
        tone="main",
        notes=_told,
        help_text="A way back that was done whole marks the backout plan rehearsed.",
    ),
    Move(
        "give_up",
        "Give it up",
        service=rehearsals.give_up_rehearsal,
        blockers=rules.give_up_blockers,
        sources=SOURCES["give_up"],
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
)
