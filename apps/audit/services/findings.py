"""Findings: opened by auditors, answered by their owners, closed by somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.audit import events
from apps.audit.models import AuditFinding
from apps.audit.policies import finding as rules
from apps.audit.services.codes import next_code
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.rows import comment_blockers, fill, key_of

EDITABLE_FIELDS = ("what", "owner", "due_at")
CREATABLE_FIELDS = ("population", "control", "about_name", *EDITABLE_FIELDS)


@door("audit_finding")
def open_finding(*, actor: Actor, values: Mapping[str, Any], comment: str = "") -> AuditFinding:
    """One that no control test tells of."""
    refuse_if_any([*rules.open_blockers(actor), *comment_blockers(comment)])
    finding = AuditFinding(code=next_code(AuditFinding, "AF"), opened_by_id=actor.id)
    fill(finding, values, CREATABLE_FIELDS)
    refuse_if_any([*model_blockers(finding), *rules.content_blockers(actor, finding)])
    return record_created(finding, actor=actor, event=events.FINDING_OPENED, comment=comment)


@door("audit_finding")
def edit_finding(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    expected_seq: int | None = None,
    comment: str = "",
) -> AuditFinding:
    finding = _lock(pk, expected_seq)
    refuse_if_any([*rules.edit_blockers(actor, finding), *comment_blockers(comment)])
    before = finding.governed_values()
    fill(finding, values, EDITABLE_FIELDS)
    new_due = "due_at" in values
    refuse_if_any([*model_blockers(finding), *rules.content_blockers(actor, finding, new=new_due)])
    if finding.governed_values() == before:
        return finding
    return record(finding, actor=actor, event=events.FINDING_EDITED, comment=comment)


@door("audit_finding")
def explain_finding(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> AuditFinding:
    """Its owner says why it is as it is."""
    finding = _lock(pk, expected_seq)
    refuse_if_any([*rules.explain_blockers(actor, finding),
                   *reason_blockers(comment, "Explanation")])  # fmt: skip
    finding.explain()
    _answered(finding, actor, comment)
    return record(finding, actor=actor, event=events.FINDING_EXPLAINED, comment=comment)


@door("audit_finding")
def remediate_finding(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> AuditFinding:
    """Its owner put it right; the comment says how."""
    finding = _lock(pk, expected_seq)
    refuse_if_any([*rules.remediate_blockers(actor, finding),
                   *reason_blockers(comment, "What was done")])  # fmt: skip
    finding.remediate()
    _answered(finding, actor, comment)
    return record(finding, actor=actor, event=events.FINDING_REMEDIATED, comment=comment)


@door("audit_finding")
def accept_finding(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> AuditFinding:
    """Somebody who may, and does not answer for it, says that the house lives with it."""
    finding = _lock(pk, expected_seq)
    refuse_if_any([*rules.accept_blockers(actor, finding), *reason_blockers(comment),
                   *step_up_blockers(actor)])  # fmt: skip
    finding.accept_risk()
    _answered(finding, actor, comment)
    return record(finding, actor=actor, event=events.FINDING_ACCEPTED, comment=comment)


@door("audit_finding")
def close_finding(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> AuditFinding:
    """An auditor is content with the answer."""
    finding = _lock(pk, expected_seq)
    refuse_if_any([*rules.close_blockers(actor, finding), *comment_blockers(comment),
                   *step_up_blockers(actor)])  # fmt: skip
    finding.close_finding()
    finding.closed_by_id, finding.closed_at = actor.id, clock.now()
    return record(finding, actor=actor, event=events.FINDING_CLOSED, comment=comment)


@door("audit_finding")
def reopen_finding(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> AuditFinding:
    """The answer is not enough, or the thing came back. The answer stays in the history."""
    finding = _lock(pk, expected_seq)
    refuse_if_any([*rules.reopen_blockers(actor, finding), *reason_blockers(comment)])
    finding.reopen_finding()
    finding.answer, finding.answered_by, finding.answered_at = "", None, None
    finding.closed_by, finding.closed_at = None, None
    return record(finding, actor=actor, event=events.FINDING_REOPENED, comment=comment)


def _answered(finding: AuditFinding, actor: Actor, comment: str) -> None:
    finding.answer, finding.answered_at = tidy(comment), clock.now()
    finding.answered_by_id = actor.id


def _lock(pk: UUID, expected_seq: int | None) -> AuditFinding:
    rows = AuditFinding.objects.select_related("owner")
    return lock(rows, key_of(pk, "finding"), expected_seq=expected_seq)
