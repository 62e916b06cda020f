"""What the business expects and by when, against what is planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

#: Days before its day on which something counts as due soon.
SOON_DAYS = 7


def due_look(due_on: date | None, today: date) -> dict[str, str]:
    """`tone` and `word` of something that is due soon or over; empty for what is not."""
    if due_on is None or (due_on - today).days > SOON_DAYS:
        return {}
    if due_on < today:
        return {"tone": "failed", "word": "overdue"}
    return {"tone": "delayed", "word": "due soon"}


@dataclass(frozen=True, slots=True)
class Commitment:
    """A promise to a customer, or a rule: what, by when."""

    ref: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A commitment that the plan does not keep, and why in a sentence."""

    ref: str
    why: str


def commitments_at_risk(
    commitments: list[Commitment], planned_on: date | None, today: date, *, held_up: str = ""
) -> list[AtRisk]:
    """Those that are overdue, due before the day that is planned, without a plan when they are
    due soon, or held up: `held_up` is the word for that, such as "blocked"."""
    found = []
    for told in commitments:
        due = told.due_on
        if due is not None and due < today:
            found.append(AtRisk(told.ref, f"was due on {_day(due)}"))
        elif due is not None and planned_on is not None and due < planned_on:
            found.append(AtRisk(told.ref, f"due {_day(due)}, planned {_day(planned_on)}"))
        elif due is not None and planned_on is None and (due - today).days <= SOON_DAYS:
            found.append(AtRisk(told.ref, f"due {_day(due)}, in no window"))
        elif held_up:
            found.append(AtRisk(told.ref, f"due {_day(due)}, {held_up}" if due else held_up))
    return found


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
