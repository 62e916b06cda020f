"""The parts of an object page, as values for its template."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from apps.console.differences import Line, Wording
from apps.console.display import look_of
from apps.console.forms import MoveForm
from apps.core.errors import Blocker, Refused
from apps.core.moves import Move, MoveState
from apps.evidence.events import vocabulary
from apps.evidence.models import EvidenceEntry


@dataclass(frozen=True, slots=True)
class Fact:
    """One cell of the header strip. `value` may be safe HTML, such as a chip; `small` explains."""

    label: str
    value: Any
    small: Any = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A button beside the title that leads to another page about the record."""

    label: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A card on an object page. `context(request, obj)` feeds the template; None leaves it out.

    `side` puts it into the narrow column, `wide` above both.
    """

    title: str
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any] | None]
    side: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class ShownPanel:
    title: str
    template: str
    context: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Panels:
    """The cards of a page: those over its whole width, then the two columns."""

    wide: list[ShownPanel] = field(default_factory=list)
    main: list[ShownPanel] = field(default_factory=list)
    side: list[ShownPanel] = field(default_factory=list)

    @property
    def columns(self) -> list[list[ShownPanel]]:
        return [column for column in (self.main, self.side) if column]


@dataclass(frozen=True, slots=True)
class Station:
    """One stop of the lifecycle; `status` is set, here, locked or ahead."""

    word: str
    status: str
    icon: str
    reached_at: datetime | None = None
    locks: int = 0


@dataclass(slots=True)
class MoveRow:
    """A move on the page: a button with its form, or the reasons why it is locked.

    `seal` is the digest of the content that the page shows, for a move that is about it.
    """

    move: Move
    blockers: tuple[Blocker, ...]
    form: MoveForm | None = None
    is_open: bool = False
    why_id: str = ""
    seal: str = ""

    @property
    def possible(self) -> bool:
        return not self.blockers

    @property
    def is_bare(self) -> bool:
        """Nothing to fill in: the button itself sends it."""
        return self.form is not None and not self.form.fields


@dataclass(slots=True)
class Locked:
    """Moves that the same reasons keep locked."""

    rows: list[MoveRow]

    @property
    def blockers(self) -> tuple[Blocker, ...]:
        return self.rows[0].blockers

    @property
    def why_id(self) -> str:
        return self.rows[0].why_id

    @property
    def labels(self) -> str:
        return ", ".join(row.move.label for row in self.rows)

    @property
    def tried(self) -> str:
        """The label of the move that was just refused, if it is one of these."""
        return next((row.move.label for row in self.rows if row.is_open), "")


def locked_moves(rows: Sequence[MoveRow]) -> tuple[list[Locked], list[Locked]]:
    """The locked moves by reason: those whose reasons stand open on the page, then the rest.

    Open stand those of the move just refused, or of the main move, or the only ones of a record
    with which nothing else can be done.
    """
    locked: dict[tuple[str, ...], Locked] = {}
    for row in rows:
        if row.possible:
            continue
        key = tuple(blocker.text for blocker in row.blockers)
        group = locked.setdefault(key, Locked([]))
        group.rows.append(row)
        row.why_id = f"why-{group.rows[0].move.name}"
    groups = list(locked.values())
    alone = len(groups) == 1 and not any(row.possible for row in rows)
    first = [g for g in groups if any(row.is_open for row in g.rows)] or [
        g for g in groups if alone or any(row.move.tone == "main" for row in g.rows)
    ]
    return first[:1], [group for group in groups if group not in first[:1]]


def shown_panels(panels: Sequence[Panel], request: HttpRequest, obj: Any) -> Panels:
    shown = Panels()
    for panel in panels:
        context = panel.context(request, obj)
        if context is not None:
            place = shown.wide if panel.wide else shown.side if panel.side else shown.main
            place.append(ShownPanel(panel.title, panel.template, context))
    return shown


def _only_input(refused: Refused) -> bool:
    """What was typed has to be mended; the move itself is possible."""
    return all(blocker.kind == "input" for blocker in refused.blockers)


def move_rows(
    states: Sequence[MoveState],
    obj: Any,
    *,
    typed: MoveForm | None = None,
    refused: Refused | None = None,
) -> list[MoveRow]:
    """Every move offered now; the one just tried stays open with what was typed."""
    rows = []
    for state in states:
        tried = typed is not None and typed.move.name == state.move.name
        seal = state.move.seal(obj) if state.move.seal else ""
        if tried and refused is not None and not _only_input(refused):
            # The door's own answer counts: it saw the record under its lock.
            rows.append(MoveRow(state.move, refused.blockers, typed, is_open=True, seal=seal))
            continue
        if typed is not None and tried and refused is not None:
            typed.show(refused.blockers)
        form = typed if tried else MoveForm(state.move, obj)
        rows.append(MoveRow(state.move, state.blockers, form, is_open=tried, seal=seal))
    return rows


def reached_by(subjects: Iterable[str]) -> dict[str, dict[str, datetime]]:
    """When each record came into each state, the last time that it did; one query."""
    reached: dict[str, dict[str, datetime]] = {subject: {} for subject in subjects}
    entries = (
        EvidenceEntry.objects.filter(subject__in=list(reached))
        .exclude(to_state="")
        .exclude(to_state=F("from_state"))
        .order_by("id")
    )
    for subject, state, at in entries.values_list("subject", "to_state", "at"):
        reached[subject][state] = at
    return reached


def route_of(
    obj: Any,
    states: Sequence[str],
    rows: Sequence[MoveRow],
    reached: Mapping[str, datetime] | None = None,
) -> list[Station]:
    """The lifecycle as a line: where the record was, where it stands, what locks the next stop.

    `reached` tells when it came into each state, where the caller knows that already.
    """
    if not states:
        return []
    if reached is None:
        reached = reached_by([obj.subject])[obj.subject]
    words = dict(obj._meta.get_field("state").flatchoices)
    here = states.index(obj.state) if obj.state in states else -1
    passed = (
        here if here >= 0 else max((states.index(s) for s in reached if s in states), default=0)
    )
    locks = next(
        (len(row.blockers) for row in rows if row.move.tone == "main" and not row.possible), 0
    )
    stations = []
    for position, state in enumerate(states):
        look = look_of(state, words.get(state, ""))
        if position == here:
            status, icon = "here", look.icon
        elif position < passed or (here < 0 and position == passed):
            status, icon = "set", "done"
        elif position == here + 1 and locks and here >= 0:
            status, icon = "locked", "lock"
        else:
            status, icon = "ahead", "planned"
        stations.append(
            Station(
                look.word, status, icon,
                reached.get(state) if status in ("set", "here") else None,
                locks if status == "locked" else 0,
            )
        )  # fmt: skip
    return stations


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What somebody else did while this page was open."""

    by: str
    at: datetime | None
    sentence: str
    lines: tuple[Line, ...] = field(default=())


def meanwhile(model: Any, refusal: Refused) -> list[Meanwhile]:
    """The changes that a stale refusal tells, in words; empty when it is not stale."""
    changes = [
        change for b in refusal.blockers if b.kind == "stale" for change in b.details["changes"]
    ]
    wording, sentences = Wording(model), vocabulary()
    wording.prepare(change["diff"] for change in changes)
    return [
        Meanwhile(
            change["by"],
            parse_datetime(change["at"]),
            sentences[change["action"]].sentence
            if change["action"] in sentences
            else change["action"],
            tuple(wording.lines(change["diff"])),
        )
        for change in changes
    ]
