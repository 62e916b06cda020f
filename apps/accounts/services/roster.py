"""Enter who of a team is on shift when, change that, and cancel it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.accounts import events
from apps.accounts.models import Team, TeamShift
from apps.accounts.policies import (
    cancel_shift_blockers,
    change_shift_blockers,
    keep_roster_blockers,
    shift_blockers,
)
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.core.text import text_blockers
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers


@door("team_shift")
def enter_shift(*, actor: Actor, values: Mapping[str, Any]) -> TeamShift:
    """Put a person of a team on shift. Raises Refused with every reason, each at its field."""
    shift = TeamShift(**values)
    _lock_team(shift)
    refuse_if_any([*keep_roster_blockers(actor), *shift_blockers(shift)])
    refuse_if_any(model_blockers(shift))
    return record_created(shift, actor=actor, event=events.SHIFT_ENTERED)


@door("team_shift")
def change_shift(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    expected_seq: int | None = None,
    comment: str = "",
) -> TeamShift:
    """Change a shift that has not ended. Nothing is written when nothing differs."""
    shift = lock(TeamShift.objects.select_related("team", "person"), pk, expected_seq=expected_seq)
    blockers = [*change_shift_blockers(actor, shift), *text_blockers("comment", comment)]
    before = shift.governed_values()
    for name, value in values.items():
        setattr(shift, name, value)
    _lock_team(shift)
    refuse_if_any([*blockers, *shift_blockers(shift)])
    if shift.governed_values() == before:
        return shift
    refuse_if_any(model_blockers(shift))
    return record(shift, actor=actor, event=events.SHIFT_CHANGED, comment=comment)


@door("team_shift")
def cancel_shift(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> TeamShift:
    """The person is not on shift then after all; whoever counted on them is told by the gates."""
    shift = lock(TeamShift.objects.select_related("team", "person"), pk, expected_seq=expected_seq)
    refuse_if_any(
        [
            *cancel_shift_blockers(actor, shift),
            *text_blockers("comment", comment, required=True, label="Reason"),
        ]
    )
    shift.cancelled_at = clock.now()
    return record(shift, actor=actor, event=events.SHIFT_CANCELLED, comment=comment)


def _lock_team(shift: TeamShift) -> None:
    """Two shifts of one team are entered one after the other, so that the second sees the first."""
    Team.objects.select_for_update().get(pk=shift.team_id)
