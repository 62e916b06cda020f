from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import Finding, Gate, Verdict, verdict

#: Rules whose requirement is another gate's, with waivers of its own: asked there, and not twice.
ASKED_ELSEWHERE = {"C14": "G08"}


class ScopeComplete(Gate):
    code = "G04"
    title = "Scope complete"
    help_text = (
        "No rule of completeness has an open hard finding: everything that has to go in with the "
        "scope does, and the plan has the steps for it. The ways back (C14) are asked by G08."
    )
    due = timedelta(days=3)
    owner_role = "package_owner"
    evidence_kind = "findings of the rules"
    waivable_by = ("release_manager", "technical_lead")

    def evaluate(self, facts: PackageFacts) -> Verdict:
        return verdict(self._findings(facts))

    def _findings(self, facts: PackageFacts) -> Iterator[Finding]:
        for found in facts.findings:
            is_asked = found.rule not in ASKED_ELSEWHERE
            if is_asked and found.kind == "completeness" and found.severity == "hard":
                yield Finding(
                    f"{found.rule}: {found.text}",
                    "Add what is missing; the finding offers it. Or have the finding waived.",
                    found.who,
                    never=found.never,
                    rule=found.rule,
                    key=found.key,
                )
