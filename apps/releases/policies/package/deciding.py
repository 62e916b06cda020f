"""What a package is decided on, and what completes it, whole or in part."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.core.text import text_blockers
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.policies.package.common import (
    LABELS,
    Phase,
    check_blockers,
    coordinator_blockers,
    manager_blockers,
    move_state_blockers,
)
from apps.releases.policies.package.night import unfinished_blockers
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import state_blockers


def decided_state_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    yield from state_blockers(
        package.code, package.state, (life.IN_PROGRESS, life.VALIDATING), LABELS, "decided on"
    )


def decide_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from decided_state_blockers(package)
    yield from manager_blockers(actor)
    if actor.id in work_of(package).implementers:
        yield Blocker(
            "separation_of_duties",
            "You run or stand in for a step of this package.",
            "Another release manager decides.",
            "another release manager",
            kind="permission",
        )


def decision_blockers(package: ReleasePackage, decision: str, reason: str) -> Iterator[Blocker]:
    """What this decision needs: a go rests on its checks, anything else on a reason."""
    choices = ReleasePackage.Decision
    if decision not in choices.values:
        yield bad_input(
            "decision", f"There is no decision {decision!r}.", "Choose one of the list."
        )
    if decision == choices.GO:
        for check in work_of(package).checks_not_good(Phase.PRE, Phase.GO_DECISION):
            yield Blocker(
                "check_open",
                f"Check {check.code} {check.title} is {check.get_state_display().lower()}.",
                "Record its result, or have the deviation accepted.",
                f"team {check.team}",
            )
    else:
        yield from text_blockers("comment", reason, required=True, longest=4_000, label="Reason")


def complete_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "complete")
    yield from coordinator_blockers(actor)
    if package.go_decision != ReleasePackage.Decision.GO:
        yield Blocker("no_go", "There is no go for it.", "Decide go or no-go.",
                      "release manager")  # fmt: skip
    if package.state in life.PACKAGE_SOURCES["complete"]:
        yield from unfinished_blockers(package, before_validation=False)
        yield from check_blockers(package, Phase.PRE, Phase.IN_WINDOW, Phase.GO_DECISION)
