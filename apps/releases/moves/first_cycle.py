"""The moves of a watched job of the first cycle."""

from __future__ import annotations

from apps.core.moves import Move, MoveField
from apps.releases.domain import lifecycle as life
from apps.releases.policies import first_cycle as rules
from apps.releases.services import first_cycle

WATCH_MOVES = (
    Move(
        "record_cycle",
        "Record how it ended",
        service=first_cycle.record_cycle,
        blockers=rules.record_cycle_blockers,
        sources=life.WATCH_SOURCES["end_well"],
        fields=(
            MoveField("rc", "Return code", "integer"),
            MoveField("started_at", "Started", "datetime", required=False),
            MoveField("ended_at", "Ended", "datetime", required=False),
        ),
        tone="main",
    ),
    Move(
        "accept_cycle",
        "Accept it as it is",
        service=first_cycle.accept_cycle,
        blockers=rules.accept_cycle_blockers,
        sources=life.WATCH_SOURCES["accept"],
        comment="required",
        comment_label="Reason",
        step_up=True,
    ),
)
