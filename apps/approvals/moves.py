"""The moves of a condition, and the question whether somebody may make a move of any record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.timezone import make_aware

from apps.accounts.models import User
from apps.accounts.selectors import account_was_there, actor_for, authorities_of, was_active
from apps.approvals.domain.eligibility import Candidate, Deed, Fact, standing_facts
from apps.approvals.policies import candidate_of, case_of, doubt_blockers, meet_blockers
from apps.approvals.services.obligations import doubt_obligation, meet_obligation
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input
from apps.core.moves import Move, find_move
from apps.evidence.selectors import as_it_was

OBLIGATION_MOVES = (
    Move(
        "meet",
        "Say that it is met",
        service=meet_obligation,
        blockers=meet_blockers,
        sources=("open",),
        comment="required",
        comment_label="What proves it",
        tone="main",
        step_up=True,
    ),
    Move(
        "doubt",
        "Do not accept the proof",
        service=doubt_obligation,
        blockers=doubt_blockers,
        sources=("met",),
        comment="required",
        comment_label="Reason",
        tone="danger",
        step_up=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether somebody may do something with a record, and every fact that says so."""

    may: bool
    facts: tuple[Fact, ...]


Told = Callable[[Any, Actor, Candidate, str], Iterable[Fact]]


def _no_parts(obj: Any) -> tuple[Deed, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Questions:
    """What may be asked about a person and one kind of record: each of its `moves`.

    `parts(obj)` tells who has which part in the record. `more` are actions beside the moves, by
    name; whoever has some, or slots that are signed, tells the facts by `told(obj, actor, person,
    action)`.
    """

    moves: tuple[Move, ...]
    parts: Callable[[Any], tuple[Deed, ...]] = _no_parts
    more: tuple[tuple[str, str], ...] = ()
    told: Told | None = None

    @property
    def actions(self) -> dict[str, str]:
        return {**{move.name: move.label for move in self.moves}, **dict(self.more)}

    def answer(
        self, obj: Any, user: User, action: str, *, called: str, at: datetime | None = None
    ) -> Answer:
        """What admits `user` to `action` or excludes them; `called` is "You" or their name.

        It is what the doors ask themselves, so that no page can promise what a door refuses. That
        a decision needs a fresh proof of identity is no fact about the person. `at`, a moment
        that is past, asks who might have done it then. Raises Refused, naming `at`, where the
        record or the account was not there yet.
        """
        if at is None:
            facts = tuple(self._facts(obj, user, action, called))
        else:
            with clock.looking_back(at):
                facts = tuple(self._facts(self._then(obj, user), user, action, called))
                facts = (_as_of(obj, at), *facts)
        return Answer(not any(fact.effect == "excludes" for fact in facts), facts)

    def _then(self, obj: Any, user: User) -> Any:
        was = as_it_was(obj)
        missing = str(obj) if was is None else "" if account_was_there(user) else f"{user}"
        if missing:
            raise Refused(
                bad_input(
                    "at", f"{missing} was not there yet.", "Enter a later moment.", "too_early"
                )
            )
        return was

    def _facts(self, obj: Any, user: User, action: str, called: str) -> Iterable[Fact]:
        actor = actor_for(user)
        rights = authorities_of(user.pk)
        who = candidate_of(actor, rights, called=called, is_active=was_active(user))
        if self.told is not None:
            return self.told(obj, actor, who, action)
        move = find_move(self.moves, action)
        assert move is not None
        against = list(move.blockers(actor, obj))
        case = case_of((), self.parts(obj), (), {})
        return (*standing_facts(who, case, admits=not against), *as_facts(against))


def as_facts(blockers: Iterable[Blocker]) -> tuple[Fact, ...]:
    return tuple(
        Fact(b.code, "excludes", b.text, fix=b.fix, who=b.who, kind=b.kind) for b in blockers
    )


def _as_of(obj: Any, at: datetime) -> Fact:
    when = case_of((), (), (), {}).when(at)
    return Fact(
        "as_of",
        "noted",
        f"As it was on {when}: roles, delegations and teams, {obj} itself and its signatures. "
        "What else belongs to it is told as it is now.",
        at,
    )


def moment_asked(text: str) -> datetime | None:
    """The past moment that an ISO text names, None for no text; without an offset it is one of
    the site's zone. Raises Refused naming `at`."""
    if not text.strip():
        return None
    # In an address a plus is a blank.
    written = text.strip().replace(" ", "+") if "T" in text else text.strip()
    try:
        found = datetime.fromisoformat(written)
        at = found if found.tzinfo else make_aware(found, ZoneInfo(settings.INTERLOCK_ZONE))
        is_conceivable = clock.is_conceivable(at.astimezone(UTC))
    except (ValueError, OverflowError):
        is_conceivable = False
    if not is_conceivable:
        raise Refused(
            bad_input("at", f"{text[:40]!r} is no moment.",
                      "Enter one such as 2026-03-03T09:00, or leave it empty for now.")
        )  # fmt: skip
    if at > clock.now():
        raise Refused(
            bad_input("at", f"{text[:40]} is still to come; who may then is not known.",
                      "Enter a moment that is past, or leave it empty for now.", "future")
        )  # fmt: skip
    return at
