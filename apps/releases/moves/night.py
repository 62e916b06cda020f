"""The moves of a window in its night; they stand beside those of its planning."""

from __future__ import annotations

from apps.core.moves import Move, MoveField
from apps.releases.models import ReleasePackage
from apps.releases.policies import night as rules
from apps.releases.policies.activity_plan import WINDOW_EDITABLE
from apps.releases.policies.go_no_go import confirm_decision_blockers, is_proposed
from apps.releases.policies.step_order import derive_blockers, order_digest
from apps.releases.services import night as services
from apps.releases.services import night_decision as decision
from apps.releases.services.step_order import Derived, derive_window_order
from apps.windows.domain import lifecycle as life


def _told(done: Derived) -> tuple[str, ...]:
    return (done.text,)


WINDOW_NIGHT_MOVES = (
    Move(
        "derive_order",
        "Derive the order",
        service=derive_window_order,
        blockers=derive_blockers,
        sources=WINDOW_EDITABLE,
        help_text="What that changes is listed under “Order of the steps”.",
        seal=order_digest,
        notes=_told,
    ),
    Move(
        "start",
        "Start the window",
        service=services.start_window,
        blockers=rules.start_window_blockers,
        sources=life.SOURCES["start"],
        fields=(
            MoveField(
                "batch_held",
                "The batch is held",
                kind="boolean",
                required=False,
                help_text="Needed where no step holds the batch jobs.",
            ),
            MoveField(
                "business_date",
                "For the business date",
                required=False,
                help_text="As the scheduler shows it: 2026-11-22. With the batch held.",
            ),
        ),
        tone="main",
    ),
    Move(
        "go_no_go",
        "Decide go or no-go",
        service=decision.go_no_go,
        blockers=rules.go_no_go_blockers,
        sources=(life.IN_PROGRESS,),
        fields=(
            MoveField(
                "decision", "Decision", kind="choice", choices=ReleasePackage.Decision.choices
            ),
        ),
        comment_label="Reason",
        step_up=True,
        help_text="High risk, a part, or a late hour: a second person confirms it.",
        notes=decision.told,
    ),
    Move(
        "confirm_go_no_go",
        "Confirm the decision",
        service=decision.confirm_go_no_go,
        blockers=confirm_decision_blockers,
        sources=(life.IN_PROGRESS,),
        tone="main",
        step_up=True,
        applies=is_proposed,
    ),
    Move(
        "hand_back",
        "Hand back",
        service=services.hand_back_window,
        blockers=rules.hand_back_blockers,
        sources=life.SOURCES["hand_back"],
        tone="main",
    ),
    Move(
        "close",
        "Close the window",
        service=services.close_window,
        blockers=rules.close_window_blockers,
        sources=life.SOURCES["close"],
        comment_label="Lessons",
        tone="main",
    ),
    Move(
        "cancel",
        "Cancel the window",
        service=services.cancel_window,
        blockers=rules.cancel_window_blockers,
        sources=life.SOURCES["cancel"],
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
    Move(
        "abort",
        "Abort the night",
        service=services.abort_window,
        blockers=rules.abort_window_blockers,
        sources=life.SOURCES["abort"],
        comment="required",
        comment_label="Reason",
        tone="danger",
        step_up=True,
    ),
)
