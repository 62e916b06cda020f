"""The conditions of a signature: set with it, met with proof, void with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from apps.approvals import events
from apps.approvals.models import Approval, Obligation
from apps.approvals.policies import doubt_blockers, meet_blockers
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.step_up import step_up_blockers
from apps.core.text import text_blockers
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created, remember

CONDITION_MAX, CONDITIONS_AT_MOST, PROOF_MAX = 500, 20, 4_000


def conditions_in(text: str) -> list[str]:
    """One condition a line; list marks in front of it are dropped."""
    lines = (line.strip().lstrip("-*•").strip() for line in text.splitlines())
    return [line for line in lines if line]


def conditions_blockers(text: str) -> list[Blocker]:
    """Every reason why the text names no conditions that can be tracked."""
    found = conditions_in(text)
    blockers = [
        blocker
        for line in found or [""]
        for blocker in text_blockers(
            "comment", line, required=True, longest=CONDITION_MAX, label="Condition"
        )
    ]
    if len(found) > CONDITIONS_AT_MOST:
        blockers.append(
            bad_input(
                "comment",
                f"{len(found)} conditions; {CONDITIONS_AT_MOST} can be tracked.",
                "Reject it, or name those that matter.",
                "too_many",
            )
        )
    return blockers


def set_obligations(
    *, slot: Approval, actor: Actor, conditions: str, owner: UUID, due_at: datetime | None
) -> None:
    """Track each condition of the signature that `actor` just gave in `slot`. Inner function."""
    for text in conditions_in(conditions):
        record_created(
            Obligation(
                about=slot.about,
                approval=slot,
                set_by_id=actor.user_id,
                text=text,
                owner_id=owner,
                due_at=due_at,
            ),
            actor=actor,
            event=events.OBLIGATION_SET,
            about=slot.about,
        )


def withdraw_obligations(
    *, slots: Sequence[Approval], actor: Actor, reason: str, set_by: UUID | None = None
) -> None:
    """The signatures in `slots` (those of `set_by`) are void, and so is what they asked for."""
    if not slots:
        return
    rows = Obligation.objects.select_for_update().filter(
        approval__in=[slot.pk for slot in slots],
        state__in=[Obligation.State.OPEN, Obligation.State.MET],
    )
    for obligation in rows.order_by("pk") if set_by is None else rows.filter(set_by=set_by):
        remember(obligation)
        obligation.closed_reason = reason[:300]
        obligation.withdraw()
        record(obligation, actor=actor, event=events.OBLIGATION_WITHDRAWN, comment=reason,
               about=obligation.about)  # fmt: skip


@door("obligation")
def meet_obligation(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Obligation:
    """It is done; the comment says what proves it."""
    rows = Obligation.objects.select_related("owner", "set_by")
    obligation = lock(rows, pk, expected_seq=expected_seq)
    refuse_if_any(
        [
            *meet_blockers(actor, obligation),
            *_proof_blockers(comment, "Proof"),
            *step_up_blockers(actor),
        ]
    )
    obligation.met_at, obligation.met_by_id = clock.now(), actor.user_id
    obligation.proof = comment
    obligation.meet()
    return record(
        obligation, actor=actor, event=events.OBLIGATION_MET, comment=comment,
        about=obligation.about,
    )  # fmt: skip


@door("obligation")
def doubt_obligation(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Obligation:
    """The proof does not convince who made the condition: it is open again."""
    rows = Obligation.objects.select_related("owner", "set_by")
    obligation = lock(rows, pk, expected_seq=expected_seq)
    refuse_if_any(
        [
            *doubt_blockers(actor, obligation),
            *_proof_blockers(comment, "Reason"),
            *step_up_blockers(actor),
        ]
    )
    obligation.met_at = obligation.met_by = None
    obligation.proof = ""
    obligation.doubt()
    return record(
        obligation, actor=actor, event=events.OBLIGATION_DOUBTED, comment=comment,
        about=obligation.about,
    )  # fmt: skip


def _proof_blockers(text: str, label: str) -> Iterable[Blocker]:
    return text_blockers("comment", text, required=True, longest=PROOF_MAX, label=label)
