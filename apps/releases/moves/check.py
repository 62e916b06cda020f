"""The moves of a validation check, as pages, API and tests see them."""

from __future__ import annotations

from apps.core.moves import Move, MoveField
from apps.releases.domain import lifecycle as life
from apps.releases.policies import check as rules
from apps.releases.services import checks

SOURCES = life.CHECK_SOURCES

CHECK_MOVES = (
    Move(
        "run",
        "Begin to measure",
        service=checks.run_check,
        blockers=rules.run_blockers,
        sources=SOURCES["begin"],
        tone="main",
    ),
    Move(
        "record_result",
        "Record the result",
        service=checks.record_result,
        blockers=rules.result_blockers,
        sources=SOURCES["pass_check"],
        fields=(
            MoveField(
                "actual_value",
                "Measured",
                help_text="Whether it passes follows from what the plan expects.",
            ),
        ),
        tone="main",
    ),
    Move(
        "rerun",
        "Measure again",
        service=checks.rerun_check,
        blockers=rules.rerun_blockers,
        sources=SOURCES["rerun"],
        comment="required",
        comment_label="Reason",
        tone="main",
    ),
    Move(
        "mark_inconclusive",
        "It told nothing",
        service=checks.mark_inconclusive,
        blockers=rules.inconclusive_blockers,
        sources=SOURCES["be_inconclusive"],
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "accept_deviation",
        "Accept the deviation",
        service=checks.accept_check_deviation,
        blockers=rules.accept_blockers,
        sources=SOURCES["accept"],
        comment="required",
        comment_label="Reason",
        step_up=True,
    ),
    Move(
        "mark_not_run",
        "Leave it out",
        service=checks.mark_not_run,
        blockers=rules.leave_out_blockers,
        sources=SOURCES["leave_out"],
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
)
