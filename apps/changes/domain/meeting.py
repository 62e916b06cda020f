"""A meeting of the change advisory board: its lifecycle, quorum, consent block and minutes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

PLANNED, DOCKET_FROZEN, IN_SESSION = "planned", "docket_frozen", "in_session"
CLOSED, CANCELLED = "closed", "cancelled"

STATES: tuple[tuple[str, str], ...] = (
    (PLANNED, "Planned"),
    (DOCKET_FROZEN, "Docket frozen"),
    (IN_SESSION, "In session"),
    (CLOSED, "Closed"),
    (CANCELLED, "Cancelled"),
)

#: Who moves it on from each state.
MOVERS = {
    PLANNED: "a change manager or the chair of the board",
    DOCKET_FROZEN: "the chair of the meeting",
    IN_SESSION: "the chair of the meeting",
}
ROUTE = (PLANNED, DOCKET_FROZEN, IN_SESSION, CLOSED)

SOURCES: dict[str, tuple[str, ...]] = {
    "freeze": (PLANNED,),
    "start": (DOCKET_FROZEN,),
    "close": (IN_SESSION,),
    "cancel": (PLANNED, DOCKET_FROZEN),
}
#: Where the docket may still grow; from the freezing on by late items only.
ADDABLE = (PLANNED, DOCKET_FROZEN, IN_SESSION)
#: Where the frozen docket is worked with.
FROZEN = (DOCKET_FROZEN, IN_SESSION)

DOCKET, LATE, CONSENT = "docket", "late", "consent"
LISTS: tuple[tuple[str, str], ...] = (
    (DOCKET, "Docket"),
    (LATE, "Late list"),
    (CONSENT, "Consent block"),
)

#: What the board is asked about a change: to allow it, or to accept what an emergency did.
APPROVAL, RATIFICATION = "approval", "ratification"
QUESTIONS: tuple[tuple[str, str], ...] = (
    (APPROVAL, "Approval"),
    (RATIFICATION, "Ratification"),
)
#: The outcomes of a ratification; that of an approval is the state of its slot.
RATIFIED, NOT_RATIFIED = "ratified", "not_ratified"

OPEN, DECIDED, DEFERRED, PULLED, WITHDRAWN = "open", "decided", "deferred", "pulled", "withdrawn"
ITEM_STATES: tuple[tuple[str, str], ...] = (
    (OPEN, "Open"),
    (DECIDED, "Decided"),
    (DEFERRED, "Deferred"),
    (PULLED, "Pulled out of the consent block"),
    (WITHDRAWN, "Withdrawn"),
)
#: Items that still want an answer. A pulled one is discussed like any other.
UNSETTLED = (OPEN, PULLED)

Person = TypeVar("Person", bound=Hashable)

#: Roles that have a seat on the board.
BOARD = ("cab_member", "cab_chair")
#: Risk bands of the changes that the board may decide in one go.
CONSENT_BANDS = ("low",)


def list_for(risk_band: str, *, asks: str = APPROVAL, is_late: bool) -> str:
    """The list on which a change is put; what comes late is never decided unread, and nothing is
    ratified in one go with others."""
    if is_late:
        return LATE
    return CONSENT if asks == APPROVAL and risk_band in CONSENT_BANDS else DOCKET


def seats_filled(
    present: Mapping[Person, Collection[Person]], recused: Collection[Person] = ()
) -> int:
    """How many seats of the board count for a quorum: as many as those there fill, each in one.

    `present` maps each of them to the members in whose seats they may sit: themselves, and those
    for whom they decide. Nobody who is recused sits, and nobody sits for them.
    """
    sitting: dict[Person, Person] = {}

    def sits(person: Person, asked: set[Person]) -> bool:
        """Kuhn's augmenting path: who sits there may move to another seat of theirs."""
        for seat in present[person]:
            if seat in recused or seat in asked:
                continue
            asked.add(seat)
            if seat not in sitting or sits(sitting[seat], asked):
                sitting[seat] = person
                return True
        return False

    return sum(sits(person, set()) for person in present if person not in recused)


def seconds_spent(before: int, taken_up_at: datetime | None, now: datetime) -> int:
    """Whole seconds that an item took: those of earlier rounds and of the one that runs."""
    if taken_up_at is None:
        return before
    return before + max(0, int((now - taken_up_at).total_seconds()))


def consent_seal(seals: Iterable[tuple[str, str]]) -> str:
    """One sha256 over the (code, seal) pairs of the consent block, in whatever order they come."""
    told = "\n".join(f"{code} {seal}" for code, seal in sorted(seals))
    return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Vote:
    """One signature of the board on an item; `is_before` when it was given before the session."""

    who: str
    verdict: str
    comment: str
    at: datetime
    is_before: bool = False


@dataclass(frozen=True, slots=True)
class MinutedItem:
    """One line of the docket as the minutes tell it. `outcome` is the answer of the board."""

    number: int
    code: str
    title: str
    risk: str
    listed: str
    state: str
    outcome: str
    seal: str
    seconds: int
    asks: str = APPROVAL
    reason: str = ""
    votes: tuple[Vote, ...] = ()
    recusals: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Minutes:
    """What was decided in one session. Moments carry the zone in which they are to be read."""

    code: str
    name: str
    chair: str
    started_at: datetime
    ended_at: datetime
    quorum: int
    seats: int
    present: tuple[str, ...]
    absent: tuple[str, ...]
    items: tuple[MinutedItem, ...]

    def listed(self, name: str) -> tuple[MinutedItem, ...]:
        return tuple(item for item in self.items if item.listed == name)


def as_text(minutes: Minutes) -> str:
    """The minutes as plain text, the bytes that their digest is over."""
    return "\n".join(_text_lines(minutes)) + "\n"


def _text_lines(minutes: Minutes) -> Iterator[str]:
    yield f"MINUTES {minutes.code} {minutes.name}"
    yield f"Session: {_moment(minutes.started_at)} to {_moment(minutes.ended_at)}"
    yield f"Chair: {minutes.chair}"
    met = "met" if minutes.seats >= minutes.quorum else "not met"
    yield f"Quorum: {met}, {minutes.seats} seats filled, {minutes.quorum} needed"
    yield f"Present: {', '.join(minutes.present) or 'nobody'}"
    yield f"Absent: {', '.join(minutes.absent) or 'nobody'}"
    for name, heading in LISTS:
        items = minutes.listed(name)
        yield ""
        yield heading.upper() if items else f"{heading.upper()}: none"
        for item in items:
            yield from _item_lines(item)


def _item_lines(item: MinutedItem) -> Iterator[str]:
    question = "ratification, " if item.asks == RATIFICATION else ""
    yield f"{item.number}. {item.code} {item.title} ({question}{item.risk or 'risk not assessed'})"
    yield f"   {outcome_words(item)}, {_duration(item.seconds)}, seal {item.seal[:12] or 'none'}"
    if item.reason:
        yield f"   Reason: {_one_line(item.reason)}"
    for vote in item.votes:
        before = ", before the session" if vote.is_before else ""
        comment = f": {_one_line(vote.comment)}" if vote.comment else ""
        yield f"   {vote.who} {vote.verdict}, {_moment(vote.at)}{before}{comment}"
    for who, reason in item.recusals:
        yield f"   {who} recused: {_one_line(reason)}"


def outcome_words(item: MinutedItem) -> str:
    """ "Decided: approved with conditions", "Deferred"…"""
    word = "Not decided" if item.state in UNSETTLED else item.state.capitalize()
    return f"{word}: {item.outcome.replace('_', ' ')}" if item.outcome else word


CSV_HEADER = ("number", "list", "question", "change", "title", "risk", "result", "outcome",
              "seal", "seconds", "reason", "votes", "recusals")  # fmt: skip


def as_rows(minutes: Minutes) -> list[Sequence[str | int]]:
    """The items as rows under `CSV_HEADER`."""
    return [
        (
            item.number, item.listed, item.asks, item.code, item.title, item.risk, item.state,
            item.outcome, item.seal, item.seconds, item.reason,
            "; ".join(f"{vote.who} {vote.verdict}" for vote in item.votes),
            "; ".join(f"{who}: {reason}" for who, reason in item.recusals),
        )
        for item in minutes.items
    ]  # fmt: skip


def digest_of(text: str) -> str:
    """sha256 of the minutes' bytes, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M %Z}".rstrip()


def _duration(seconds: int) -> str:
    return f"{timedelta(seconds=seconds)} spent" if seconds else "no time spent"


def _one_line(text: str) -> str:
    return " ".join(text.split())
