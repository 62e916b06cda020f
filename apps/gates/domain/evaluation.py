"""Ask every gate. A gate that crashes blocks."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from apps.core.errors import Blocker
from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import Finding, Gate, Level, Verdict

log = logging.getLogger(__name__)

_CRASHED = Finding(
    "The gate could not be evaluated, so it counts as not met.",
    "Have the fault found in the log and mended.",
    "site administrator",
)


@dataclass(frozen=True, slots=True)
class GateResult:
    """What one gate says. `passed` are the findings that the `waivers` let pass."""

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

    @property
    def is_waived(self) -> bool:
        """Not met, and all that it found is let pass."""
        return self.met is False and bool(self.passed) and not self.findings

    @property
    def state(self) -> str:
        """The state of the readiness item that tells this result."""
        if self.is_waived:
            return "waived"
        return {None: "not_applicable", True: "met", False: "not_met"}[self.met]

    @property
    def detail(self) -> str:
        return "\n".join(finding.text for finding in (*self.findings, *self.passed))


def evaluate_all(
    facts: PackageFacts, gates: Iterable[Gate], *, at_start: bool = False
) -> tuple[GateResult, ...]:
    """The result of every gate, with `at_start` only of those asked again when it starts."""
    return tuple(_ask(gate, facts) for gate in gates if gate.also_at_start or not at_start)


def _ask(gate: Gate, facts: PackageFacts) -> GateResult:
    level: Level = "hard"
    crashed = False
    try:
        level = gate.level(facts)
        verdict = gate.evaluate(facts)
    except Exception:  # whatever a gate does, it must not let a package pass
        log.exception("Gate %s could not be evaluated for %s", gate.code, facts.code)
        verdict, level, crashed = Verdict(False, (_CRASHED,)), "hard", True
    return GateResult(
        gate.code, gate.title, level, verdict.met, verdict.findings, gate.due, gate.owner_role,
        crashed, gate.waivable_by,
    )  # fmt: skip


def hard_blockers(results: Iterable[GateResult]) -> Iterator[Blocker]:
    """Every finding of a hard gate that is not met and that no waiver lets pass, as a reason
    against a move."""
    for result in results:
        if result.level == "hard" and result.met is False and not result.is_waived:
            for finding in result.findings or (_CRASHED,):
                if finding.is_remark:
                    continue
                yield Blocker(
                    f"gate_{result.code.lower()}",
                    f"{result.code} {result.title}: {finding.text}",
                    finding.fix,
                    finding.who,
                )
