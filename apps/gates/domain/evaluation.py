"""Ask every gate. A gate that crashes blocks."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from apps.core.errors import Blocker
from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.profile import ProfileRow, setting_for
from apps.gates.domain.verdict import Finding, Gate, Level, Moment, Verdict

log = logging.getLogger(__name__)

_CRASHED = Finding(
    "The gate could not be evaluated, so it counts as not met.",
    "Have the fault found in the log and mended.",
    "site administrator",
    never="what nobody knows is not waived",
)


@dataclass(frozen=True, slots=True)
class GateResult:
    """What one gate said. `waivable_by` are the roles that may let pass what it found, together;
    `passed` are the findings that the `waivers` let pass; `profile` of whom its level is another
    than delivered."""

    code: str
    title: str
    level: Level
    met: bool | None
    findings: tuple[Finding, ...]
    due: timedelta
    owner_role: str
    crashed: bool = False
    waivable_by: tuple[str, ...] = ()
    passed: tuple[Finding, ...] = ()
    waivers: tuple[UUID, ...] = ()
    told_state: str = ""
    attestation: UUID | None = None
    profile: str = ""

    @property
    def is_waived(self) -> bool:
        """Not met, and all that it found is let pass."""
        return self.met is False and bool(self.passed) and not self.findings

    @property
    def state(self) -> str:
        """The state of the readiness item that tells this result."""
        if self.is_waived:
            return "waived"
        return self.told_state or {None: "not_applicable", True: "met", False: "not_met"}[self.met]

    @property
    def is_applicable(self) -> bool:
        return self.state != "not_applicable"

    @property
    def detail(self) -> str:
        return "\n".join(finding.text for finding in (*self.findings, *self.passed))

    @property
    def holds_back(self) -> tuple[Finding, ...]:
        """The findings that stop a move."""
        if self.level != "hard" or self.met is not False or self.is_waived:
            return ()
        return tuple(f for f in self.findings or (_CRASHED,) if f.level != "soft")


def evaluate_all(
    facts: PackageFacts,
    gates: Iterable[Gate],
    *,
    moment: Moment | None = None,
    profile: Iterable[ProfileRow] = (),
) -> tuple[GateResult, ...]:
    """The result of every gate, with `moment` only of those that this move asks."""
    rows = tuple(profile)
    return tuple(
        _ask(gate, facts, rows) for gate in gates if moment is None or gate.is_asked_at(moment)
    )


def _ask(gate: Gate, facts: PackageFacts, profile: tuple[ProfileRow, ...]) -> GateResult:
    level: Level = "hard"
    crashed, row = False, None
    try:
        row = _row_for(gate, facts, profile)
        level = gate.level(facts)
        if row is not None and row.setting != "off":
            level = "hard" if row.setting == "hard" else "soft"
        verdict = Verdict(None) if row and row.setting == "off" else gate.evaluate(facts)
    except Exception:  # whatever a gate does, it must not let a package pass
        log.exception("Gate %s could not be evaluated for %s", gate.code, facts.code)
        verdict, level, crashed = Verdict(False, (_CRASHED,)), "hard", True
    told = facts.attestations.get(gate.code) if gate.is_manual else None
    return GateResult(
        code=gate.code,
        title=gate.title,
        level=level,
        met=verdict.met,
        findings=verdict.findings,
        due=gate.due,
        owner_role=gate.owner_role,
        crashed=crashed,
        told_state=verdict.state,
        waivable_by=gate.waivable_by,
        attestation=told.id if told else None,
        profile=f"{row.setting} for {row.told}: {row.reason}" if row else "",
    )


def _row_for(gate: Gate, facts: PackageFacts, profile: tuple[ProfileRow, ...]) -> ProfileRow | None:
    """What a profile makes of it; a gate that nobody may waive is never lowered."""
    applications = {change.application_code for change in facts.changes}
    row = setting_for(gate.code, profile, applications, facts.risk_band)
    return None if row and not gate.waivable_by and row.setting != "hard" else row


def hard_blockers(results: Iterable[GateResult]) -> Iterator[Blocker]:
    """Every finding of a hard gate that is not met and that no waiver lets pass, as a reason
    against a move."""
    for result in results:
        for finding in result.holds_back:
            yield Blocker(
                f"gate_{result.code.lower()}",
                f"{result.code} {result.title}: {finding.text}",
                finding.fix,
                finding.who,
            )
