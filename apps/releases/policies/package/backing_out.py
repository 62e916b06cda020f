"""A package that is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.core.text import text_blockers
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies.package.common import (
    COORDINATOR,
    MANAGER,
    Phase,
    check_blockers,
    coordinator_blockers,
    manager_blockers,
    move_state_blockers,
    running_blocker,
)
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import role_blockers

#: After this long without a decision on a failed package its coordinator may start the backout.
MANAGER_SILENT = timedelta(minutes=10)


def start_backout_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "start_backout")
    failed_at = package.failed_at or package.changed_at
    manager_silent = package.state == life.FAILED and clock.now() - failed_at >= MANAGER_SILENT
    if not (manager_silent and actor.holds(COORDINATOR)):
        yield from role_blockers(
            actor,
            MANAGER,
            fix="Ask a release manager; ten minutes after a failure the coordinator may decide.",
        )
    yield from _plan_back_blockers(package)


def backout_plan_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """Whether it can be backed out at all, whoever decides on it."""
    yield from move_state_blockers(package, "start_backout")
    yield from _plan_back_blockers(package)


def _plan_back_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    plan = work_of(package).backout_plan
    if plan is None or plan.strategy in ("none", "fix_forward"):
        yield Blocker(
            "no_backout_plan",
            "There is no plan to take it back.",
            "Enter a backout plan, or fix forward.",
            "release coordinator",
        )
    if (
        package.state in (life.COMPLETED, life.PARTIALLY)
        and package.warranty_until is not None
        and clock.now() > package.warranty_until
    ):
        yield Blocker(
            "warranty_over",
            "Its warranty is over; what is needed to take it back may be gone.",
            "Correct it with a new change.",
            "application owner",
        )


def finish_backout_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "finish_backout")
    yield from coordinator_blockers(actor)
    if package.state not in life.PACKAGE_SOURCES["finish_backout"]:
        return
    for step in work_of(package).not_undone():
        yield Blocker(
            "not_undone",
            f"Step {step.label} {step.title} is not undone.",
            "Complete its backout step.",
            f"team {step.team}",
        )
    for step in work_of(package).running:
        yield running_blocker(step)
    yield from check_blockers(package, Phase.POST_BACKOUT)


def backout_failed_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "backout_failed")
    yield from manager_blockers(actor)


def incident_blockers(incident_ref: str) -> Iterator[Blocker]:
    yield from text_blockers(
        "incident_ref", incident_ref, required=True, longest=40, label="Incident"
    )
