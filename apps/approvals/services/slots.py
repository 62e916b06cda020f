"""Open, sign and close slots. Inner functions: the subject's own door calls them under its lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from apps.approvals import events
from apps.approvals.domain.slots import (
    VERDICT_IN_WORDS,
    Outcome,
    Signature,
    SlotSpec,
    Verdict,
    outcome_of,
)
from apps.approvals.models import Approval, Decision
from apps.approvals.selectors import live_slots
from apps.core import clock
from apps.core.actor import Actor
from apps.evidence.services.ledger import record, record_created, remember


def request_slots(
    *,
    about: str,
    specs: Iterable[SlotSpec],
    content_digest: str,
    seal: Mapping[str, str],
    policy_version: str,
    actor: Actor,
) -> list[Approval]:
    """Ask for every signature in `specs` on the content with this digest.

    `seal`: the digest of each of its groups.
    """
    return [
        record_created(
            Approval(
                about=about,
                slot=spec.code,
                label=spec.label,
                eligible=[[held.role, held.scope] for held in spec.eligible],
                quorum=spec.quorum,
                because=spec.because,
                order=spec.order,
                sla_hours=spec.sla_hours,
                excludes=list(spec.excludes),
                rules=list(spec.rules),
                policy_version=policy_version,
                content_digest=content_digest,
                seal=dict(seal),
                requested_at=clock.now(),
            ),
            actor=actor,
            event=events.REQUESTED,
            about=about,
            policy_version=policy_version,
            content_digest=content_digest,
        )
        for spec in specs
    ]


def lock_live_slots(about: str) -> list[Approval]:
    """The open and the signed slots of a subject, locked, with their decisions; two queries."""
    slots = list(live_slots(about).select_for_update(of=("self",)))
    for slot in slots:
        remember(slot)
    return slots


def sign(
    *, slot: Approval, actor: Actor, verdict: Verdict, comment: str, conditions: str = ""
) -> Outcome:
    """Add one signature to a slot from `lock_live_slots`; returns what it amounts to.

    Permission is the caller's business: `policies.sign_blockers` and `step_up_blockers`.
    """
    meaning = f"I have {VERDICT_IN_WORDS[verdict]} as {slot.label.lower()}"
    decision = Decision.objects.create(
        approval=slot,
        by_id=actor.user_id,
        verdict=verdict,
        comment=comment,
        conditions=conditions,
        meaning=meaning,
        content_digest=slot.content_digest,
        channel=actor.channel,
        decided_at=clock.now(),
    )
    signatures = [
        Signature(given.by_id, cast(Verdict, given.verdict))
        for given in (*slot.decisions.all(), decision)
    ]
    outcome = outcome_of(signatures, slot.quorum)
    if outcome == "approved":
        slot.approve()
    elif outcome == "approved_with_conditions":
        slot.approve_with_conditions()
    elif outcome == "rejected":
        slot.reject()
    record(
        slot,
        actor=actor,
        event=events.SIGNED,
        comment=comment,
        about=slot.about,
        meaning=meaning,
        verdict=verdict,
        content_digest=slot.content_digest,
        policy_version=slot.policy_version,
        parts={"decisions": [decision.governed_values()]},
    )
    return outcome


def supersede(*, about: str, actor: Actor, reason: str) -> int:
    """The content changed: no signature on the old one counts any more."""
    return _close_all(about, actor, "superseded", reason)


def withdraw(*, about: str, actor: Actor, reason: str) -> int:
    """Nobody is asked any more."""
    return _close_all(about, actor, "withdrawn", reason)


def _close_all(about: str, actor: Actor, how: str, reason: str) -> int:
    live = Approval.objects.select_for_update().filter(
        about=about, state__in=[Approval.State.REQUESTED, *Approval.SATISFIED]
    )
    count = 0
    for slot in live.order_by("pk"):
        remember(slot)
        slot.closed_reason = reason[:300]
        if how == "superseded":
            slot.supersede()
            event = events.SUPERSEDED
        else:
            slot.withdraw()
            event = events.WITHDRAWN
        record(slot, actor=actor, event=event, comment=reason, about=about)
        count += 1
    return count
