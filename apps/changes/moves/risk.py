"""What may be done about a score that was set by hand."""

from __future__ import annotations

from apps.changes.domain import lifecycle as life
from apps.changes.services import risk
from apps.core.moves import Move

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
