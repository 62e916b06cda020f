"""A package after its night."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies.package.common import (
    Phase,
    check_blockers,
    coordinator_blockers,
    move_state_blockers,
    running_blocker,
)
from apps.releases.policies.package_facts import work_of

LESSONS_SHORTEST = 20


def close_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "close")
    if actor.id != package.owner_id:
        yield from coordinator_blockers(actor)
    if package.state in (life.COMPLETED, life.PARTIALLY):
        yield from check_blockers(package, Phase.FIRST_CYCLE)
    for step in work_of(package).running:
        yield running_blocker(step)


def lessons_blockers(package: ReleasePackage, lessons: str) -> Iterator[Blocker]:
    """What did not go cleanly is closed with what was learnt."""
    yield from text_blockers("comment", lessons, label="Lessons")
    if package.state != life.COMPLETED and len(lessons.strip()) < LESSONS_SHORTEST:
        yield bad_input(
            "comment",
            "It did not complete; say what happened and what was learnt.",
            f"Write at least {LESSONS_SHORTEST} characters.",
            "lessons_needed",
        )
