from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.catalogue.g06_tests import installed, tests_of
from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Finding, Gate, Verdict, verdict

#: States in which the work is over and the package waits to be closed.
ENDED = frozenset({"completed", "partially_completed", "failed", "backed_out"})


class EvidencePack(Gate):
    code = "G22"
    title = "Evidence pack"
    help_text = (
        "The evidence of the package and of all that belongs to it has no gap, and every change "
        "from medium risk on has its test documents."
    )
    only_at = "close"
    due = timedelta(0)
    owner_role = "package_owner"
    evidence_kind = "ledger and documents"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        return verdict(self._findings(facts)) if facts.state in ENDED else NOT_APPLICABLE

    def _findings(self, facts: PackageFacts) -> Iterator[Finding]:
        for name in facts.gaps:
            yield Finding(
                f"The chain of the evidence of {name} has a gap.",
                "Have an auditor look at it before anything else.",
                "auditor",
            )
        for change in facts.changes:
            asked = change.risk_band != "low" and installed(facts, change)
            if asked and not tests_of(facts, change):
                yield Finding(
                    f"{change.code} has no test document.",
                    "Attach what shows that it was tested.",
                    change.owner.name,
                )
