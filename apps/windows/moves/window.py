"""The moves of a window that need nothing but the window."""

from __future__ import annotations

from apps.core.moves import Move, MoveField
from apps.windows import policies
from apps.windows.domain import lifecycle as life
from apps.windows.models import ReleaseWindow
from apps.windows.services import late_batch, planning


def _batches(window: ReleaseWindow) -> list[tuple[str, str]]:
    return [(str(c.pk), c.label) for c in policies.batch_cutoffs(window)]


def _cutoff_now(window: ReleaseWindow) -> list[str]:
    return [f"The effective cut-off is that of {window.cutoff_cause}."]


WINDOW_MOVES = (
    Move(
        "open",
        "Open for packages",
        service=planning.open_window,
        blockers=planning.open_blockers,
        sources=life.SOURCES["open"],
        tone="main",
    ),
    Move(
        "lock_scope",
        "Lock the scope",
        service=planning.lock_scope,
        blockers=policies.lock_blockers,
        sources=life.SOURCES["lock_scope"],
        tone="main",
    ),
    Move(
        "unlock",
        "Unlock the scope",
        service=planning.unlock_scope,
        blockers=policies.unlock_blockers,
        sources=life.SOURCES["unlock"],
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "report_batch",
        "Report the batch",
        service=late_batch.report_batch,
        blockers=policies.report_blockers,
        sources=policies.REPORTABLE,
        fields=(
            MoveField(
                "minutes",
                "Minutes late",
                "integer",
                required=False,
                help_text="Against the plan; negative: early; 0: as planned again.",
            ),
            MoveField("starts_at", "Or it starts at", "datetime", required=False),
            MoveField(
                "cutoff",
                "Which batch",
                "choice",
                required=False,
                choices=_batches,
                help_text="Only where there are several.",
            ),
        ),
        comment="required",
        comment_label="Reason",
        notes=_cutoff_now,
    ),
)
