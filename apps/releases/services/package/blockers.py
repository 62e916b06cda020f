"""Blockers of the moves that ask the gates, as the page and the doors see them."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.gates.domain.acknowledgement import to_acknowledge
from apps.gates.domain.evaluation import hard_blockers
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies import package as rules
from apps.releases.policies.step_order import order_blockers
from apps.releases.services.no_return import package_no_return_blockers
from apps.releases.services.readiness import (
    ON_A_PAGE,
    emergency_blockers,
    gate_blockers,
    ready_results,
)


def plan_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """With what the rules of order say of its steps in the night of its window."""
    yield from rules.plan_blockers(actor, package)
    if package.state in life.PACKAGE_SOURCES["plan"]:
        yield from order_blockers(package)


def confirm_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """A page does not wait for a plan that is not known yet. Which soft gates are acknowledged is
    entered in the form, and asked by the door."""
    yield from rules.confirm_blockers(actor, package)
    yield from hard_blockers(ready_results(package))


def soft_choices(package: ReleasePackage) -> list[tuple[str, str]]:
    """The soft gates that whoever confirms the package ready has to acknowledge, with what each
    found first."""
    return [
        (each.code, f"{each.code} {each.title}: {each.detail.partition(chr(10))[0]}"[:200])
        for each in to_acknowledge(ready_results(package))
    ]


def start_blockers(
    actor: Actor, package: ReleasePackage, *, most_steps: int | None = ON_A_PAGE
) -> Iterator[Blocker]:
    yield from rules.start_blockers(actor, package)
    if package.state in life.PACKAGE_SOURCES["start"]:
        yield from gate_blockers(package, "start", most_steps=most_steps)
        yield from package_no_return_blockers(package)


def emergency_start_blockers(
    actor: Actor, package: ReleasePackage, *, anew: bool = False
) -> Iterator[Blocker]:
    yield from rules.emergency_start_blockers(actor, package)
    if package.state in life.PACKAGE_SOURCES["emergency_start"] and package.is_emergency:
        yield from emergency_blockers(package, anew=anew)


def close_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from rules.close_blockers(actor, package)
    if package.state in life.PACKAGE_SOURCES["close"]:
        yield from gate_blockers(package, "close", most_steps=ON_A_PAGE)
