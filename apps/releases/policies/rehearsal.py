"""Who rehearses, and what keeps a rehearsal from beginning or ending."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.releases.domain import lifecycle as life
from apps.releases.models import Rehearsal
from apps.releases.policies.reasons import role_blockers, state_blockers

LABELS = dict(life.REHEARSAL_STATES)
PEOPLE = ("implementer", "technical_lead", "release_coordinator", "release_manager")


def plan_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, *PEOPLE)


def _move(actor: Actor, rehearsal: Rehearsal, move: str, done: str) -> Iterator[Blocker]:
    sources = life.REHEARSAL_SOURCES[move]
    yield from state_blockers(str(rehearsal), rehearsal.state, sources, LABELS, done)
    yield from plan_blockers(actor)


def begin_blockers(actor: Actor, rehearsal: Rehearsal) -> Iterator[Blocker]:
    yield from _move(actor, rehearsal, "begin", "begun")


def record_blockers(actor: Actor, rehearsal: Rehearsal) -> Iterator[Blocker]:
    yield from _move(actor, rehearsal, "finish", "recorded")


def finish_blockers(actor: Actor, rehearsal: Rehearsal) -> Iterator[Blocker]:
    """Of every step it is told how it went."""
    yield from _move(actor, rehearsal, "finish", "finished")
    for step in rehearsal.steps.all():
        if not step.outcome:
            yield Blocker(
                "step_open",
                f"Nothing is recorded of step {step.label} {step.title}.",
                "Record how it went, or that it was left out.",
                str(rehearsal.led_by or "who leads the rehearsal"),
            )


def give_up_blockers(actor: Actor, rehearsal: Rehearsal) -> Iterator[Blocker]:
    yield from _move(actor, rehearsal, "give_up", "given up")
