from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Finding, Gate, Level, Verdict, verdict


class Calendar(Gate):
    code = "G03"
    title = "Calendar"
    help_text = (
        "No freeze or other hard rule of the calendar closes the window for what the package "
        "touches, or a deviation is approved. It does not stop an emergency."
    )
    also_at_start = True
    due = timedelta(days=5)
    owner_role = "release_coordinator"
    evidence_kind = "calendar and deviations"

    def level(self, facts: PackageFacts) -> Level:
        return "soft" if facts.is_emergency else "hard"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        return verdict(self._findings(facts)) if facts.window else NOT_APPLICABLE

    def _findings(self, facts: PackageFacts) -> Iterator[Finding]:
        for rule in facts.closed:
            cause = f"calendar:{rule.rule}" if rule.rule else ""
            yield Finding(rule.text, rule.fix, rule.who, cause=cause)
