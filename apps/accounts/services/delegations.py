"""Let somebody decide for the holder of a role, for a time, and end that."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from apps.accounts import events
from apps.accounts.models import Delegation, User
from apps.accounts.policies import delegation_blockers, revoke_blockers
from apps.accounts.selectors import duties_of
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers, tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers


@door("delegation")
def delegate_role(
    *,
    actor: Actor,
    delegate: User,
    role: str,
    ends_at: datetime,
    reason: str,
    scope: str = "",
    starts_at: datetime | None = None,
) -> Delegation:
    """Let `delegate` decide for `actor` from `starts_at` (now) until `ends_at`.

    What the delegate signs names both; neither the delegate nor, for them, the delegator may
    have a part in what is signed, which is asked at each signature.
    """
    # Locked as where a role is granted, so that two duties never meet from two sides.
    delegate = User.objects.select_for_update().get(pk=delegate.pk)
    delegation = Delegation(
        delegator_id=actor.user_id,
        delegate=delegate,
        role=role,
        scope=scope,
        starts_at=starts_at or clock.now(),
        ends_at=ends_at,
        reason=tidy(reason),
    )
    refuse_if_any(
        [
            *delegation_blockers(actor, delegation, duties_of(delegate.pk)),
            *text_blockers("reason", delegation.reason, required=True, longest=200),
            *step_up_blockers(actor),
        ]
    )
    refuse_if_any(model_blockers(delegation))
    return record_created(delegation, actor=actor, event=events.DELEGATED)


@door("delegation")
def revoke_delegation(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Delegation:
    """End it now. What was signed under it stays signed."""
    rows = Delegation.objects.select_related("delegator", "delegate")
    delegation = lock(rows, pk, expected_seq=expected_seq)
    refuse_if_any(
        [
            *revoke_blockers(actor, delegation),
            *text_blockers("comment", comment, required=True, label="Reason"),
            *step_up_blockers(actor),
        ]
    )
    delegation.revoked_at = clock.now()
    return record(delegation, actor=actor, event=events.DELEGATION_REVOKED, comment=comment)
