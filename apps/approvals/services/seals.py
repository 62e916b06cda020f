"""What an edit of the subject does to its slots. Inner functions, as those of `slots`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from apps.approvals import events
from apps.approvals.models import Approval
from apps.approvals.services.obligations import withdraw_obligations
from apps.core.actor import Actor
from apps.evidence.services.ledger import record


def void(slots: Iterable[Approval], *, actor: Actor, reason: str) -> None:
    """What these locked slots were asked about has changed: what was signed in them, and under
    which conditions, counts no more."""
    voided = list(slots)
    for slot in voided:
        slot.closed_reason = reason[:300]
        slot.supersede()
        record(slot, actor=actor, event=events.SUPERSEDED, comment=reason, about=slot.about)
    withdraw_obligations(slots=voided, actor=actor, reason=reason)


def carry_on(
    slots: Iterable[Approval],
    *,
    content_digest: str,
    seal: Mapping[str, str],
    actor: Actor,
    reason: str,
) -> None:
    """The content differs in nothing that these locked slots are asked again for.

    They stand for the new groups from now on. A slot still open is asked about the whole new
    content; what was signed keeps the digest that its signers saw.
    """
    for slot in slots:
        slot.seal = dict(seal)
        if slot.state == Approval.State.REQUESTED:
            slot.content_digest = content_digest
        record(
            slot, actor=actor, event=events.CARRIED, comment=reason, about=slot.about,
            content_digest=content_digest,
        )  # fmt: skip
