"""A package that leaves its window, or is given up."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies.package.common import (
    MANAGER,
    coordinator_blockers,
    move_state_blockers,
    running_blocker,
)
from apps.releases.policies.package_facts import work_of


def delay_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "delay")
    if actor.kind != "system":
        yield from coordinator_blockers(actor, MANAGER)
    yield from altered_blockers(package)


def altered_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """A package leaves its night only before anything was altered."""
    if package.state != life.IN_PROGRESS:
        return
    work = work_of(package)
    for step in work.altered:
        yield Blocker(
            "altered",
            f"Step {step.label} {step.title} has altered production or is doing so.",
            "Back the package out instead.",
            "release manager",
        )
    for step in work.running:
        if not step.type.alters:
            yield running_blocker(step)


def cancel_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "cancel")
    if actor.id != package.owner_id:
        yield from coordinator_blockers(actor)
