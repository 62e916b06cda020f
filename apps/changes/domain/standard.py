"""The lifecycle of a standard change, and when bad outcomes suspend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from apps.core.text import day_in_words

PROPOSED, ACTIVE, SUSPENDED, RETIRED = "proposed", "active", "suspended", "retired"

STATES: tuple[tuple[str, str], ...] = (
    (PROPOSED, "Proposed"),
    (ACTIVE, "Active"),
    (SUSPENDED, "Suspended"),
    (RETIRED, "Retired"),
)
ROUTE = (PROPOSED, ACTIVE, RETIRED)

SOURCES: dict[str, tuple[str, ...]] = {
    "approve": (PROPOSED,),
    "suspend": (ACTIVE,),
    "reactivate": (SUSPENDED,),
    "retire": (PROPOSED, ACTIVE, SUSPENDED),
}

#: Who moves it on from each state.
MOVERS = dict.fromkeys((PROPOSED, ACTIVE, SUSPENDED), "the chair of the board")
#: Two bad outcomes no further apart than this suspend a standard change.
BAD_WITHIN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class BadOutcome:
    """A change that failed or was backed out, and when it first did, in the zone of its readers."""

    change: str
    what: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.change} {self.what.replace('_', ' ')} on {day_in_words(self.at)}"


def reason_to_suspend(
    outcomes: Iterable[BadOutcome], since: datetime
) -> tuple[BadOutcome, BadOutcome] | None:
    """The first two bad outcomes of different changes within `BAD_WITHIN` of each other.

    Only those after `since` count: the moment at which the board last answered for the standard
    change, knowing what had happened before.
    """
    bad: dict[str, BadOutcome] = {}
    for outcome in sorted(outcomes, key=lambda outcome: (outcome.at, outcome.change)):
        if outcome.at > since:
            bad.setdefault(outcome.change, outcome)
    in_order = list(bad.values())
    for earlier, later in pairwise(in_order):
        if later.at - earlier.at <= BAD_WITHIN:
            return earlier, later
    return None
