"""Who may sign a slot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.utils import timezone

from apps.accounts.domain.duties import Parts, conflicts, in_words
from apps.accounts.domain.roles import LABEL_OF_ROLE
from apps.approvals.models import Approval, Decision
from apps.core.actor import Actor
from apps.core.errors import Blocker

STEP_UP_FRESH = timedelta(minutes=5)


def step_up_blockers(actor: Actor) -> Iterator[Blocker]:
    """A decision asks for a proof of identity not older than five minutes, by the real clock."""
    if actor.auth_at is None or timezone.now() - actor.auth_at > STEP_UP_FRESH:
        yield Blocker(
            "step_up_needed",
            "A decision needs a proof of who you are that is not older than five minutes.",
            "Enter your password again.",
            "you",
            kind="permission",
        )


def sign_blockers(
    actor: Actor, slots: Sequence[Approval], decisions: Sequence[Decision], parts: Parts
) -> Iterator[Blocker]:
    """Why `actor` may sign none of the open `slots` of a record with these `parts`."""
    if not actor.is_human:
        yield Blocker(
            "not_a_person",
            "Only a person decides; service accounts and the system never do.",
            "Sign in as yourself.",
            "an approver",
            kind="permission",
        )
    if not slots:
        yield Blocker("no_open_slot", "Nobody's signature is asked for now.",
                      "Nothing to do.", kind="state")  # fmt: skip
        return
    if not any(slot.spec.admits(actor.roles) for slot in slots):
        asked = "; ".join(f"{slot.label}: {wanted(slot)}" for slot in slots)
        yield Blocker(
            "not_in_slot",
            f"You hold no role that signs here. Asked for: {asked}.",
            "Somebody who holds one of these roles signs.",
            "an approver of an open slot",
            kind="permission",
        )
    elif not signable(actor, slots, decisions):
        yield Blocker(
            "signed_already",
            "You signed this content already; a quorum counts different people.",
            "Another holder of the role signs.",
            "another approver",
            kind="permission",
        )
    excluded = conflicts("approve", actor.id, parts)
    if excluded:
        yield Blocker(
            "separation_of_duties",
            f"You may not approve this change: you {in_words(excluded)}.",
            "Another holder of the role signs.",
            "another approver",
            kind="permission",
        )


def signable(
    actor: Actor, slots: Sequence[Approval], decisions: Sequence[Decision]
) -> list[Approval]:
    """The open slots that `actor` is in and has not signed."""
    signed = {decision.approval_id for decision in decisions if decision.by_id == actor.id}
    return [slot for slot in slots if slot.spec.admits(actor.roles) and slot.pk not in signed]


def wanted(slot: Approval) -> str:
    """ "Technical lead for db2"."""
    return " or ".join(
        LABEL_OF_ROLE[role] + (f" for {scope.partition(':')[2]}" if scope else "")
        for role, scope in slot.eligible
    )
