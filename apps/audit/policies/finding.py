"""Who opens, answers and closes findings, and what keeps them from it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from apps.audit.domain import finding as life
from apps.audit.models import AuditFinding
from apps.audit.policies.auditor import auditor_blockers, person_blockers
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.releases.policies.reasons import role_blockers, state_blockers

STATES = dict(life.STATES)


def open_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from auditor_blockers(actor)


def edit_blockers(actor: Actor, finding: AuditFinding) -> Iterator[Blocker]:
    yield from auditor_blockers(actor)
    if finding.state == life.CLOSED:
        yield Blocker("wrong_state", f"{finding.code} is closed; it is kept.", "Open it again.",
                      "an auditor", kind="state")  # fmt: skip


def content_blockers(actor: Actor, finding: AuditFinding, *, new: bool = True) -> Iterator[Blocker]:
    yield from owner_blockers(actor, finding.owner_id)
    if finding.owner_id and not finding.owner.is_active:
        yield bad_input("owner", f"{finding.owner} is not active.", "Choose somebody else.")
    if new and finding.due_at and finding.due_at <= clock.now():
        yield bad_input("due_at", "This moment has passed.", "Enter a later one.", "in_the_past")


def owner_blockers(actor: Actor, owner: UUID | None) -> Iterator[Blocker]:
    if owner is not None and owner == actor.id:
        yield bad_input("owner", "An auditor does not answer for what they found.",
                        "Choose who can put it right.", "own_finding")  # fmt: skip


def _answer_blockers(
    actor: Actor, finding: AuditFinding, move: str, done: str
) -> Iterator[Blocker]:
    yield from state_blockers(finding.code, finding.state, life.SOURCES[move], STATES, done)
    if actor.id is None or actor.id != finding.owner_id:
        yield Blocker("not_the_owner", f"{finding.owner} answers for {finding.code}.",
                      f"Ask {finding.owner}, or have an auditor name another owner.",
                      str(finding.owner), kind="permission")  # fmt: skip


def explain_blockers(actor: Actor, finding: AuditFinding) -> Iterator[Blocker]:
    yield from _answer_blockers(actor, finding, "explain", "explained")


def remediate_blockers(actor: Actor, finding: AuditFinding) -> Iterator[Blocker]:
    yield from _answer_blockers(actor, finding, "remediate", "put right")


def accept_blockers(actor: Actor, finding: AuditFinding) -> Iterator[Blocker]:
    """The house accepts a risk: neither the auditor nor who answers for the finding does."""
    yield from state_blockers(
        finding.code, finding.state, life.SOURCES["accept"], STATES, "accepted"
    )
    yield from role_blockers(actor, *life.ACCEPTERS)
    yield from person_blockers(actor)
    if actor.id == finding.owner_id:
        yield Blocker("own_risk", "Who answers for a finding does not accept its risk.",
                      "Ask somebody else who may.", "change manager or release manager",
                      kind="permission")  # fmt: skip


def close_blockers(actor: Actor, finding: AuditFinding) -> Iterator[Blocker]:
    yield from state_blockers(finding.code, finding.state, life.SOURCES["close"], STATES, "closed")
    yield from auditor_blockers(actor)
    yield from person_blockers(actor)
    if actor.id is not None and actor.id in (finding.owner_id, finding.answered_by_id):
        yield Blocker("own_finding", f"Who answered {finding.code} does not close it.",
                      "Ask another auditor.", "an auditor", kind="permission")  # fmt: skip


def reopen_blockers(actor: Actor, finding: AuditFinding) -> Iterator[Blocker]:
    yield from state_blockers(
        finding.code, finding.state, life.SOURCES["reopen"], STATES, "opened again"
    )
    yield from auditor_blockers(actor)
