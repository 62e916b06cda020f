"""The lifecycle of an exception that somebody has to answer for."""

from __future__ import annotations

from collections.abc import Mapping

OPEN, EXPLAINED, ACCEPTED, REMEDIATED, CLOSED = (
    "open", "explained", "accepted", "remediated", "closed",
)  # fmt: skip

STATES: tuple[tuple[str, str], ...] = (
    (OPEN, "Open"),
    (EXPLAINED, "Explained"),
    (ACCEPTED, "Risk accepted"),
    (REMEDIATED, "Remediated"),
    (CLOSED, "Closed"),
)
ANSWERED = (EXPLAINED, ACCEPTED, REMEDIATED)
#: States in which somebody still has to see to it.
LIVE = (OPEN, *ANSWERED)
ROUTE = (OPEN, EXPLAINED, CLOSED)

SOURCES: Mapping[str, tuple[str, ...]] = {
    "explain": (OPEN,),
    "remediate": (OPEN, EXPLAINED),
    "accept": (OPEN, EXPLAINED),
    "close": ANSWERED,
    "reopen": (*ANSWERED, CLOSED),
}
TARGETS: Mapping[str, str] = {
    "explain": EXPLAINED,
    "remediate": REMEDIATED,
    "accept": ACCEPTED,
    "close": CLOSED,
    "reopen": OPEN,
}
PAIRS = tuple(
    f"{source}>{TARGETS[move]}" for move, sources in SOURCES.items() for source in sources
)
#: Who may say that the house lives with it.
ACCEPTERS = ("change_manager", "release_manager", "service_owner", "application_owner")
