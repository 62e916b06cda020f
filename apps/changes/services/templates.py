"""Standard changes: proposed, approved in advance by the board, suspended when they go badly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from apps.changes import events
from apps.changes.domain.standard import ACTIVE, reason_to_suspend
from apps.changes.models import ChangeRequest, StandardTemplate
from apps.changes.policies import (
    approve_template_blockers,
    edit_proposal_blockers,
    limits_blockers,
    propose_blockers,
    reactivate_blockers,
    retire_blockers,
    suspend_blockers,
)
from apps.changes.selectors import bad_outcomes
from apps.changes.services.requests import comment_blockers
from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import tidy
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers

#: What a person may enter; everything else is the portal's.
EDITABLE_FIELDS = (
    "code",
    "name",
    "application",
    "families",
    "asset_types",
    "activity_types",
    "max_assets",
    "max_risk",
    "approved_until",
)


@door("standard_template")
def propose_template(
    *, actor: Actor, values: Mapping[str, Any], parts: Any = None
) -> StandardTemplate:
    """A new standard change, for the board to approve. Raises Refused naming every bad field."""
    refuse_if_any(propose_blockers(actor))
    template = StandardTemplate(proposed_by_id=actor.user_id)
    _fill(template, values)
    refuse_if_any([*model_blockers(template), *limits_blockers(actor, template)])
    return record_created(template, actor=actor, event=events.TEMPLATE_PROPOSED)


@door("standard_template")
def edit_template(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    parts: Any = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> StandardTemplate:
    """Change a proposal; who edits it has proposed it."""
    template = lock(StandardTemplate, pk, expected_seq=expected_seq)
    refuse_if_any(edit_proposal_blockers(actor, template))
    before = template.governed_values()
    _fill(template, values)
    if template.governed_values() == before:
        return template
    template.proposed_by_id = actor.user_id
    refuse_if_any([*model_blockers(template), *limits_blockers(actor, template)])
    return record(template, actor=actor, event=events.TEMPLATE_EDITED, comment=comment)


@door("standard_template")
def approve_template(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> StandardTemplate:
    """proposed → active: from now on its changes need no further signature."""
    template = lock(StandardTemplate, pk, expected_seq=expected_seq)
    refuse_if_any([*approve_template_blockers(actor, template), *step_up_blockers(actor)])
    template.approve()
    template.approved_by_id, template.active_since = actor.user_id, clock.now()
    return record(template, actor=actor, event=events.TEMPLATE_APPROVED, comment=comment)


@door("standard_template")
def suspend_template(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> StandardTemplate:
    """active → suspended by a person, with the reason."""
    template = lock(StandardTemplate, pk, expected_seq=expected_seq)
    refuse_if_any([*suspend_blockers(actor, template), *comment_blockers(comment, longest=300)])
    template.suspend()
    template.suspended_because = tidy(comment)
    return record(template, actor=actor, event=events.TEMPLATE_SUSPENDED, comment=comment)


@door("standard_template")
def reactivate_template(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> StandardTemplate:
    """suspended → active, with what was done about it. Older bad outcomes count no more."""
    template = lock(StandardTemplate, pk, expected_seq=expected_seq)
    refuse_if_any(
        [
            *reactivate_blockers(actor, template),
            *step_up_blockers(actor),
            *comment_blockers(comment),
        ]
    )
    template.reactivate()
    template.approved_by_id, template.active_since = actor.user_id, clock.now()
    template.suspended_because = ""
    return record(template, actor=actor, event=events.TEMPLATE_REACTIVATED, comment=comment)


@door("standard_template")
def retire_template(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> StandardTemplate:
    """Nothing more is done by it; for good."""
    template = lock(StandardTemplate, pk, expected_seq=expected_seq)
    refuse_if_any([*retire_blockers(actor, template), *comment_blockers(comment)])
    template.retire()
    return record(template, actor=actor, event=events.TEMPLATE_RETIRED, comment=comment)


def follow_outcome(entry: EvidenceEntry) -> None:
    """The outbox consumer "standard": suspend a standard change that went badly twice.

    Told of it again, it finds the standard change suspended and does nothing.
    """
    pk = entry.subject.partition(":")[2]
    key = ChangeRequest.objects.filter(pk=pk).values_list("standard_template", flat=True).first()
    if key is None:
        return
    template = lock(StandardTemplate, key)
    if template.state != ACTIVE:
        return
    pair = reason_to_suspend(bad_outcomes(template), template.active_since or template.created_at)
    if pair is None:
        return
    template.suspend()
    template.suspended_because = f"two bad outcomes: {pair[0]} and {pair[1]}"[:300]
    record(
        template,
        actor=system_actor("standard changes"),
        event=events.TEMPLATE_SUSPENDED,
        comment=template.suspended_because,
        facts={"bad": [{"change": b.change, "what": b.what, "at": b.at} for b in pair]},
    )


def _fill(template: StandardTemplate, values: Mapping[str, Any]) -> None:
    refuse_if_any(_unknown_fields(values))
    for name, value in values.items():
        setattr(template, name, tidy(value) if isinstance(value, str) else value)


def _unknown_fields(values: Mapping[str, Any]) -> Iterable[Blocker]:
    for name in sorted(set(values) - set(EDITABLE_FIELDS)):
        yield bad_input(name, f"“{name}” cannot be entered.", "Leave it out.", "not_writable")
