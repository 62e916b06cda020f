"""What execution may know of a change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.changes.domain.standard import ACTIVE, STATES


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """One change as readiness and execution see it. `missing` tells of every open slot,
    `open_conditions` of every condition of an approval that is not met: "text (owner)";
    `blocking_debts` of what the application owes for an emergency, overdue and not waived;
    `step_types` the types of step that a standard change may be carried out by, empty for all;
    `template` and `template_state` what the board approved in advance for a standard change, empty
    for any other.
    """

    id: UUID
    code: str
    title: str
    change_type: str
    state: str
    risk_band: str
    application_code: str
    families: frozenset[str]
    requester: Person
    author: Person
    owner: Person
    approvers: tuple[Person, ...]
    approved_for_current_content: bool
    missing: tuple[str, ...]
    valid_until: datetime | None
    on_hold: bool
    on_hold_reason: str
    open_conditions: tuple[str, ...] = ()
    blocking_debts: tuple[str, ...] = ()
    step_types: frozenset[str] = frozenset()
    template: str = ""
    template_state: str = ""

    @property
    def template_stopped(self) -> str:
        """That the board does not answer for what it rests on now, in a sentence; else empty."""
        if not self.template or self.template_state == ACTIVE:
            return ""
        state = dict(STATES)[self.template_state].lower()
        return f"{self.code} rests on {self.template}, which is {state}."

    @property
    def approver_ids(self) -> frozenset[UUID]:
        return frozenset(person.id for person in self.approvers)
