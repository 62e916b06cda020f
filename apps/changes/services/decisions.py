"""Signatures on a change; the last one that is needed approves it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from apps.approvals.domain.slots import Verdict
from apps.approvals.models import Approval
from apps.approvals.policies import signable, step_up_blockers
from apps.approvals.services.slots import lock_live_slots, sign, withdraw
from apps.changes import events
from apps.changes.models import ChangeRequest
from apps.changes.policies import sign_blockers
from apps.changes.selectors import changes_with_people
from apps.changes.services.requests import comment_blockers
from apps.changes.services.risk import Moment, keep_risk
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record

VALID_FOR = timedelta(days=90)


@door("change")
def approve(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    slot: str = "",
) -> ChangeRequest:
    """Sign one slot in favour; the last signature needed approves the change.

    `expected_seq` is the version that the signer saw, and is not optional. `slot` chooses among
    several open slots of the signer; empty takes the first.
    """
    return _decide(pk, actor, "approve", expected_seq, comment, slot)


@door("change")
def approve_with_conditions(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    slot: str = "",
) -> ChangeRequest:
    """Sign in favour; the comment says the conditions."""
    refuse_if_any(comment_blockers(comment))
    return _decide(pk, actor, "approve_with_conditions", expected_seq, comment, slot)


@door("change")
def reject(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    slot: str = "",
) -> ChangeRequest:
    """Sign against it, with the reason: the change is rejected."""
    refuse_if_any(comment_blockers(comment))
    return _decide(pk, actor, "reject", expected_seq, comment, slot)


@door("change")
def abstain(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    slot: str = "",
) -> ChangeRequest:
    """Say that one does not decide; the slot stays open for somebody else."""
    return _decide(pk, actor, "abstain", expected_seq, comment, slot)


def _decide(
    pk: UUID, actor: Actor, verdict: Verdict, expected_seq: int | None, comment: str, slot_code: str
) -> ChangeRequest:
    if expected_seq is None:
        raise Refused(
            bad_input(
                "expected_seq",
                "A decision names the version that was on the screen.",
                "Send the version of the record you looked at (If-Match).",
                "version_needed",
            )
        )
    change = lock(changes_with_people(), pk, expected_seq=expected_seq)
    slots = lock_live_slots(change.subject)
    refuse_if_any([*sign_blockers(actor, change, slots), *step_up_blockers(actor)])
    slot = _slot_for(slots, actor, slot_code)
    outcome = sign(slot=slot, actor=actor, verdict=verdict, comment=comment)
    event = events.SIGNED
    if outcome == "rejected":
        withdraw(about=change.subject, actor=actor, reason=f"Rejected: {comment}")
        change.reject()
        change.outcome = "rejected"
        event = events.REJECTED
    elif all(slot.state != Approval.State.REQUESTED for slot in slots):
        change.approve()
        keep_risk(change, Moment.APPROVAL)
        change.approved_at = clock.now()
        change.valid_until = change.approved_at + VALID_FOR
        event = events.APPROVED
    return record(
        change,
        actor=actor,
        event=event,
        comment=comment,
        meaning=f"{slot.label}: {verdict.replace('_', ' ')}",
        slot={"approval": slot.subject, "code": slot.slot},
        content_digest=change.fingerprint,
        policy_version=slot.policy_version,
    )


def _slot_for(slots: Sequence[Approval], actor: Actor, code: str) -> Approval:
    waiting = [slot for slot in slots if slot.state == Approval.State.REQUESTED]
    decisions = [decision for slot in waiting for decision in slot.decisions.all()]
    mine = signable(actor, waiting, decisions)
    chosen = next((slot for slot in mine if not code or slot.slot == code), None)
    if chosen is None:
        raise Refused(
            Blocker(
                "not_in_slot",
                f"You may not sign the slot {code[:40]!r}.",
                f"Choose one of: {', '.join(slot.slot for slot in mine)}.",
                "you",
                kind="permission",
                field="slot",
            )
        )
    return chosen
