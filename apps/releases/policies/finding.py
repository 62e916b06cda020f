"""Every reason why something may not happen to a finding, one generator per move."""

from __future__ import annotations

from collections.abc import Iterator

from apps.changes.models import ChangeRequest
from apps.changes.policies import edit_blockers as edit_change_blockers
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.evidence.services.register import register_roles
from apps.releases.domain import lifecycle as life
from apps.releases.domain.findings import Fix
from apps.releases.models import Activity, Finding, ReleasePackage
from apps.releases.policies.activity_plan import edit_step_blockers
from apps.releases.policies.reasons import role_blockers
from apps.releases.policies.reasons import state_blockers as any_state_blockers

LABELS = dict(life.FINDING_STATES)
#: Who answers for what the rules find; beside them only the person the finding was given to.
STEWARDS = ("release_coordinator", "release_manager", "technical_lead", "application_owner")

keep_rules_blockers = register_roles("site_admin", "change_manager")


def state_blockers(finding: Finding, move: str, done: str) -> Iterator[Blocker]:
    yield from any_state_blockers(
        f"This {finding.rule.code} finding", finding.state, life.FINDING_SOURCES[move], LABELS, done
    )


def _steward_blockers(actor: Actor, finding: Finding) -> Iterator[Blocker]:
    if actor.id is None or actor.id != finding.owner_id:
        yield from role_blockers(actor, *STEWARDS, fix=f"Ask {finding.owner or 'a coordinator'}.")


def acknowledge_blockers(actor: Actor, finding: Finding) -> Iterator[Blocker]:
    yield from state_blockers(finding, "acknowledge", "acknowledged")
    yield from _steward_blockers(actor, finding)


def resolve_blockers(actor: Actor, finding: Finding) -> Iterator[Blocker]:
    """A hard finding is resolved when its rule no longer finds it, never by saying so."""
    yield from state_blockers(finding, "resolve", "resolved")
    yield from _steward_blockers(actor, finding)
    if finding.is_detected and finding.severity == "hard":
        yield Blocker(
            "still_there",
            f"{finding.rule} still finds it: {finding.text}",
            "Remove the cause first; the rule is asked again when you resolve it.",
            str(finding.owner or "release coordinator"),
        )


def assign_blockers(actor: Actor, finding: Finding) -> Iterator[Blocker]:
    yield from any_state_blockers(
        f"This {finding.rule.code} finding", finding.state, life.LIVE_FINDING, LABELS, "given away"
    )
    yield from _steward_blockers(actor, finding)


def fixes_by_click(finding: Finding) -> list[Fix]:
    """What one click can do; the others are left to people."""
    return [fix for fix in finding.proposed if fix.is_by_click]


def fix_blockers(actor: Actor, finding: Finding) -> Iterator[Blocker]:
    """Why no fix can be applied: those of the change or plan that it would edit, too."""
    yield from any_state_blockers(
        f"This {finding.rule.code} finding", finding.state, life.LIVE_FINDING, LABELS, "mended"
    )
    fixes = fixes_by_click(finding)
    if not fixes:
        told = "; ".join(fix.label.rstrip(".") for fix in finding.proposed)
        yield Blocker(
            "by_people",
            "Only people can mend this.",
            f"{told or 'Remove the cause'}.",
            str(finding.owner or "its owner"),
        )
    refused = [list(_edited_blockers(actor, fix)) for fix in fixes]
    if refused and all(refused):
        yield from refused[0]


def _edited_blockers(actor: Actor, fix: Fix) -> Iterator[Blocker]:
    """Why `actor` may not edit what the fix adds to."""
    if fix.kind == "add_assets":
        keys = {row["change"] for row in fix.rows}
        for change in ChangeRequest.objects.filter(pk__in=keys).order_by("code"):
            yield from edit_change_blockers(actor, change)
    else:
        keys = {row["package"] for row in fix.rows}
        for package in ReleasePackage.objects.filter(pk__in=keys).order_by("code"):
            yield from edit_step_blockers(actor, Activity(package=package))


def unknown_fix_blocker(fix: str) -> Blocker:
    return bad_input("fix", f"There is no fix {fix[:20]!r}.", "Choose one that the finding offers.")


def unknown_owner_blocker() -> Blocker:
    return bad_input("owner", "There is no such active person.", "Choose somebody who works here.")
