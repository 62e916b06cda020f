"""What may be done about a score that was set by hand."""

from __future__ import annotations

from typing import Any

from apps.approvals.domain.eligibility import Deed
from apps.approvals.moves import Questions
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


def _parts(override: Any) -> tuple[Deed, ...]:
    """Who proposed the score, and whose change it is about."""
    change, since = override.change, override.change.created_at
    return (
        Deed(override.proposed_by_id, "author", "proposed it", override.created_at,
             override.subject),
        Deed(change.requester_id, "requester", "requested the change", since, change.subject),
        Deed(change.author_id, "author", "wrote the change", since, change.subject),
    )  # fmt: skip


OVERRIDE_QUESTIONS = Questions(OVERRIDE_MOVES, _parts)
