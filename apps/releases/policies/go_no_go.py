"""Who confirms a decision of the night as its second person, and on what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.approvals.models import Countersign
from apps.approvals.policies import PROPOSAL_HOLDS, countersign_blockers
from apps.approvals.selectors import open_proposal
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.evidence.domain.canonical import digest
from apps.releases.models import PackageChange, ReleasePackage, ValidationCheck
from apps.releases.policies.package import decided_state_blockers
from apps.releases.policies.package_facts import work_of
from apps.releases.policies.reasons import role_blockers
from apps.windows.domain import lifecycle as window_life
from apps.windows.models import ReleaseWindow

#: What waits for a second person, by its name in the proposals.
GO_NO_GO = "go_no_go"
MANAGER, CHAIR, OWNER = "release_manager", "cab_chair", "application_owner"


def proposed_of(about: ReleaseWindow | ReleasePackage) -> Countersign | None:
    """Read once per row object."""
    known = about.__dict__.get("_proposed")
    if known is None:
        known = about.__dict__["_proposed"] = (open_proposal(about.subject, GO_NO_GO),)
    found: Countersign | None = known[0]
    return found


def is_proposed(about: ReleaseWindow | ReleasePackage) -> bool:
    """Whether a decision waits for a second person now."""
    found = proposed_of(about)
    return found is not None and clock.now() - found.proposed_at <= PROPOSAL_HOLDS


def packages_in(found: Countersign | None) -> list[ReleasePackage]:
    """The packages that a proposal decides on, in key order."""
    keys = [line["package"] for line in found.values["lines"]] if found else []
    rows = ReleasePackage.objects.filter(pk__in=keys).select_related("window")
    return list(rows.order_by("pk"))


def digest_of(packages: Sequence[ReleasePackage], values: Mapping[str, Any]) -> str:
    """Over what is decided and what it rests on: the packages as they are, and their checks."""
    checks = ValidationCheck.objects.filter(package__in=[package.pk for package in packages])
    return digest(
        {
            "values": values,
            "packages": sorted(
                [p.code, p.state, p.go_decision, p.risk_band, str(p.failed_at)] for p in packages
            ),
            "checks": sorted(
                [str(pk), state, measured]
                for pk, state, measured in checks.values_list("pk", "state", "actual_value")
            ),
        }
    )


def confirm_decision_blockers(
    actor: Actor, about: ReleaseWindow | ReleasePackage
) -> Iterator[Blocker]:
    """A second person: another release manager, the chair of the board, or the owner of an
    application; of a part, the owner of the application whose changes are delivered."""
    if isinstance(about, ReleasePackage):
        yield from decided_state_blockers(about)
    elif about.state != window_life.IN_PROGRESS:
        yield Blocker(
            "wrong_state",
            f"{about.code} is {about.get_state_display().lower()}; it is decided on while it is "
            "in progress.",
            "Start the window first.",
            "release coordinator",
            kind="state",
        )
    found = proposed_of(about)
    packages = packages_in(found)
    decisions = {line["decision"] for line in found.values["lines"]} if found else set()
    seal = digest_of(packages, found.values) if found else ""
    yield from countersign_blockers(actor, found, seal)
    if not any(actor.holds(OWNER, scope=scope) for scope in _owned(packages, about)):
        if "partial" in decisions:
            yield from role_blockers(
                actor, OWNER, scopes=("",),
                fix="The owner of the application confirms what is delivered in part.",
            )  # fmt: skip
        else:
            yield from role_blockers(
                actor, MANAGER, CHAIR,
                fix="Ask a release manager, the board's chair, or the owner of the application.",
            )  # fmt: skip
    for package in packages:
        if actor.id in work_of(package).implementers:
            yield Blocker(
                "separation_of_duties",
                f"You run or stand in for a step of {package.code}.",
                "Somebody who runs none of its steps confirms.",
                "another second person",
                kind="permission",
            )


def _owned(packages: Sequence[ReleasePackage], about: ReleaseWindow | ReleasePackage) -> list[str]:
    """The scopes of those who own an application of what is decided on."""
    if not packages and isinstance(about, ReleasePackage):
        packages = [about]
    members = PackageChange.objects.filter(package__in=[package.pk for package in packages])
    codes = members.values_list("change__application__code", flat=True)
    return sorted({f"application:{code}" for code in codes})
