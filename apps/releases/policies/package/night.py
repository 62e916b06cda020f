"""A package in its night: started, handed to validation, reopened, declared failed."""

from __future__ import annotations

from collections.abc import Iterator

from apps.changes.selectors import authorisation_blockers
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies.activity_clock import window_clock_blockers
from apps.releases.policies.package.common import (
    coordinator_blockers,
    manager_blockers,
    move_state_blockers,
    predecessor_blocker,
    system_or_coordinator_blockers,
)
from apps.releases.policies.package.planning import content_complete_blockers
from apps.releases.policies.package_facts import work_of
from apps.windows.domain import lifecycle as window_life


def start_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "start")
    yield from coordinator_blockers(actor)
    window = package.window
    if window is None or window.state != window_life.IN_PROGRESS:
        text = f"{window.code} has not started." if window else "It has no window."
        yield Blocker("window_not_started", text, "Start the window first.",
                      "release coordinator")  # fmt: skip
    yield from window_clock_blockers(window, "Delay the package to another window.", early=False)
    for dependency in work_of(package).dependencies:
        before = dependency.predecessor
        delivered = (life.COMPLETED, life.PARTIALLY)
        if before.state not in delivered and before.outcome not in delivered:
            yield predecessor_blocker(package, before, "completed")


def emergency_start_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "emergency_start")
    yield from manager_blockers(actor)
    if not package.is_emergency:
        yield Blocker("not_emergency", f"{package.code} is no emergency package.",
                      "Plan it for a window.", "release coordinator")  # fmt: skip
    if not package.incident_ref:
        yield Blocker("no_incident", "It names no incident.", "Enter the incident.",
                      "release coordinator", field="incident_ref")  # fmt: skip
    yield from content_complete_blockers(package)
    work = work_of(package)
    for facts in work.change_facts.values():
        yield from authorisation_blockers(facts, clock.now(), starting=True)
    if actor.id in work.implementers:
        yield Blocker(
            "separation_of_duties",
            "You run or stand in for a step of this package.",
            "Another release manager starts it.",
            "another release manager",
            kind="permission",
        )


def to_validation_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "to_validation")
    yield from system_or_coordinator_blockers(actor)
    if package.state in life.PACKAGE_SOURCES["to_validation"]:
        yield from unfinished_blockers(package, before_validation=True)


def unfinished_blockers(package: ReleasePackage, *, before_validation: bool) -> Iterator[Blocker]:
    for step in work_of(package).unfinished(before_validation=before_validation):
        yield Blocker(
            "step_open",
            f"Step {step.label} {step.title} is {step.get_state_display().lower()}.",
            "Complete it, or have the release manager skip it.",
            f"team {step.team}",
        )


def reopen_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "reopen")
    yield from coordinator_blockers(actor)


def fail_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "fail")
    yield from system_or_coordinator_blockers(actor)


def resume_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "resume")
    yield from manager_blockers(actor)
