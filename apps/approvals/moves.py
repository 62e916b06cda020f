from apps.approvals.policies import doubt_blockers, meet_blockers
from apps.approvals.services.obligations import doubt_obligation, meet_obligation
from apps.core.moves import Move

OBLIGATION_MOVES = (
    Move(
        "meet",
        "Say that it is met",
        service=meet_obligation,
        blockers=meet_blockers,
        sources=("open",),
        comment="required",
        comment_label="What proves it",
        tone="main",
        step_up=True,
    ),
    Move(
        "doubt",
        "Do not accept the proof",
        service=doubt_obligation,
        blockers=doubt_blockers,
        sources=("met",),
        comment="required",
        comment_label="Reason",
        tone="danger",
        step_up=True,
    ),
)
