"""States and moves of a release window; the model's transitions and the guards come from here."""

from __future__ import annotations

from collections.abc import Mapping

DRAFT, OPEN, LOCKED = "draft", "open", "locked"
IN_PROGRESS, VERIFYING, CLOSED, CANCELLED = "in_progress", "verifying", "closed", "cancelled"

STATES: tuple[tuple[str, str], ...] = (
    (DRAFT, "Draft"),
    (OPEN, "Open"),
    (LOCKED, "Locked"),
    (IN_PROGRESS, "In progress"),
    (VERIFYING, "Verifying"),
    (CLOSED, "Closed"),
    (CANCELLED, "Cancelled"),
)
LABELS: Mapping[str, str] = dict(STATES)

#: The way of a window that goes well.
ROUTE = (DRAFT, OPEN, LOCKED, IN_PROGRESS, VERIFYING, CLOSED)

SOURCES: Mapping[str, tuple[str, ...]] = {
    "open": (DRAFT,),
    "lock_scope": (OPEN,),
    "unlock": (LOCKED,),
    "start": (LOCKED,),
    "hand_back": (IN_PROGRESS,),
    "close": (VERIFYING,),
    "cancel": (DRAFT, OPEN, LOCKED),
    "abort": (IN_PROGRESS,),
}
TARGETS: Mapping[str, str] = {
    "open": OPEN,
    "lock_scope": LOCKED,
    "unlock": OPEN,
    "start": IN_PROGRESS,
    "hand_back": VERIFYING,
    "close": CLOSED,
    "cancel": CANCELLED,
    "abort": CANCELLED,
}

#: States in which a window occupies its site.
OCCUPYING = (OPEN, LOCKED, IN_PROGRESS, VERIFYING)
#: States in which everything but the site may still be planned anew.
PLANNABLE = (DRAFT, OPEN)
#: States in which a window can still be moved to another time.
MOVABLE = (DRAFT, OPEN, LOCKED)
#: States in which a window can be edited at all.
EDITABLE = (DRAFT, OPEN, LOCKED, IN_PROGRESS, VERIFYING)

PAIRS = tuple(
    f"{source}>{TARGETS[move]}" for move, sources in SOURCES.items() for source in sources
)
