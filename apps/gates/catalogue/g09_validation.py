from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import Finding, Gate, Verdict, verdict

#: Checks that look at the package itself, before or after it went in.
OF_THE_CHANGE = frozenset({"pre", "in_window", "go_decision", "first_cycle", "warranty"})
TOTALS = frozenset({"control_total", "record_count"})
CONVERSIONS = frozenset({"CONVERT_DATA", "LOAD_DATA"})
PLANNER = "package owner"


class ValidationPlan(Gate):
    code = "G09"
    title = "Validation plan"
    help_text = (
        "Every change has a mandatory check, the go decision has checks to stand on (totals where "
        "data is converted), and every check says what it expects."
    )
    due = timedelta(days=2)
    owner_role = "package_owner"
    evidence_kind = "validation checks"
    waivable_by = ("release_manager",)

    def evaluate(self, facts: PackageFacts) -> Verdict:
        return verdict(self._findings(facts))

    def _findings(self, facts: PackageFacts) -> Iterator[Finding]:
        counted = [c for c in facts.checks if c.mandatory and c.phase in OF_THE_CHANGE]
        for change in facts.changes:
            if not any(not check.serves or change.code in check.serves for check in counted):
                yield Finding(
                    f"{change.code} has no mandatory check.",
                    "Add a check that shows that it works.",
                    PLANNER,
                )
        deciding = [check for check in counted if check.phase == "go_decision"]
        if facts.altering and not deciding:
            yield Finding(
                "No mandatory check is made for the go decision.",
                "Add the checks that the decision stands on.",
                PLANNER,
            )
        converts = [step.code for step in facts.altering if step.type in CONVERSIONS]
        if converts and not any(check.kind in TOTALS for check in deciding):
            yield Finding(
                f"{', '.join(converts)} converts data, and no total or count is compared for the "
                "go decision.",
                "Add a control total or record count.",
                PLANNER,
            )
        for check in facts.checks:
            if check.mandatory and not check.expected_filled:
                yield Finding(
                    f"{check.code} {check.title} does not say what it expects.",
                    "Enter the expected value, and the baseline if it is compared with one.",
                    check.owner.name if check.owner else PLANNER,
                )
