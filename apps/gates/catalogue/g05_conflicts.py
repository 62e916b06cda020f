from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.domain.facts import FindingFacts, PackageFacts
from apps.gates.domain.verdict import Finding, Gate, Level, Verdict, verdict

#: It would put an older program back over a newer one. Nobody may let that pass.
DOWN_LEVEL = "K02"
DOWN_LEVEL_NEVER = "what goes in would take an older version over a newer one"


class Conflicts(Gate):
    code = "G05"
    title = "Conflicts"
    help_text = (
        "No open hard conflict in which this package has to give way; soft ones are acknowledged. "
        "A package that would put an older version over a newer one never passes. Of an emergency "
        "only that is asked."
    )
    also_at_start = True
    due = timedelta(days=3)
    owner_role = "release_coordinator"
    evidence_kind = "findings of the rules"
    waivable_by = ("release_manager",)

    def level(self, facts: PackageFacts) -> Level:
        return "hard" if any(self._is_hard(facts, f) for f in facts.findings) else "soft"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        return verdict(self._findings(facts))

    def _findings(self, facts: PackageFacts) -> Iterator[Finding]:
        for found in facts.findings:
            if found.kind != "conflict" or not found.gives_way:
                continue
            if self._is_hard(facts, found):
                fix = "Remove its cause; the rules are asked again by themselves."
                yield self._finding(found, fix, "hard")
            elif found.severity != "info" and not found.acknowledged:
                fix = "Acknowledge it, and say what is done about it."
                yield self._finding(found, fix, "soft")

    def _finding(self, found: FindingFacts, fix: str, level: Level) -> Finding:
        never = DOWN_LEVEL_NEVER if found.rule == DOWN_LEVEL else found.never
        return Finding(
            f"{found.rule}: {found.text}", fix, found.who, level, never, found.rule, found.key,
            found.cause,
        )  # fmt: skip

    def _is_hard(self, facts: PackageFacts, found: FindingFacts) -> bool:
        return (
            found.kind == "conflict"
            and found.severity == "hard"
            and found.gives_way
            and (found.rule == DOWN_LEVEL or not facts.is_emergency)
        )
