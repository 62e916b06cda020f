"""Waive for a time what an emergency owes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from apps.changes import events
from apps.changes.models import ChangeRequest, DebtWaiver
from apps.changes.policies import open_debts, waive_blockers, waiver_blockers
from apps.changes.selectors import changes_with_people
from apps.changes.services.requests import comment_blockers
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record


@door("change")
def waive_debt(
    *,
    pk: UUID,
    actor: Actor,
    kind: str,
    until: datetime,
    expected_seq: int | None = None,
    comment: str = "",
) -> ChangeRequest:
    """Let one kind of what the change owes block nothing until then; the comment says why."""
    change = lock(changes_with_people(), pk, expected_seq=expected_seq)
    debts = open_debts([change.application_id])
    refuse_if_any(
        [
            *waive_blockers(actor, change, debts),
            *waiver_blockers(change, kind, until, debts),
            *comment_blockers(comment),
            *step_up_blockers(actor),
        ]
    )
    waiver = DebtWaiver.objects.create(
        change=change,
        kind=kind,
        reason=comment,
        granted_by_id=actor.user_id,
        granted_at=clock.now(),
        expires_at=until,
    )
    return record(
        change,
        actor=actor,
        event=events.DEBT_WAIVED,
        comment=comment,
        parts={"debt_waivers": [waiver.governed_values()]},
    )
