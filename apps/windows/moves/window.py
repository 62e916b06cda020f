"""The moves of a window that need nothing but the window."""

from __future__ import annotations

from apps.core.moves import Move
from apps.windows import policies
from apps.windows.domain import lifecycle as life
from apps.windows.services import planning

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
)
