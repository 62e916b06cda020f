"""Open, sign and close slots. Inner functions: the subject's own door calls them under its lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias, cast
from uuid import UUID

from apps.accounts.domain.authority import Authority
from apps.approvals import events
from apps.approvals.domain.eligibility import Case, Eligibility
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
from apps.approvals.services.obligations import withdraw_obligations
from apps.core import clock
from apps.core.actor import Actor
from apps.evidence.domain.canonical import plain
from apps.evidence.services.ledger import record, record_created, remember

#: What comes of a question that one refusal ends and all signatures answer.
Settled: TypeAlias = Literal["signed", "approved", "refused"]


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
    """The live slots of a subject, locked, with their decisions; two queries."""
    slots = list(live_slots(about).select_for_update(of=("self",)))
    for slot in slots:
        remember(slot)
    return slots


def set_lapsed_aside(slots: Sequence[Approval], *, case: Case, actor: Actor) -> None:
    """Of locked slots count no signature whose signer may not sign any more; a slot that has too
    few of them left is open again. `case` asks about these slots, in their order."""
    for slot, question in zip(slots, case.questions, strict=True):
        people = {given.person for given in question.given if not given.counts}
        lapsed = [said for said in slot.standing if said.by_id in people]
        slot.lapsed = frozenset(said.pk for said in lapsed)
        if slot.state in Approval.SATISFIED and question.is_open:
            slot.reopen()
            record(
                slot,
                actor=actor,
                event=events.LAPSED,
                comment=f"Counts no more: {', '.join(str(said.by) for said in lapsed)}.",
                about=slot.about,
            )


def sign(
    *,
    slot: Approval,
    actor: Actor,
    authority: Authority,
    verdict: Verdict,
    comment: str,
    conditions: str = "",
    recorder: Actor | None = None,
) -> Outcome:
    """Add one signature to a slot from `lock_live_slots`; returns what it amounts to.

    `authority` is the right by which `actor` signs; another's is told as `on_behalf_of`.
    `recorder` is who enters what `actor` said by phone: the entry is then the recorder's.
    Permission is the caller's business: `domain.eligibility` and `step_up_blockers`.
    """
    meaning = f"I have {VERDICT_IN_WORDS[verdict]} as {slot.label.lower()}"
    if authority.principal is not None:
        meaning += f" for {authority.principal_name}"
    before = next((said for said in slot.last_words if said.by_id == actor.id), None)
    decision = Decision(
        approval=slot,
        by_id=actor.user_id,
        on_behalf_of_id=cast(UUID | None, authority.principal),
        authority=_right(authority),
        replaces=before,
        verdict=verdict,
        comment=comment,
        conditions=conditions,
        meaning=meaning,
        content_digest=slot.content_digest,
        channel=actor.channel,
        decided_at=clock.now(),
    )
    outcome = _add(slot, decision)
    if outcome == "approved":
        slot.approve()
    elif outcome == "approved_with_conditions":
        slot.approve_with_conditions()
    elif outcome == "rejected":
        slot.reject()
    record(
        slot,
        actor=replace(recorder or actor, on_behalf_of=decision.on_behalf_of_id),
        event=events.SIGNED,
        comment=comment,
        about=slot.about,
        meaning=meaning,
        verdict=verdict,
        authority=decision.authority,
        content_digest=slot.content_digest,
        policy_version=slot.policy_version,
        parts={"decisions": [decision.governed_values()]},
    )
    return outcome


def settle(
    *,
    about: str,
    slots: Sequence[Approval],
    answer: Eligibility,
    actor: Actor,
    verdict: Verdict,
    comment: str,
) -> tuple[Approval, Settled]:
    """Sign the first of the locked `slots` of `about` that `answer` opens to the actor.

    Returns that slot and what comes of the question: "refused" by one refusal, when the other
    slots are withdrawn; "approved" once every slot is satisfied; else "signed".
    """
    opening = answer.openings[0]
    slot = next(each for each in slots if each.slot == opening.slot)
    sign(slot=slot, actor=actor, authority=opening.authority, verdict=verdict, comment=comment)
    if verdict == "reject":
        withdraw(about=about, actor=actor, reason=f"Refused: {comment}")
        return slot, "refused"
    satisfied = all(each.state in each.SATISFIED for each in slots)
    return slot, "approved" if satisfied else "signed"


def take_back(
    *,
    slot: Approval,
    actor: Actor,
    decision: Decision,
    comment: str,
    meaning: str = "",
    too_late: bool = False,
) -> None:
    """Let `decision` count no more; a satisfied slot opens again, and is denied where it is
    `too_late` to ask anybody.

    It is the actor's own, or one that the actor has to undo for who cannot; `meaning` then says
    so.
    """
    said = Decision(
        approval=slot,
        by_id=decision.by_id,
        on_behalf_of_id=decision.on_behalf_of_id,
        authority=decision.authority,
        replaces=decision,
        verdict=Decision.Verdict.WITHDRAW,
        comment=comment,
        meaning=meaning or f"I take back that I have {VERDICT_IN_WORDS[decision.verdict]}",
        content_digest=slot.content_digest,
        channel=actor.channel,
        decided_at=clock.now(),
    )
    outcome = _add(slot, said)
    if slot.state in Approval.SATISFIED and outcome == "requested":
        if too_late:
            told = f"Denied by {actor.printed_name}, {said.decided_at:%Y-%m-%d %H:%M} UTC"
            slot.closed_reason = f"{told}: {comment}"[:300]
            slot.deny()
        else:
            slot.reopen()
    record(
        slot,
        actor=replace(actor, on_behalf_of=decision.on_behalf_of_id),
        event=events.DECISION_WITHDRAWN,
        comment=comment,
        about=slot.about,
        meaning=said.meaning,
        verdict=said.verdict,
        content_digest=slot.content_digest,
        parts={"decisions": [said.governed_values()]},
    )
    withdraw_obligations(slots=[slot], actor=actor, reason=comment, set_by=decision.by_id)


def _add(slot: Approval, decision: Decision) -> Outcome:
    """Save the decision; what those that stand amount to with it."""
    decision.save(force_insert=True)
    given = [*slot.decisions.all(), decision]
    slot._prefetched_objects_cache = {"decisions": given}  # type: ignore[attr-defined]
    signatures = [Signature(said.by_id, cast(Verdict, said.verdict)) for said in slot.standing]
    return outcome_of(signatures, slot.quorum)


def _right(authority: Authority) -> dict[str, object]:
    told: dict[str, object] = plain(
        {
            "role": authority.held.role,
            "scope": authority.held.scope,
            "since": authority.since,
            "grant": authority.grant,
            "granted_by": authority.granted_by,
            "delegation": authority.delegation,
        }
    )
    return told


def supersede(*, about: str, actor: Actor, reason: str) -> int:
    """The content changed: no signature on the old one counts any more."""
    return _close_all(about, actor, "superseded", reason)


def withdraw(*, about: str, actor: Actor, reason: str) -> int:
    """Nobody is asked any more."""
    return _close_all(about, actor, "withdrawn", reason)


def expire(*, about: str, actor: Actor, reason: str) -> int:
    """The time for which the signatures were given is over."""
    return _close_all(about, actor, "expired", reason)


def _close_all(about: str, actor: Actor, how: str, reason: str) -> int:
    live = Approval.objects.select_for_update().filter(about=about, state__in=Approval.LIVE)
    slots = list(live.order_by("pk"))
    for slot in slots:
        remember(slot)
        slot.closed_reason = reason[:300]
        if how == "superseded":
            slot.supersede()
            event = events.SUPERSEDED
        elif how == "expired":
            slot.expire()
            event = events.EXPIRED
        else:
            slot.withdraw()
            event = events.WITHDRAWN
        record(slot, actor=actor, event=event, comment=reason, about=about)
    withdraw_obligations(slots=slots, actor=actor, reason=reason)
    return len(slots)
