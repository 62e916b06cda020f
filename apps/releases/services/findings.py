"""What people do with findings: see them, give them to somebody, say how they were resolved."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.core.actor import Actor
from apps.core.errors import Refused, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record
from apps.releases import events
from apps.releases.domain.findings import Fix
from apps.releases.models import Finding
from apps.releases.policies import finding as rules
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.detection import is_still_found
from apps.releases.services.evaluation import evaluate_now
from apps.releases.services.fixes import Applied, apply_fix
from apps.releases.services.rows import as_key, comment_blockers


@door("finding")
def acknowledge_finding(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Finding:
    """Somebody knows of it. It opens again when it concerns more than it does now."""
    finding = _lock(pk, expected_seq)
    refuse_if_any([*rules.acknowledge_blockers(actor, finding), *reason_blockers(comment)])
    finding.acknowledge()
    finding.remark = tidy(comment)
    return record(finding, actor=actor, event=events.FINDING_ACKNOWLEDGED, comment=comment)


@door("finding")
def resolve_finding(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Finding:
    """Say how it was resolved. The rule is asked once more: a hard finding has to be gone."""
    finding = _lock(pk, expected_seq)
    finding.is_detected = is_still_found(finding)
    refuse_if_any([*rules.resolve_blockers(actor, finding), *reason_blockers(comment)])
    finding.resolve()
    finding.remark = tidy(comment)
    return record(finding, actor=actor, event=events.FINDING_RESOLVED, comment=comment)


@door("finding")
def assign_finding(
    *, pk: UUID, actor: Actor, owner: Any, expected_seq: int | None = None, comment: str = ""
) -> Finding:
    """Give it to somebody who sees to it."""
    finding = _lock(pk, expected_seq)
    blockers = [*rules.assign_blockers(actor, finding), *comment_blockers(comment)]
    people = User.objects.filter(is_active=True, kind=User.Kind.HUMAN)
    key = as_key(owner)
    user = people.filter(pk=key).first() if key else None
    if user is None:
        blockers.append(rules.unknown_owner_blocker())
    refuse_if_any(blockers)
    finding.owner = user
    return record(finding, actor=actor, event=events.FINDING_ASSIGNED, comment=comment)


def fix_finding(
    *, pk: UUID, actor: Actor, fix: str, expected_seq: int | None = None, comment: str = ""
) -> Applied:
    """Do with one click what the finding proposes, then ask its rule again.

    No door of its own: what is edited has one, which records the edit or refuses it.
    """
    finding, chosen = choose_fix(pk=pk, actor=actor, fix=fix, expected_seq=expected_seq)
    applied = apply_fix(rule=finding.rule.code, fix=chosen, actor=actor)
    evaluate_now(finding)
    return applied


@door("finding")
def choose_fix(
    *, pk: UUID, actor: Actor, fix: str, expected_seq: int | None = None
) -> tuple[Finding, Fix]:
    """The fix of this name, where it may be applied. Writes nothing but its refusal."""
    finding = _lock(pk, expected_seq)
    chosen = next((each for each in rules.fixes_by_click(finding) if each.name == fix), None)
    if chosen is None:
        raise Refused([*rules.fix_blockers(actor, finding), rules.unknown_fix_blocker(fix)])
    refuse_if_any(rules.chosen_fix_blockers(actor, finding, chosen))
    return finding, chosen


def _lock(pk: UUID, expected_seq: int | None) -> Finding:
    rows = Finding.objects.select_related("rule", "owner")
    return lock(rows, pk, expected_seq=expected_seq)
