"""Propose and confirm as two persons. Inner functions: the subject's own door calls them under its
lock, with its own blockers before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.approvals import events
from apps.approvals.models import Countersign
from apps.core import clock
from apps.core.actor import Actor
from apps.evidence.services.ledger import lock, record, record_created


def propose(
    *,
    about: str,
    purpose: str,
    values: Mapping[str, Any],
    content_digest: str,
    because: str,
    actor: Actor,
    reason: str = "",
) -> Countersign:
    """Ask a second person; what was proposed for the same purpose before is replaced."""
    open_ones = Countersign.objects.filter(about=about, purpose=purpose, state="proposed")
    for found in open_ones.order_by("pk"):
        old = lock(Countersign, found.pk)
        old.replace()
        record(old, actor=actor, event=events.PROPOSAL_REPLACED, about=about)
    return record_created(
        Countersign(
            about=about,
            purpose=purpose,
            values=dict(values),
            content_digest=content_digest,
            because=because,
            reason=reason,
            proposed_by_id=actor.user_id,
            proposed_at=clock.now(),
        ),
        actor=actor,
        event=events.PROPOSED,
        comment=reason,
        about=about,
        content_digest=content_digest,
    )


def confirm(found: Countersign, *, actor: Actor, comment: str = "") -> Countersign:
    """The second signature on an open proposal that `countersign_blockers` had nothing against."""
    signed = lock(Countersign, found.pk)
    signed.confirmed_by_id, signed.confirmed_at = actor.user_id, clock.now()
    signed.confirm()
    return record(
        signed,
        actor=actor,
        event=events.PROPOSAL_CONFIRMED,
        comment=comment,
        about=signed.about,
        meaning=f"I have confirmed what {signed.proposed_by} proposed",
        content_digest=signed.content_digest,
    )
