"""What a slot asks for, and when it is satisfied."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

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


#: Before the code of a slot whose signers are excluded from another.
SIGNERS_OF = "slot:"


class HasOrder(Protocol):
    @property
    def order(self) -> int: ...


Ordered = TypeVar("Ordered", bound=HasOrder)


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """One signature that is needed: who may give it, how many people, and which rules ask.

    Slots of a lower `order` are signed first. `excludes` names parts in the record (beside those
    that never sign) whose holders do not sign here, and as "slot:board" another slot about it
    whose signers do not; `rules` the rules that asked, by code.
    """

    code: str
    label: str
    eligible: tuple[RoleHeld, ...]
    quorum: int
    because: str
    order: int = 1
    sla_hours: int = 72
    excludes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    def admits(self, held: Iterable[RoleHeld]) -> bool:
        """True when somebody who holds `held` may sign here."""
        roles = tuple(held)
        return any(
            role.role == wanted.role and role.covers(wanted.scope)
            for wanted in self.eligible
            for role in roles
        )

    def is_apart_from(self, other: SlotSpec) -> bool:
        """Whether nobody signs both slots: one of them excludes who signed the other."""
        return self.code != other.code and (self._excludes(other) or other._excludes(self))

    def _excludes(self, other: SlotSpec) -> bool:
        """A slot is meant with those of its disciplines and its seats."""
        stems = (text.removeprefix(SIGNERS_OF) for text in self.excludes
                 if text.startswith(SIGNERS_OF))  # fmt: skip
        return any(
            other.code == stem or other.code.startswith((f"{stem}:", f"{stem}+")) for stem in stems
        )


def in_turn(slots: Iterable[Ordered]) -> list[Ordered]:
    """Of open slots those whose turn it is: the ones of the lowest order."""
    slots = list(slots)
    first = min((slot.order for slot in slots), default=0)
    return [slot for slot in slots if slot.order == first]


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
