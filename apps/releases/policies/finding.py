"""Every reason why something may not happen to a finding, one generator per move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q

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
#: Who answers for what the rules find, beside the person the finding was given to: the first two
#: for all of it, the others for what is theirs.
EVERYWHERE = ("release_coordinator", "release_manager")
STEWARDS = (*EVERYWHERE, "technical_lead", "application_owner")

keep_rules_blockers = register_roles("site_admin", "change_manager")


def state_blockers(finding: Finding, move: str, done: str) -> Iterator[Blocker]:
    yield from any_state_blockers(
        f"This {finding.rule.code} finding", finding.state, life.FINDING_SOURCES[move], LABELS, done
    )


def _steward_blockers(actor: Actor, finding: Finding) -> Iterator[Blocker]:
    is_theirs = actor.id is not None and actor.id == finding.owner_id
    if not is_theirs and not actor.holds(*EVERYWHERE):
        yield from role_blockers(
            actor,
            *STEWARDS,
            scopes=_scopes(finding) if actor.holds(*STEWARDS) else (),
            fix=f"Ask {finding.owner or 'a coordinator'}.",
        )


def _scopes(finding: Finding) -> list[str]:
    """The applications of its changes and of those of its packages, and the families of its
    assets."""
    about = Q(findings=finding) | Q(memberships__package__findings=finding)
    codes = ChangeRequest.objects.filter(about).values_list("application__code", flat=True)
    families = finding.assets.values_list("type__family", flat=True)
    return [
        *(f"application:{code}" for code in codes.order_by("application__code").distinct()),
        *(f"family:{family}" for family in families.order_by("type__family").distinct()),
    ] or [""]


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


def _mend_state_blockers(finding: Finding) -> Iterator[Blocker]:
    yield from any_state_blockers(
        f"This {finding.rule.code} finding", finding.state, life.LIVE_FINDING, LABELS, "mended"
    )


def fix_blockers(actor: Actor, finding: Finding) -> Iterator[Blocker]:
    """Why no fix can be applied: those of the change or plan that it would edit, too."""
    yield from _mend_state_blockers(finding)
    fixes = fixes_by_click(finding)
    if not fixes:
        told = "; ".join(fix.label.rstrip(".") for fix in finding.proposed)
        yield Blocker(
            "by_people",
            "Only people can mend this.",
            f"{told or 'Remove the cause'}.",
            str(finding.owner or "its owner"),
        )
    edited = _Edited(actor, fixes)
    refused = [list(edited.blockers(fix)) for fix in fixes]
    if refused and all(refused):
        yield from refused[0]


def chosen_fix_blockers(actor: Actor, finding: Finding, fix: Fix) -> Iterator[Blocker]:
    """Why this one of its fixes cannot be applied, whatever may be said of the others."""
    yield from _mend_state_blockers(finding)
    yield from _Edited(actor, [fix]).blockers(fix)


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix, and what keeps the one who reads it from applying it."""

    fix: Fix
    blockers: tuple[Blocker, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A finding with its fixes, as a list shows them."""

    finding: Finding
    offers: tuple[Offer, ...] = ()

    @property
    def blockers(self) -> list[Blocker]:
        """Of all its fixes, each once."""
        told = (blocker for offer in self.offers for blocker in offer.blockers)
        return list({(blocker.code, blocker.text): blocker for blocker in told}.values())


def lines_of(actor: Actor, findings: Iterable[Finding]) -> list[Line]:
    """With the fixes of those that somebody has to see to. At most two queries."""
    told = [(finding, finding.proposed if finding.is_live else []) for finding in findings]
    edited = _Edited(actor, [fix for _, fixes in told for fix in fixes])
    return [
        Line(finding, tuple(Offer(fix, tuple(edited.blockers(fix))) for fix in fixes))
        for finding, fixes in told
    ]


class _Edited:
    """Why `actor` may not edit the changes and plans that these fixes add to."""

    def __init__(self, actor: Actor, fixes: Iterable[Fix]) -> None:
        keys: dict[str, set[str]] = {"change": set(), "package": set()}
        for fix in fixes:
            for about, key in _subjects(fix):
                keys[about].add(key)
        changes = ChangeRequest.objects.select_related("requester", "owner")
        self._why: dict[tuple[str, str], list[Blocker]] = {}
        for change in changes.filter(pk__in=keys["change"]) if keys["change"] else ():
            self._why["change", str(change.pk)] = list(edit_change_blockers(actor, change))
        packages = ReleasePackage.objects.filter(pk__in=keys["package"])
        for package in packages if keys["package"] else ():
            told = list(edit_step_blockers(actor, Activity(package=package)))
            self._why["package", str(package.pk)] = told

    def blockers(self, fix: Fix) -> Iterator[Blocker]:
        for subject in _subjects(fix):
            yield from self._why.get(subject, ())


def _subjects(fix: Fix) -> dict[tuple[str, str], None]:
    """("change" or "package", key) of what the fix adds to, each once; nothing for people."""
    about = {"add_assets": "change", "add_steps": "package", "add_checks": "package"}.get(fix.kind)
    return {(about, row[about]): None for row in fix.rows} if about else {}


def unknown_fix_blocker(fix: str) -> Blocker:
    return bad_input("fix", f"There is no fix {fix[:20]!r}.", "Choose one that the finding offers.")


def unknown_owner_blocker() -> Blocker:
    return bad_input("owner", "There is no such active person.", "Choose somebody who works here.")
