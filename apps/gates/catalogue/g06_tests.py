from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Finding, Level, Verdict, verdict


class IndependentTests:
    """What is missing of the tests is told by the risk; here it is asked who tested."""

    code = "G06"
    title = "Test evidence"
    help = "Each kind of test that was attached was run by somebody who did not ask for the change."
    also_at_start = False
    due = timedelta(days=1)
    owner_role = "package_owner"
    waivable_by: tuple[str, ...] = ("release_manager", "application_owner")

    def level(self, facts: PackageFacts) -> Level:
        return "soft" if facts.risk_band == "low" else "hard"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        if not facts.tests:
            return NOT_APPLICABLE
        return verdict(self._findings(facts))

    def _findings(self, facts: PackageFacts) -> Iterator[Finding]:
        """Evidence is never edited: an own test counts for nothing beside an independent one."""
        for change in facts.changes:
            tests = [test for test in facts.tests if test.change == change.code]
            own = {test.kind: test for test in tests if test.tester == change.requester}
            others = {test.kind for test in tests if test.tester != change.requester}
            for kind, test in own.items():
                if kind not in others:
                    yield Finding(
                        f"{change.requester.name} asked for {change.code} and ran its "
                        f"{kind.lower()}: who wants a change does not judge whether it works.",
                        "Have somebody else test it, and attach that."
                        + (" The evidence names no tester." if test.is_assumed else ""),
                        "a tester",
                    )
