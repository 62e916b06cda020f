"""What happens around a record: its kinds, and the small picture of when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log2


@dataclass(frozen=True, slots=True)
class Kind:
    """A group of happenings that people filter by. `labels` are the subjects in the ledger whose
    entries are of it; `lane` names its row of the picture, "" for none."""

    code: str
    label: str
    icon: str
    labels: tuple[str, ...] = ()
    lane: str = ""


#: The first two are of the governed records themselves, by whether their state became another.
MOVES, EDITS = "moves", "edits"
KINDS: tuple[Kind, ...] = (
    Kind(MOVES, "Moves", "arrow"),
    Kind(EDITS, "Edits", "draft"),
    Kind("signatures", "Decisions and signatures", "sign",
         ("approval", "countersign", "go_no_go", "obligation", "meeting"), "Signed"),
    Kind("refusals", "Refusals", "stop", ("refusal",), "Refused"),
    Kind("steps", "Steps", "run", ("activity", "backout_plan", "step_job"), "Steps"),
    Kind("checks", "Checks", "check-list", ("check", "first_cycle_watch"), "Checks"),
    Kind("findings", "Findings", "search", ("finding",), "Findings"),
    Kind("waivers", "Waivers and attestations", "waive",
         ("waiver", "attestation", "window_deviation"), "Waivers"),
    Kind("alerts", "Alerts and issues", "warn", ("alert", "run_issue"), "Alerts"),
    Kind("comments", "Comments", "comment", ("comment",), "Words"),
    Kind("documents", "Documents", "copy", ("exhibit",), "Words"),
    Kind("messages", "Communications and handovers", "right", ("communication", "handover"),
         "Words"),
    Kind("reviews", "Rehearsals and lessons", "flag", ("rehearsal", "lesson", "post_review")),
    Kind("reads", "Reads and exports", "info", ("read",)),
)  # fmt: skip
KIND = {kind.code: kind for kind in KINDS}
_KIND_OF_LABEL = {label: kind.code for kind in KINDS for label in kind.labels}
LANES = tuple(dict.fromkeys(kind.lane for kind in KINDS if kind.lane))


def kind_of(label: str, was: str, now: str) -> str:
    """The kind of an entry about a `label` that brought it from state `was` to `now`."""
    return _KIND_OF_LABEL.get(label) or (MOVES if now and now != was else EDITS)


def labels_of(codes: Iterable[str]) -> frozenset[str]:
    """The labels of these kinds; those of moves and edits are all the others."""
    return frozenset(label for code in codes for label in KIND[code].labels)


ALL_LABELS = frozenset(_KIND_OF_LABEL)


@dataclass(frozen=True, slots=True)
class Spell:
    """How long the record was in a state. `x` and `width` are percent of the picture."""

    state: str
    since: datetime
    until: datetime
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Mark:
    """`count` happenings so near each other that they are one mark; `is_bad` if one of them was a
    refusal or a failure."""

    x: float
    count: int
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """The life of a record at a glance: its states, and what happened in each, by lane."""

    spells: tuple[Spell, ...]
    lanes: tuple[tuple[str, tuple[Mark, ...]], ...]

    @property
    def counts(self) -> Mapping[str, int]:
        return {lane: sum(mark.count for mark in marks) for lane, marks in self.lanes}


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    lane: str
    is_bad: bool = False


#: Marks nearer than this, in percent, are one.
NEAR = 0.7
#: A spell is never narrower, in percent, as long as there are few enough of them.
NARROWEST = 6.0


def strip(
    states: Sequence[tuple[str, datetime]], events: Iterable[Event], until: datetime
) -> Strip:
    """The picture of a record that came into each of `states` at a moment, oldest first, seen at
    `until`.

    A night of hours lies in a life of months, so the width of a spell follows how much happened in
    it (1 + log2(1 + n)), not how long it took; within a spell time runs evenly. What happened
    before the first state, or after `until`, stands at the edge.
    """
    if not states:
        return Strip((), ())
    found = sorted(events, key=lambda event: event.at)
    bounds = [at for _state, at in states]
    ends = [*bounds[1:], max(until, bounds[-1])]
    inside = Counter(_spell_of(event.at, bounds) for event in found)
    shares = _shares([1 + log2(1 + inside[n]) for n in range(len(states))])
    spells, x = [], 0.0
    for (state, since), end, width in zip(states, ends, shares, strict=True):
        spells.append(Spell(state, since, end, x, width))
        x += width
    marks: dict[str, Counter[int]] = {lane: Counter() for lane in LANES}
    bad: set[tuple[str, int]] = set()
    for event in found:
        place = round(_place(event.at, spells[_spell_of(event.at, bounds)]) / NEAR)
        marks[event.lane][place] += 1
        if event.is_bad:
            bad.add((event.lane, place))
    lanes = tuple(
        (lane, tuple(Mark(min(place * NEAR, 100.0), count, (lane, place) in bad)
                     for place, count in sorted(places.items())))
        for lane, places in marks.items()
        if places
    )  # fmt: skip
    return Strip(tuple(spells), lanes)


def _spell_of(at: datetime, bounds: Sequence[datetime]) -> int:
    return max((n for n, since in enumerate(bounds) if since <= at), default=0)


def _shares(weights: Sequence[float]) -> list[float]:
    """Percent of the whole, each at least `NARROWEST` where all of them fit so."""
    least = min(NARROWEST, 100.0 / len(weights))
    left, total = 100.0 - least * len(weights), sum(weights)
    return [least + left * weight / total for weight in weights]


def _place(at: datetime, spell: Spell) -> float:
    span = (spell.until - spell.since).total_seconds()
    share = (at - spell.since).total_seconds() / span if span > 0 else 0.0
    return spell.x + spell.width * min(max(share, 0.0), 1.0)
