"""What a slot asks for, and when it is satisfied."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Literal

from apps.core.actor import RoleHeld

#: What somebody may say in a slot. `recuse` steps back from the whole record; `withdraw` takes
#: back what the same person said before.
Verdict = Literal["approve", "approve_with_conditions", "reject", "abstain", "recuse", "withdraw"]
Outcome = Literal["requested", "approved", "approved_with_conditions", "rejected"]

VERDICT_IN_WORDS: dict[str, str] = {
    "approve": "approved",
    "approve_with_conditions": "approved with conditions",
    "reject": "rejected",
    "abstain": "abstained",
    "recuse": "stepped back",
    "withdraw": "taken a decision back",
}


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """One signature that is needed: who may give it, how many people, and which rule asks."""

    code: str
    label: str
    eligible: tuple[RoleHeld, ...]
    quorum: int
    because: str

    def admits(self, held: Iterable[RoleHeld]) -> bool:
        """True when somebody who holds `held` may sign here."""
        roles = tuple(held)
        return any(
            role.role == wanted.role and role.covers(wanted.scope)
            for wanted in self.eligible
            for role in roles
        )


@dataclass(frozen=True, slots=True)
class Signature:
    person: Hashable
    verdict: Verdict


def outcome_of(signatures: Iterable[Signature], quorum: int) -> Outcome:
    """What the signatures in one slot amount to.

    `signatures` are the standing ones. One rejection rejects. Otherwise `quorum` distinct
    approving people satisfy the slot; with a condition among them it is approved with
    conditions. An abstention is no approval: the slot stays open for somebody else.
    """
    given = tuple(signatures)
    if any(signature.verdict == "reject" for signature in given):
        return "rejected"
    approving = {s.person for s in given if s.verdict in ("approve", "approve_with_conditions")}
    if len(approving) < quorum:
        return "requested"
    if any(signature.verdict == "approve_with_conditions" for signature in given):
        return "approved_with_conditions"
    return "approved"
