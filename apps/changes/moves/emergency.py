"""Moves that only an emergency change has."""

from __future__ import annotations

from typing import Any

from apps.accounts.models import User
from apps.accounts.selectors import deputies_of, holders_of
from apps.approvals.models import Approval
from apps.approvals.selectors import live_slots
from apps.changes import policies
from apps.changes.domain import lifecycle as life
from apps.changes.domain.debt import KINDS
from apps.changes.services import debts, emergency
from apps.core.moves import Move, MoveField


def _on_the_phone(change: Any) -> list[tuple[str, str]]:
    """People who hold a role that an open slot asks for, and who decides for them now."""
    found: dict[str, str] = {}
    for slot in live_slots(change.subject).filter(state=Approval.State.REQUESTED):
        for role, scope in slot.eligible:
            holders = list(holders_of([role], scope).filter(kind=User.Kind.HUMAN))
            for user in (*holders, *deputies_of(holders, role)):
                found[str(user.pk)] = str(user)
    return sorted(found.items(), key=lambda person: person[1])


EMERGENCY_MOVES = (
    Move(
        "record_phone_approval",
        "Record an approval by phone",
        service=emergency.record_phone_approval,
        blockers=policies.phone_approval_blockers,
        sources=life.SOURCES["approve"],
        fields=(
            MoveField("person", "Who approved", kind="choice", choices=_on_the_phone),
            MoveField("verbal_at", "When", kind="datetime"),
        ),
        comment="required",
        comment_label="How they were reached",
        help_text="It counts at once. They confirm it in the console within 24 hours.",
        step_up=True,
        applies=policies.is_emergency,
    ),
    Move(
        "confirm_phone_approval",
        "Confirm my approval by phone",
        service=emergency.confirm_phone_approval,
        blockers=policies.confirm_phone_blockers,
        sources=policies.OWING,
        step_up=True,
        applies=policies.is_emergency,
    ),
    Move(
        "deny_phone_approval",
        "Deny the approval by phone",
        service=emergency.deny_phone_approval,
        blockers=policies.deny_phone_blockers,
        sources=policies.OWING,
        comment="required",
        comment_label="What happened",
        help_text="The signature that was recorded for the call counts no more.",
        step_up=True,
        tone="danger",
        applies=policies.is_emergency,
    ),
    Move(
        "refuse_ratification",
        "Do not ratify",
        service=emergency.refuse_ratification,
        blockers=policies.ratify_blockers,
        sources=life.SOURCES["close"],
        comment="required",
        comment_label="What is missing",
        help_text="It stays owed, and is told daily until the board ratifies.",
        step_up=True,
        tone="danger",
        applies=policies.is_emergency,
    ),
    Move(
        "waive_debt",
        "Waive what it owes for a time",
        service=debts.waive_debt,
        blockers=policies.waive_blockers,
        sources=policies.OWING,
        fields=(
            MoveField("kind", "What", kind="choice", choices=KINDS),
            MoveField("until", "Until", kind="datetime"),
        ),
        comment="required",
        comment_label="Reason",
        step_up=True,
        applies=policies.is_emergency,
    ),
)
