"""The moves of a deviation from the calendar."""

from __future__ import annotations

from apps.approvals.domain.eligibility import Deed
from apps.approvals.moves import Questions
from apps.core.moves import Move
from apps.windows.domain import deviation as life
from apps.windows.models import WindowDeviation
from apps.windows.policies import sign_blockers
from apps.windows.services import deviations


def _seal(deviation: WindowDeviation) -> str:
    return deviation.content_digest()


DEVIATION_MOVES = (
    Move(
        "approve",
        "Approve",
        service=deviations.approve_deviation,
        blockers=sign_blockers,
        sources=life.SOURCES["approve"],
        tone="main",
        step_up=True,
        seal=_seal,
    ),
    Move(
        "refuse",
        "Refuse",
        service=deviations.refuse_deviation,
        blockers=sign_blockers,
        sources=life.SOURCES["refuse"],
        comment="required",
        comment_label="Reason",
        tone="danger",
        step_up=True,
        seal=_seal,
    ),
)


def _parts(deviation: WindowDeviation) -> tuple[Deed, ...]:
    return (
        Deed(deviation.requested_by_id, "requester", "asked for it", deviation.created_at,
             deviation.subject),
    )  # fmt: skip


DEVIATION_QUESTIONS = Questions(DEVIATION_MOVES, _parts)
