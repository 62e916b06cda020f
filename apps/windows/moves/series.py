"""The moves of a series of windows."""

from __future__ import annotations

from apps.core.moves import Move
from apps.windows.policies import draft_blockers
from apps.windows.services import series

SERIES_MOVES = (
    Move(
        "draft_windows",
        "Draft its windows",
        service=series.draft_windows,
        blockers=draft_blockers,
        tone="main",
        help_text="Those that are there stay: what somebody has touched is not changed.",
        notes=series.Drafted.sentences,
    ),
)
