"""A move as data: what the page, the API and the tests need to know of one door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from apps.core.actor import Actor
from apps.core.errors import Blocker

FieldKind = Literal["text", "choice", "choices", "datetime", "integer", "reference", "boolean"]


@dataclass(frozen=True, slots=True)
class MoveField:
    """One input of a move beside its comment.

    `choices` may be a callable taking the object, for choices that depend on it. What programs
    tell and people never type (`by_program`) is on no form, nor is a kind "choices" (several of
    them) that has none.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    required: bool = True
    choices: Sequence[tuple[str, str]] | Callable[[Any], Sequence[tuple[str, str]]] = ()
    help_text: str = ""
    by_program: bool = False

    def choices_for(self, obj: Any) -> Sequence[tuple[str, str]]:
        return self.choices(obj) if callable(self.choices) else self.choices


@dataclass(frozen=True, slots=True)
class Move:
    """One business action on one kind of record.

    `service(pk=, actor=, expected_seq=, comment=, **fields)` is the door; `blockers(actor, obj)`
    yields every reason why it would be refused now. `sources` are the states in which the page
    offers it; an empty tuple means every state. `applies(obj)` tells, where given, on which
    records the page offers it at all. `seal(obj)` is the digest of the content that the move is
    about: a page sends that of what it showed, and the door gets it as `content_digest`.
    `notes(answer)` are the sentences in which what the door answered is told to who made the move.
    """

    name: str
    label: str
    service: Callable[..., Any]
    blockers: Callable[[Actor, Any], Iterator[Blocker]]
    sources: tuple[str, ...] = ()
    fields: tuple[MoveField, ...] = ()
    comment: Literal["none", "optional", "required"] = "optional"
    comment_label: str = "Comment"
    tone: Literal["main", "plain", "danger"] = "plain"
    step_up: bool = False
    help_text: str = ""
    seal: Callable[[Any], str] | None = None
    applies: Callable[[Any], bool] | None = None
    notes: Callable[[Any], Iterable[str]] = lambda answer: ()

    def offered_in(self, state: str) -> bool:
        return not self.sources or state in self.sources

    def is_offered_on(self, obj: Any) -> bool:
        applies = self.applies is None or self.applies(obj)
        return applies and self.offered_in(getattr(obj, "state", ""))


@dataclass(frozen=True, slots=True)
class MoveState:
    """A move together with what blocks it for one actor on one record, now."""

    move: Move
    blockers: tuple[Blocker, ...]

    @property
    def possible(self) -> bool:
        return not self.blockers

    def as_dict(self) -> dict[str, Any]:
        return {
            "move": self.move.name,
            "label": self.move.label,
            "possible": self.possible,
            "comment": self.move.comment,
            "step_up": self.move.step_up,
            "fields": [
                {"name": f.name, "label": f.label, "kind": f.kind, "required": f.required}
                for f in self.move.fields
            ],
            "blockers": [blocker.as_dict() for blocker in self.blockers],
        }


def moves_of(
    moves: Iterable[Move], actor: Actor, obj: Any, *, every: bool = False
) -> list[MoveState]:
    """The moves offered in the record's state (all of them with `every`), with their blockers."""
    return [
        MoveState(move, tuple(move.blockers(actor, obj)))
        for move in moves
        if every or move.is_offered_on(obj)
    ]


def find_move(moves: Iterable[Move], name: str) -> Move | None:
    return next((move for move in moves if move.name == name), None)
