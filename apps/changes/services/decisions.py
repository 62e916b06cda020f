"""Signatures on a change; the last one that is needed approves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.domain.authority import Authority
from apps.accounts.models import User
from apps.accounts.selectors import authorities_of
from apps.approvals.domain.eligibility import NOBODY_ASKED, Eligibility, Opening, eligibility
from apps.approvals.domain.slots import Outcome, Verdict
from apps.approvals.models import Approval, Decision
from apps.approvals.policies import candidate_of, content_blockers, own_decision, version_blockers
from apps.approvals.selectors import opened_since_sign_in
from apps.approvals.services import slots as signatures
from apps.approvals.services.obligations import conditions_blockers, set_obligations
from apps.changes import events
from apps.changes.domain.decisions import state_after
from apps.changes.models import ChangeRequest
from apps.changes.policies import (
    bulk_blockers,
    case_about,
    eligible_to_sign,
    emergency_debt_blockers,
    expire_blockers,
    recuse_blockers,
    sign_blockers,
    take_back_blockers,
)
from apps.changes.selectors import changes_due_to_expire, changes_with_people, changes_with_scope
from apps.changes.services.questions import ask
from apps.changes.services.requests import comment_blockers
from apps.changes.services.risk import Moment, keep_risk
from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.evidence.events import Event
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record

#: How long a signature counts.
VALID_FOR = timedelta(days=90)

Also = Callable[[ChangeRequest], Iterable[Blocker]]


@door("change")
def approve(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    slot: str = "",
    content_digest: str | None = None,
) -> ChangeRequest:
    """Sign one slot in favour; the last signature needed approves the change.

    `expected_seq` is the version that the signer saw, and is not optional; `content_digest`,
    where the door knows it, is that of the content on the screen and must be what is asked
    about. `slot` chooses among several open slots of the signer; empty takes the first.
    """
    return _decide(pk, actor, "approve", expected_seq, comment, slot, content_digest)


@door("change")
def approve_among_others(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    slot: str = "",
    content_digest: str,
) -> ChangeRequest:
    """Approve one of several chosen together: of low or medium risk, and opened by the signer
    as it is now since they signed in."""

    def bulk(change: ChangeRequest) -> Iterable[Blocker]:
        return bulk_blockers(change, opened_since_sign_in(actor))

    return _decide(pk, actor, "approve", expected_seq, comment, slot, content_digest, bulk)


@door("change")
def approve_with_conditions(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    slot: str = "",
    content_digest: str | None = None,
    owner: UUID | str = "",
    due_at: datetime | None = None,
) -> ChangeRequest:
    """Sign in favour; each line of the comment is a condition that is tracked until it is met.

    `owner` has to meet them, the owner of the change where nobody is named, until `due_at`; work
    does not start before they are.
    """
    refuse_if_any([*conditions_blockers(comment), *_due_blockers(due_at)])
    return _decide(
        pk, actor, "approve_with_conditions", expected_seq, comment, slot, content_digest,
        owner=owner, due_at=due_at,
    )  # fmt: skip


@door("change")
def reject(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    slot: str = "",
    content_digest: str | None = None,
) -> ChangeRequest:
    """Sign against it, with the reason: the change is rejected."""
    refuse_if_any(comment_blockers(comment))
    return _decide(pk, actor, "reject", expected_seq, comment, slot, content_digest)


@door("change")
def abstain(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    slot: str = "",
    content_digest: str | None = None,
) -> ChangeRequest:
    """Say that one does not decide; the slot stays open for somebody else."""
    return _decide(pk, actor, "abstain", expected_seq, comment, slot, content_digest)


@door("change")
def recuse(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ChangeRequest:
    """Step back from this record, with the reason: the person signs nothing on it any more."""
    refuse_if_any([*version_blockers(expected_seq), *comment_blockers(comment)])
    change = lock(changes_with_people(), pk, expected_seq=expected_seq)
    slots = signatures.lock_live_slots(change.subject)
    rights = authorities_of(actor.id)
    answer = eligible_to_sign(change, candidate_of(actor, rights), slots)
    refuse_if_any([*recuse_blockers(actor, change, answer, slots), *step_up_blockers(actor)])
    slot, authority = _seat(slots, rights)
    signatures.sign(slot=slot, actor=actor, authority=authority, verdict="recuse", comment=comment)
    return record(
        change,
        actor=actor,
        event=events.RECUSED,
        comment=comment,
        slot={"approval": slot.subject, "code": slot.slot},
        content_digest=change.fingerprint,
    )


def _seat(slots: Iterable[Approval], rights: Iterable[Authority]) -> tuple[Approval, Authority]:
    """The first open slot that one of `rights` fits, whether or not it counts there."""
    for slot in slots:
        for right in rights:
            if slot.state == Approval.State.REQUESTED and slot.spec.admits([right.held]):
                return slot, right
    raise Refused(NOBODY_ASKED.as_blocker())


@door("change")
def withdraw_decision(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    slot: str = "",
) -> ChangeRequest:
    """Take back one's own decision while the change is assessed; its slot is open again.

    `slot` chooses among several that one signed; empty takes the first.
    """
    refuse_if_any([*version_blockers(expected_seq), *comment_blockers(comment)])
    change = lock(changes_with_people(), pk, expected_seq=expected_seq)
    slots = signatures.lock_live_slots(change.subject)
    refuse_if_any([*take_back_blockers(actor, change, slots), *step_up_blockers(actor)])
    decision = own_decision(slots, actor.id, slot)
    if decision is None:
        raise Refused(_not_this_slot(slot, "You have decided nothing in"))
    signed = next(each for each in slots if each.pk == decision.approval_id)
    signatures.take_back(slot=signed, actor=actor, decision=decision, comment=comment)
    return record(
        change,
        actor=actor,
        event=events.DECISION_WITHDRAWN,
        comment=comment,
        slot={"approval": signed.subject, "code": signed.slot},
        asked_again=[signed.slot],
        content_digest=change.fingerprint,
    )


@door("change")
def expire_approval(*, pk: UUID, actor: Actor) -> ChangeRequest:
    """The time of the signatures is over: they are closed, and the same is asked again."""
    change = lock(changes_with_scope(), pk)
    refuse_if_any(expire_blockers(change))
    why = f"The approval ended at {change.valid_until:%Y-%m-%d %H:%M} UTC."
    signatures.expire(about=change.subject, actor=actor, reason=why)
    change.invalidate()
    change.approved_at = change.valid_until = None
    ask(change, actor)
    return record(
        change,
        actor=actor,
        event=events.INVALIDATED,
        comment=why,
        voided_by=why,
        content_digest=change.fingerprint,
        policy_version=change.policy_version,
    )


def expire_due() -> int:
    """Send back every change whose approval has ended; how many. What fails waits for the next
    run and keeps nobody else waiting."""
    actor = system_actor("approvals")
    done = 0
    for pk in changes_due_to_expire():
        try:
            expire_approval(pk=pk, actor=actor)
        except Refused:
            continue
        done += 1
    return done


def _decide(
    pk: UUID,
    actor: Actor,
    verdict: Verdict,
    expected_seq: int | None,
    comment: str,
    slot_code: str,
    content_digest: str | None,
    also: Also = lambda change: (),
    *,
    owner: UUID | str = "",
    due_at: datetime | None = None,
) -> ChangeRequest:
    refuse_if_any(version_blockers(expected_seq))
    change = lock(changes_with_people(), pk, expected_seq=expected_seq)
    slots = signatures.lock_live_slots(change.subject)
    case = case_about(change, slots)
    answer = eligibility(candidate_of(actor, authorities_of(actor.id)), case)
    refuse_if_any(
        [
            *sign_blockers(actor, change, answer),
            *step_up_blockers(actor),
            *content_blockers(change.code, change.fingerprint, content_digest),
            *(emergency_debt_blockers(change) if verdict in Decision.IN_FAVOUR else ()),
            *also(change),
        ]
    )
    opening = _opening(answer, slot_code)
    signatures.set_lapsed_aside(slots, case=case, actor=actor)
    slot = next(each for each in slots if each.slot == opening.slot)
    has_conditions = verdict == "approve_with_conditions"
    outcome = signatures.sign(
        slot=slot, actor=actor, authority=opening.authority, verdict=verdict, comment=comment,
        conditions=comment if has_conditions else "",
    )  # fmt: skip
    if has_conditions:
        answers_for = _person(owner) if owner else change.owner_id
        set_obligations(slot=slot, actor=actor, conditions=comment, owner=answers_for,
                        due_at=due_at)  # fmt: skip
    return record(
        change,
        actor=actor,
        event=settle(change, slots, actor=actor, comment=comment, signed=(slot, outcome)),
        comment=comment,
        meaning=f"{slot.label}: {verdict.replace('_', ' ')}",
        slot={"approval": slot.subject, "code": slot.slot},
        content_digest=change.fingerprint,
        policy_version=slot.policy_version,
    )


def settle(
    change: ChangeRequest,
    slots: Iterable[Approval],
    *,
    actor: Actor,
    comment: str,
    signed: tuple[Approval, Outcome],
) -> Event:
    """Move the locked change where its slots lead, with the outcome in the one just signed.

    Returns the event that tells it.
    """
    slot, outcome = signed
    state = state_after(outcome if each is slot else each.state for each in slots)
    if state == "rejected":
        signatures.withdraw(about=change.subject, actor=actor, reason=f"Rejected: {comment}")
        change.reject()
        change.outcome = "rejected"
        return events.REJECTED
    if state == "approved":
        change.approve()
        keep_risk(change, Moment.APPROVAL)
        change.approved_at = clock.now()
        change.valid_until = _valid_until(slots)
        return events.APPROVED
    return events.SIGNED


def _valid_until(slots: Iterable[Approval]) -> datetime:
    """The end of the oldest signature that stands: one that an edit left alone grows no younger
    by those that it asked for again."""
    standing = (said for slot in slots for said in slot.standing)
    return min(s.decided_at for s in standing if s.verdict in Decision.IN_FAVOUR) + VALID_FOR


def _due_blockers(due_at: datetime | None) -> Iterable[Blocker]:
    if due_at is not None and due_at <= clock.now():
        yield bad_input("due_at", "A condition cannot be due in the past.", "Enter a later time.")


def _person(key: UUID | str) -> UUID:
    found = User.objects.filter(pk=key, is_active=True, kind=User.Kind.HUMAN).first()
    if found is None:
        raise Refused(bad_input("owner", "There is no such active person.",
                                "Choose somebody who works here."))  # fmt: skip
    return found.pk


def _opening(answer: Eligibility, code: str) -> Opening:
    found = next((each for each in answer.openings if code in ("", each.slot)), None)
    if found is None:
        mine = ", ".join(dict.fromkeys(each.slot for each in answer.openings))
        raise Refused(_not_this_slot(code, "You may not sign", f"Choose one of: {mine}."))
    return found


def _not_this_slot(code: str, text: str, fix: str = "Choose another slot.") -> Blocker:
    return Blocker(
        "not_in_slot", f"{text} the slot {code[:40]!r}.", fix, "you", kind="permission",
        field="slot",
    )  # fmt: skip
