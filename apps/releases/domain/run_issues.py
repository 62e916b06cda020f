"""States and moves of an issue that was raised inside a night."""

from __future__ import annotations

from collections.abc import Mapping

OPEN, RESOLVED = "open", "resolved"
ISSUE_STATES: tuple[tuple[str, str], ...] = ((OPEN, "Open"), (RESOLVED, "Resolved"))
ISSUE_SOURCES: Mapping[str, tuple[str, ...]] = {"resolve": (OPEN,), "reopen": (RESOLVED,)}
