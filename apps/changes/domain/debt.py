"""What an emergency still owes to governance: its ratification, a confirmation, a review, and the
answer to an approval that was none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

RATIFICATION, PHONE, REVIEW, DENIED = "ratification", "phone", "review", "denied"
KINDS: tuple[tuple[str, str], ...] = (
    (RATIFICATION, "Ratification"),
    (PHONE, "Confirmation of a phone approval"),
    (REVIEW, "Post-implementation review"),
    (DENIED, "Ruling on a denied approval"),
)
LABEL_OF_KIND = dict(KINDS)
#: What clears each kind, as said to who owes it.
FIX_OF_KIND: Mapping[str, str] = {
    RATIFICATION: "Ratify it.",
    PHONE: "Confirm or deny it in the console.",
    REVIEW: "Close it with the review.",
    DENIED: "The work began on it: ratify it when it has ended, or have it backed out.",
}

#: How long somebody who approved by phone has to confirm it.
CONFIRM_WITHIN = timedelta(hours=24)
#: Business days after the work ended until the board has ratified, and the review is written.
RATIFY_WITHIN_DAYS, REVIEW_WITHIN_DAYS = 2, 5


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """An approval by phone that is not confirmed yet, or that was denied."""

    person: str
    confirm_due_at: datetime


@dataclass(frozen=True, slots=True)
class Emergency:
    """An emergency change that is not closed. A due time is None when nothing of that is owed.

    `denied` are the calls that were none although the work began on them: until they had to be
    confirmed, the board has to deal with them. `waived` holds, by kind, until when a debt does not
    block.
    """

    id: str
    code: str
    title: str
    application: str
    owner: str
    ratification_due_at: datetime | None
    review_due_at: datetime | None
    calls: tuple[PhoneCall, ...] = ()
    waived: Mapping[str, datetime] | None = None
    denied: tuple[PhoneCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Debt:
    """One thing that is owed. It blocks when it is overdue and not waived."""

    kind: str
    change_id: str
    change: str
    title: str
    application: str
    owes: str
    due_at: datetime
    waived_until: datetime | None = None

    @property
    def label(self) -> str:
        return LABEL_OF_KIND[self.kind]

    @property
    def fix(self) -> str:
        return FIX_OF_KIND[self.kind]

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at < now

    def is_waived(self, now: datetime) -> bool:
        return self.waived_until is not None and now < self.waived_until

    def blocks(self, now: datetime) -> bool:
        return self.is_overdue(now) and not self.is_waived(now)

    def age(self, now: datetime) -> timedelta:
        """How long it is overdue; negative while it is not due yet."""
        return now - self.due_at


def debts_of(emergencies: Iterable[Emergency]) -> list[Debt]:
    """Everything owed, the oldest first."""
    found = [debt for emergency in emergencies for debt in _owed(emergency)]
    return sorted(found, key=lambda debt: (debt.due_at, debt.change, debt.kind, debt.owes))


def _owed(emergency: Emergency) -> Iterable[Debt]:
    def debt(kind: str, owes: str, due_at: datetime) -> Debt:
        return Debt(
            kind,
            emergency.id,
            emergency.code,
            emergency.title,
            emergency.application,
            owes,
            due_at,
            (emergency.waived or {}).get(kind),
        )

    if emergency.ratification_due_at is not None:
        yield debt(RATIFICATION, "The board", emergency.ratification_due_at)
    for call in emergency.calls:
        yield debt(PHONE, call.person, call.confirm_due_at)
    for call in emergency.denied:
        yield debt(DENIED, "The board", call.confirm_due_at)
    if emergency.review_due_at is not None:
        yield debt(REVIEW, emergency.owner, emergency.review_due_at)
