"""What a waiver may let pass, who signs it, how long it holds, and what it lets pass now.

A waiver is given on the findings that were there when it was asked for. One that is new in kind
was seen by nobody who signed: the gate is not met again, until another waiver is given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from apps.approvals.domain.slots import SlotSpec
from apps.core.actor import RoleHeld
from apps.core.errors import Blocker
from apps.gates.domain.evaluation import GateResult
from apps.gates.domain.verdict import Finding

REQUESTED, APPROVED, REFUSED = "requested", "approved", "refused"
WITHDRAWN, REVOKED, EXPIRED = "withdrawn", "revoked", "expired"

STATES: tuple[tuple[str, str], ...] = (
    (REQUESTED, "Requested"),
    (APPROVED, "Approved"),
    (REFUSED, "Refused"),
    (WITHDRAWN, "Withdrawn"),
    (REVOKED, "Revoked"),
    (EXPIRED, "Expired"),
)
LABELS: Mapping[str, str] = dict(STATES)
ROUTE = (REQUESTED, APPROVED)
#: States in which a waiver takes one of the places that a package has.
COUNTED = (REQUESTED, APPROVED)

SOURCES: Mapping[str, tuple[str, ...]] = {
    "approve": (REQUESTED,),
    "refuse": (REQUESTED,),
    "withdraw": (REQUESTED,),
    "revoke": (APPROVED,),
    "expire": (REQUESTED, APPROVED),
}
TARGETS: Mapping[str, str] = {
    "approve": APPROVED,
    "refuse": REFUSED,
    "withdraw": WITHDRAWN,
    "revoke": REVOKED,
    "expire": EXPIRED,
}
PAIRS = tuple(
    f"{source}>{TARGETS[move]}" for move, sources in SOURCES.items() for source in sources
)

#: Of these each finding is waived on its own.
PER_FINDING = frozenset({"G04", "G05"})
#: Why nobody waives a gate that names no role.
_WHY_NEVER: Mapping[str, str] = {
    "G01": "what nobody approved does not go to production",
    "G02": "separation of duties has no exception",
    "G03": "the calendar has its own way: ask for a deviation",
}

LATE_SCOPE = "late_scope"
LATE_SCOPE_ROLES = ("release_manager",)
CHAIR = RoleHeld("cab_chair")

#: A number that stands alone: how much of something, which is no kind of thing.
_AMOUNT = re.compile(r"(?<![\w.-])\d[\d.,:%]*(?![\w-])")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many waivers a package may have before the chair of the board signs too."""

    soft: int = 2
    hard: int = 1


def is_beyond(levels: Iterable[str], limits: Limits) -> bool:
    """Whether waivers of gates of these levels are more than a package may have."""
    counted = list(levels)
    return counted.count("soft") > limits.soft or counted.count("hard") > limits.hard


def kind_of(finding: Finding) -> str:
    """What stays the same of a finding when only its amounts change. Two steps, changes or people
    are two kinds: a name is no amount."""
    return kind_of_text(finding.text)


def kind_of_text(text: str) -> str:
    return " ".join(_AMOUNT.sub("#", text).split())[:300]


@dataclass(frozen=True, slots=True)
class Pass:
    """An approved waiver: what it lets pass, and until when. `signers` gave it."""

    waiver: UUID
    gate: str
    level: str
    finding_key: str
    covers: frozenset[str]
    until: datetime
    signers: frozenset[UUID] = frozenset()

    def holds_at(self, now: datetime, implementers: Collection[UUID] = ()) -> bool:
        """By the clock, whatever the record says; and not by the word of who runs the work."""
        return now < self.until and not self.signers & frozenset(implementers)

    def lets(self, finding: Finding) -> bool:
        per_finding = self.gate in PER_FINDING
        return (not per_finding or self.finding_key == finding.key) and (
            kind_of(finding) in self.covers
        )


def apply(results: Iterable[GateResult], passes: Iterable[Pass]) -> tuple[GateResult, ...]:
    """The results, with what the waivers let pass set apart. `passes` hold now."""
    known = list(passes)
    return tuple(_applied(result, known) for result in results)


def _applied(result: GateResult, passes: list[Pass]) -> GateResult:
    mine = [one for one in passes if one.gate == result.code]
    if not mine or result.met is not False:
        return result
    let = {
        finding: one
        for finding in result.findings
        for one in mine
        if one.lets(finding) and not [*never_blockers(result, finding)]
    }
    if not let:
        return result
    used = sorted(set(let.values()), key=lambda one: one.until)
    left = tuple(finding for finding in result.findings if finding not in let)
    is_soft = left and all(finding.level == "soft" for finding in left)
    return replace(
        result,
        level="soft" if is_soft else result.level,
        findings=left,
        passed=tuple(let),
        waivers=tuple(one.waiver for one in used),
    )


def never_blockers(result: GateResult, finding: Finding | None = None) -> Iterator[Blocker]:
    """Why nobody may waive this gate, or this finding of it, now."""
    what = f"{result.code} {result.title}"
    if result.crashed:
        yield _never(
            "gate_crashed",
            f"{what} could not be evaluated; what nobody knows is not waived.",
            "Have the fault found in the log and mended.",
            "site administrator",
        )
        return
    if not result.waivable_by:
        why = _WHY_NEVER.get(result.code, "its work cannot be done without it")
        yield _never(
            "never_waived", f"{what} is never waived: {why}.", "Clear what it found.",
            "who is named with each finding",
        )  # fmt: skip
        return
    asked = result.findings if finding is None and result.code not in PER_FINDING else [finding]
    told = {each.never: each for each in asked if each is not None and each.never}
    for never, each in told.items():
        yield _never(
            "never_waived", f"{each.rule or what} is never waived: {never}.", each.fix, each.who
        )


def vain_blockers(
    result: GateResult, finding: Finding | None, results: Iterable[GateResult]
) -> Iterator[Blocker]:
    """Why a waiver of this gate, or this finding of it, would change nothing: a gate that holds
    the package back and that nobody may waive finds the same."""
    asked = [finding] if finding is not None else [*result.findings]
    firm = {
        each.cause: (other, each)
        for other in results
        if other.code != result.code
        for each in other.holds_back
        if each.cause and [*never_blockers(other, each)]
    }
    if not asked or any(each.cause not in firm for each in asked):
        return
    for other, each in {firm[each.cause][0].code: firm[each.cause] for each in asked}.values():
        yield Blocker(
            "without_effect",
            f"{other.code} {other.title} finds the same and is never waived: {each.text}",
            each.fix, each.who, field="gate",
        )  # fmt: skip


def _never(code: str, text: str, fix: str, who: str) -> Blocker:
    return Blocker(code, text, fix, who, field="gate")


def slots_of(
    roles: Iterable[str],
    because: str,
    *,
    applications: Iterable[str] = (),
    families: Iterable[str] = (),
    beyond: bool = False,
) -> tuple[SlotSpec, ...]:
    """Who signs: one person for each role, the owners of every application, the lead of one of the
    families; `beyond` the limits the chair of the board too. A role may name its scope:
    "technical_lead@family:security"."""
    wanted = list(roles)
    if beyond and CHAIR.role not in wanted:
        wanted.append(CHAIR.role)
    return tuple(
        SlotSpec(code, label, eligible, 1, because, sla_hours=24)
        for role in wanted
        for code, label, eligible in _of_role(role, sorted(applications), sorted(families))
    )


def _of_role(
    role: str, applications: list[str], families: list[str]
) -> Iterator[tuple[str, str, tuple[RoleHeld, ...]]]:
    name, _, scope = role.partition("@")
    label = "Chair of the board" if name == CHAIR.role else name.replace("_", " ").capitalize()
    if scope:
        told = scope.partition(":")[2]
        yield f"{name}:{told}", f"{label} of {told}", (RoleHeld(name, scope),)
    elif name == "application_owner" and applications:
        for code in applications:
            yield f"owner:{code}", f"Owner of {code}", (RoleHeld(name, f"application:{code}"),)
    elif name == "technical_lead" and families:
        yield name, label, tuple(RoleHeld(name, f"family:{each}") for each in families)
    else:
        yield name, label, (RoleHeld(name),)
