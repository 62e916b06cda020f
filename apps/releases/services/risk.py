"""The risk of a package: that of all its changes together, in its window, with its plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.changes.domain.risk import Risk, evidence_gap
from apps.changes.models import ChangeAsset, ChangeRequest, RiskAssessment
from apps.changes.selectors import Night, passed_tests, scopes_of, works_of
from apps.changes.services.risk import (
    Moment,
    assessment_of,
    is_hard_to_reverse,
    keep_risk,
    scope_facts,
    teams_of,
    timing_of,
)
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of
from apps.gates.domain.waiver import is_beyond
from apps.gates.models import Waiver
from apps.gates.selectors import waivers_in_force
from apps.releases import events
from apps.releases.domain.points import highest_band
from apps.releases.models import ReleasePackage
from apps.releases.policies.package_facts import Work, work_of
from apps.releases.policies.waiver import limits


def score_package(package: ReleasePackage, moment: str) -> RiskAssessment:
    """Inner: set the band of the locked package, which the caller saves, and keep the reckoning.

    The band is the higher of that of its changes and that of the score.
    """
    assessment = reckon_package(package, moment)
    assessment.save(force_insert=True)
    package.risk_band = assessment.band
    return assessment


def keep_risk_at_start(package: ReleasePackage) -> None:
    """Inner: keep the risk of every change as it is when work begins."""
    keys = work_of(package).open_changes
    changes = ChangeRequest.objects.select_related("application").filter(pk__in=keys)
    for change in changes.order_by("code"):
        keep_risk(change, Moment.START)


def reckon_package(package: ReleasePackage, moment: str) -> RiskAssessment:
    """The assessment of the package as it is planned now, not saved yet."""
    work = work_of(package)
    scopes = scopes_of(work.open_changes)
    lines = [line for scope in scopes.values() for line in scope]
    steps = [step for step in work.forward if step.type.alters and step.planned_end_at]
    planned = [step.planned_end_at for step in steps if step.planned_end_at]
    night = night_of(package)
    facts = scope_facts(
        lines,
        max(planned, default=night.starts_at),
        timing=timing_of(works_of(work.open_changes, night.site).values(), night),
        teams=len(teams_of(lines) | {step.team_id for step in work.forward}),
        reversibility=_reversibility(work, lines),
        evidence_gap=_evidence_gap(work),
        late_scope=_has_late_scope(package),
        delays=package.delay_count,
        waivers_beyond=_waives_beyond(package),
    )
    return assessment_of(package.subject, moment, facts, lambda band: _judge(work, band))


def night_of(package: ReleasePackage) -> Night:
    """Its window; an emergency waits for none and goes now."""
    window, now = package.window, clock.now()
    if window is None:
        return Night(now, now)
    return Night(window.opens_at, window.closes_at, window.site.code)


def _judge(work: Work, scored: str) -> Risk:
    """Each band that lifts the package, with whose it is."""
    known = [work.change_facts[key] for key in work.open_changes]
    highest = highest_band([scored, *(facts.risk_band for facts in known)])
    reasons = [
        f"{facts.code} is {facts.risk_band} risk." for facts in known if facts.risk_band == highest
    ]
    return Risk(highest, (*reasons, f"Its score says {scored} risk."))


def _reversibility(work: Work, lines: Sequence[ChangeAsset]) -> float:
    """1 where data is converted or a part cannot be undone, else the share of the time until the
    cut-off that the whole way back takes (domain 5.6)."""
    changes = ChangeRequest.objects.filter(pk__in=work.open_changes, irreversible=True)
    if (
        is_hard_to_reverse(lines)
        or any(step.irreversible for step in work.forward)
        or changes.exists()
    ):
        return 1.0
    window = work.package.window
    back = sum(step.duration_minutes for step in work.steps if step.is_backout)
    if window is None or not back:
        return 0.0
    minutes = (window.effective_cutoff - window.opens_at).total_seconds() / 60
    return min(1.0, back / minutes) if minutes > 0 else 1.0


def _evidence_gap(work: Work) -> float:
    """What is missing on average of the tests that the band of each change needs."""
    known = [work.change_facts[key] for key in work.open_changes]
    passed = passed_tests(f"{ChangeRequest.SUBJECT}:{facts.id}" for facts in known)
    gaps = [
        evidence_gap(facts.risk_band or "low", passed[f"{ChangeRequest.SUBJECT}:{facts.id}"])
        for facts in known
    ]
    return sum(gaps) / len(gaps) if gaps else 0.0


def _has_late_scope(package: ReleasePackage) -> bool:
    """Whether a change came in after the scope of the window was locked, as the ledger tells."""
    locks_at = package.window.scope_lock_at if package.window else None
    if locks_at is None:
        return False
    if package.created_at > locks_at:
        return True
    late = EvidenceEntry.objects.filter(
        subject=package.subject, action__in=[events.PACKAGE_EDITED.code, *_JOINED], at__gt=locks_at
    )
    return any(entry.action in _JOINED or _adds_member(body_of(entry)["diff"]) for entry in late)


#: What brings a package into a window. The last of them is into the one that it is in.
_JOINED = (
    events.PACKAGE_PLANNED.code, events.PACKAGE_REPLANNED.code, events.PACKAGE_MOVED.code
)  # fmt: skip


def _waives_beyond(package: ReleasePackage) -> bool:
    """Whether more of its gates are waived, in force, than it may have."""
    rows = waivers_in_force([package.subject], package.window_id).filter(kind=Waiver.Kind.GATE)
    levels = rows.values_list("level", flat=True)
    return package.window_id is not None and is_beyond(levels, limits())


def _adds_member(diff: Sequence[dict[str, Any]]) -> bool:
    """Whether the list of changes grew; one too long for the ledger is taken to have."""
    return any(
        row["field"] == "members"
        and {each["change"] for each in row.get("new", ({"change": "?"},))}
        - {each["change"] for each in row.get("old", ())}
        for row in diff
    )
