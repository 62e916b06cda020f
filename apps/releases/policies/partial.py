"""Who completes a package in part, as the first or as the second person, and what a part is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from apps.approvals.models import Countersign
from apps.approvals.policies import PROPOSAL_HOLDS, countersign_blockers
from apps.approvals.selectors import open_proposal
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.releases.models import GoNoGoLine, ReleasePackage
from apps.releases.policies.go_no_go import MANAGER, OWNER, digest_of
from apps.releases.policies.package import move_state_blockers
from apps.releases.policies.package.common import Phase
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import role_blockers

#: What waits for the second person, by its name in the proposals.
IN_PART = "complete_partially"


def part_proposed(package: ReleasePackage) -> Countersign | None:
    """What somebody proposed to deliver and a second person may still confirm."""
    found = open_proposal(package.subject, IN_PART)
    return found if found and clock.now() - found.proposed_at <= PROPOSAL_HOLDS else None


def part_decided(package: ReleasePackage) -> list[UUID]:
    """The changes that a decision on a part delivers: two persons signed it, and it stands. Empty
    where none stands, or it names no changes."""
    if package.go_decision != ReleasePackage.Decision.PARTIAL:
        return []
    lines = GoNoGoLine.objects.filter(package=package).order_by("-go_no_go__decided_at", "-pk")
    line = lines.first()
    named = set(line.delivered) if line is not None else set()
    return [m.change_id for m in work_of(package).members if m.change.code in named]


def delivered_of(package: ReleasePackage) -> list[UUID]:
    """The changes that are delivered if the part is completed now."""
    found = part_proposed(package)
    if found is not None:
        return [UUID(key) for key in found.values["delivered"]]
    return part_decided(package)


def propose_partial_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    yield from move_state_blockers(package, "complete_partially")
    yield from _either_role(actor, package)
    if len(work_of(package).open_changes) < 2:
        yield Blocker("one_change", "It carries one change only; there is no part of it.",
                      "Complete it, or back it out.", "release coordinator")  # fmt: skip


def delivered_blockers(package: ReleasePackage, delivered: Iterable[UUID]) -> Iterator[Blocker]:
    """Whether exactly these changes can stay in production."""
    chosen, work = set(delivered), work_of(package)
    if not chosen or chosen >= set(work.open_changes):
        yield bad_input(
            "delivered", "A part is some of the changes, neither none nor all.",
            "Name the changes that are delivered.",
        )  # fmt: skip
    for step in work.altered:
        served = work.named_by(step)
        if served and not served & chosen:
            yield Blocker(
                "altered",
                f"Step {step.label} {step.title} altered production for changes that are not "
                "delivered.",
                "Back that step out first.",
                f"team {step.team}",
            )
    left = set(work.open_changes) - chosen
    for check in work.checks_not_good(Phase.PRE, Phase.IN_WINDOW, Phase.GO_DECISION):
        if check.change_id not in left:
            yield Blocker(
                "check_open",
                f"Check {check.code} {check.title} is {check.get_state_display().lower()}.",
                "Record its result; an application owner may accept a deviation.",
                f"team {check.team}",
            )


def complete_partially_blockers(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """The second of two people, with the other of the two roles."""
    yield from move_state_blockers(package, "complete_partially")
    yield from _either_role(actor, package)
    found = part_proposed(package)
    delivered = delivered_of(package)
    if found is None and delivered:
        yield from _after_decision(actor, package)
    else:
        seal = digest_of([package], found.values) if found else ""
        yield from countersign_blockers(actor, found, seal)
        if found is not None and actor.id != found.proposed_by_id:
            yield from _other_role(actor, package, found.values["role"])
    if delivered:
        yield from delivered_blockers(package, delivered)


def role_in(actor: Actor) -> str:
    """In which of the two roles somebody proposes."""
    return MANAGER if actor.holds(MANAGER) else OWNER


def _either_role(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    if not actor.holds(MANAGER):
        yield from role_blockers(
            actor,
            MANAGER,
            OWNER,
            scopes=_applications(package) or [""],
            fix="Ask a release manager or the owner of the application.",
        )


def _after_decision(actor: Actor, package: ReleasePackage) -> Iterator[Blocker]:
    """The release manager decided; the owner of the application completes."""
    if actor.id == package.go_by_id:
        yield Blocker(
            "second_person",
            "You decided on it; a second person completes it.",
            "Ask the owner of the application.",
            "application owner",
            kind="permission",
        )
    else:
        yield from _other_role(actor, package, MANAGER)


def _other_role(actor: Actor, package: ReleasePackage, first: str) -> Iterator[Blocker]:
    if first != MANAGER:
        yield from role_blockers(actor, MANAGER)
    elif not any(actor.holds(OWNER, scope=scope) for scope in _applications(package)):
        yield from role_blockers(
            actor,
            OWNER,
            scopes=_applications(package) or [""],
            fix="A release manager proposed it; the owner of the application confirms.",
        )


def _applications(package: ReleasePackage) -> list[str]:
    return [f"application:{m.change.application.code}" for m in work_of(package).members]
