"""Phone approvals of an emergency, and waivers of what it owes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from apps.approvals.models import Approval
from apps.approvals.selectors import asked_since
from apps.changes.domain import lifecycle as life
from apps.changes.domain.debt import LABEL_OF_KIND, Debt
from apps.changes.models import ChangeRequest, PhoneApproval
from apps.changes.policies.change import is_theirs, open_for_decision_blockers
from apps.changes.policies.debt import (
    emergency_debt_blockers,
    open_debts,
    unconfirmed_calls,
)
from apps.changes.policies.reasons import role_blocker
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input

#: A waiver buys time; it is no way not to ratify.
WAIVED_AT_MOST = timedelta(days=14)


def is_emergency(change: ChangeRequest) -> bool:
    return change.change_type == ChangeRequest.Type.EMERGENCY


def _emergency_blockers(change: ChangeRequest) -> Iterator[Blocker]:
    if not is_emergency(change):
        yield Blocker("not_emergency", f"{change.code} is no emergency change.", "Nothing to do.",
                      "nobody", kind="state")  # fmt: skip


def phone_approval_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    """Why the actor may record no approval by phone now; who gave it is asked when it is told."""
    yield from _emergency_blockers(change)
    yield from open_for_decision_blockers(change)
    if not actor.is_human or not actor.holds("release_manager"):
        yield role_blocker(
            actor, "the release manager on duty", "Tell the release manager on duty."
        )
    yield from emergency_debt_blockers(change)


def phone_call_blockers(
    actor: Actor, person: object, verbal_at: datetime, slot: Approval | None
) -> Iterator[Blocker]:
    """Whether that person can have approved this content then, and not the one who records.

    `slot` is the one that the call was about, None where the person may sign none.
    """
    if person == actor.id:
        yield Blocker(
            "separation_of_duties",
            "You cannot record your own approval as one by phone.",
            "Approve it yourself in the console; a call is recorded by somebody else.",
            "you",
            kind="permission",
        )
    asked_at = None if slot is None else asked_since([slot])[slot.pk]
    if verbal_at > clock.now():
        yield bad_input("verbal_at", "The call was not yet.", "Enter when the call was.")
    elif asked_at is not None and verbal_at < asked_at:
        yield bad_input(
            "verbal_at",
            f"What is asked about now has been asked only since {asked_at:%Y-%m-%d %H:%M} UTC; "
            "an earlier call was about another content.",
            "Enter when the call was, or call again.",
        )


def confirm_phone_blockers(
    actor: Actor, change: ChangeRequest, calls: Sequence[PhoneApproval] | None = None
) -> Iterator[Blocker]:
    """`calls`: those that wait, where the caller has them already."""
    waiting = unconfirmed_calls_of(change) if calls is None else calls
    if not waiting:
        yield _nothing_to_confirm(change)
    elif all(call.verbal_by_id != actor.id for call in waiting):
        who = _callers(waiting)
        yield Blocker(
            "not_your_call",
            f"Only who approved by phone confirms it: {who}.",
            f"Ask {who}.",
            who,
            kind="permission",
        )


def deny_phone_blockers(
    actor: Actor, change: ChangeRequest, calls: Sequence[PhoneApproval] | None = None
) -> Iterator[Blocker]:
    """`calls`: those that wait, where the caller has them already."""
    waiting = unconfirmed_calls_of(change) if calls is None else calls
    if not waiting:
        yield _nothing_to_confirm(change)
    elif not deniable_by(actor, waiting):
        who = _callers(waiting)
        yield Blocker(
            "not_your_call",
            f"Only who is said to have approved by phone denies it: {who}. For an account that is "
            "deactivated a change manager does.",
            f"Ask {who}.",
            who,
            kind="permission",
        )


def deniable_by(actor: Actor, calls: Sequence[PhoneApproval]) -> list[PhoneApproval]:
    """The actor's own; for a change manager also those of people who cannot answer any more."""
    manages = actor.is_human and actor.holds("change_manager")
    return [
        call
        for call in calls
        if call.verbal_by_id == actor.id or (manages and not call.verbal_by.is_active)
    ]


def unconfirmed_calls_of(change: ChangeRequest) -> list[PhoneApproval]:
    return list(unconfirmed_calls().filter(change=change))


def _nothing_to_confirm(change: ChangeRequest) -> Blocker:
    return Blocker("nothing_to_confirm", f"No phone approval of {change.code} waits.",
                   "Nothing to do.", "nobody", kind="state")  # fmt: skip


def _callers(calls: Sequence[PhoneApproval]) -> str:
    return ", ".join(sorted({str(call.verbal_by) for call in calls}))


def waive_blockers(
    actor: Actor, change: ChangeRequest, debts: Sequence[Debt] | None = None
) -> Iterator[Blocker]:
    """`debts`: those of the application, where the caller has them already."""
    found = open_debts([change.application_id]) if debts is None else debts
    if not any(debt.change == change.code for debt in found):
        yield Blocker(
            "no_debt", f"{change.code} owes nothing.", "Nothing to do.", "nobody", kind="state"
        )
    if not actor.is_human or not actor.holds("change_manager"):
        yield role_blocker(actor, "a change manager", "Ask a change manager.")
    if is_theirs(actor, change):
        yield Blocker(
            "separation_of_duties",
            "You requested, wrote or own it; somebody independent waives what it owes.",
            "Another change manager waives it.",
            "another change manager",
            kind="permission",
        )


def waiver_blockers(
    change: ChangeRequest, kind: str, until: datetime, debts: Sequence[Debt]
) -> Iterator[Blocker]:
    """What is wrong with one waiver."""
    if not any(debt.change == change.code and debt.kind == kind for debt in debts):
        label = LABEL_OF_KIND.get(kind, kind[:40])
        yield bad_input("kind", f"{change.code} owes no {label.lower()}.", "Choose what it owes.")
    now = clock.now()
    if not now < until <= now + WAIVED_AT_MOST:
        yield bad_input(
            "until",
            f"A waiver ends within {WAIVED_AT_MOST.days} days from now.",
            "Enter an end in that time.",
        )


#: States in which something may be owed.
OWING = (life.ASSESSING, life.APPROVED, life.SCHEDULED, life.IMPLEMENTING, life.IMPLEMENTED,
         life.FAILED, life.BACKED_OUT)  # fmt: skip
