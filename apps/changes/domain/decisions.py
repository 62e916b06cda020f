"""What the slots of a change amount to for the change itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from apps.approvals.domain.slots import Outcome

#: Outcomes of slots that nobody has signed.
UNSIGNED = frozenset({"requested", "denied"})


def state_after(slots: Iterable[Outcome]) -> Literal["assessing", "approved", "rejected"]:
    """The state of an assessed change with live slots of these outcomes.

    One rejected slot rejects it; when none is open any more it is approved.
    """
    outcomes = frozenset(slots)
    if "rejected" in outcomes:
        return "rejected"
    return "assessing" if UNSIGNED & outcomes else "approved"
