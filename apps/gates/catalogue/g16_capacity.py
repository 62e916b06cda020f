from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.domain.facts import PackageFacts, WindowFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Finding, Gate, Level, Verdict, verdict


class Capacity(Gate):
    code = "G16"
    title = "Capacity"
    help_text = "The window takes no more than it can, and its reserve is kept."
    due = timedelta(days=5)
    owner_role = "release_coordinator"
    evidence_kind = "capacity of the window"
    waivable_by = ("release_manager",)

    def level(self, facts: PackageFacts) -> Level:
        return "soft"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        return verdict(self._findings(facts.window)) if facts.window else NOT_APPLICABLE

    def _findings(self, window: WindowFacts) -> Iterator[Finding]:
        for use in window.use:
            if use.planned > use.plannable or use.booked > use.limit:
                yield Finding(
                    f"{window.code} is booked with {use.booked:g} {use.unit}; it can take "
                    f"{use.limit:g}, {use.plannable:g} of them planned.",
                    "Move a package to another window, or raise the capacity.",
                    "release coordinator",
                )
