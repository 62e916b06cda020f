"""What the rules of every phase share."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.releases.domain import lifecycle as life
from apps.releases.models import Activity, ReleasePackage, ValidationCheck
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import role_blockers, state_blockers

LABELS = dict(life.PACKAGE_STATES)

COORDINATOR, MANAGER = "release_coordinator", "release_manager"

Phase = ValidationCheck.Phase

DONE = {
    "plan": "planned",
    "confirm_ready": "confirmed ready",
    "regress": "opened for planning again",
    "start": "started",
    "emergency_start": "started as an emergency",
    "delay": "moved out of its window",
    "replan": "planned anew",
    "to_validation": "handed to validation",
    "reopen": "reopened",
    "complete": "completed",
    "complete_partially": "completed in part",
    "fail": "declared failed",
    "resume": "resumed",
    "start_backout": "backed out",
    "finish_backout": "declared backed out",
    "backout_failed": "declared failed in its backout",
    "close": "closed",
    "cancel": "cancelled",
}


def move_state_blockers(package: ReleasePackage, move: str) -> Iterator[Blocker]:
    yield from state_blockers(
        package.code, package.state, life.PACKAGE_SOURCES[move], LABELS, DONE[move]
    )


def coordinator_blockers(actor: Actor, *others: str) -> Iterator[Blocker]:
    yield from role_blockers(actor, COORDINATOR, *others)


def system_or_coordinator_blockers(actor: Actor) -> Iterator[Blocker]:
    if actor.kind != "system":
        yield from coordinator_blockers(actor)


def manager_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, MANAGER)


def predecessor_blocker(package: ReleasePackage, before: ReleasePackage, wanted: str) -> Blocker:
    return Blocker(
        "predecessor",
        f"{package.code} comes after {before.code}, which is {LABELS[before.state].lower()} "
        f"and not {wanted}.",
        f"Bring {before.code} forward first.",
        f"coordinator of {before.code}",
    )


def running_blocker(step: Activity) -> Blocker:
    return Blocker("step_running", f"Step {step.label} {step.title} is running.",
                   "Complete it or record that it failed.", f"team {step.team}")  # fmt: skip


def check_blockers(package: ReleasePackage, *phases: str) -> Iterator[Blocker]:
    for check in work_of(package).checks_not_good(*phases):
        yield Blocker(
            "check_open",
            f"Check {check.code} {check.title} is {check.get_state_display().lower()}.",
            "Record its result; an application owner may accept a deviation.",
            f"team {check.team}",
        )
