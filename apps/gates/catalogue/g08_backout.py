from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from apps.gates.domain.facts import BackoutFacts, PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Finding, Gate, Verdict, verdict

#: The plan is approved, or was and is being used.
APPROVED = frozenset({"approved", "triggered", "executing", "restored", "verified"})
#: Steps on data, DDL or IMS definitions: their way back is rehearsed and starts from a copy.
REHEARSED_TYPES = frozenset(
    {
        "CONVERT_DATA", "LOAD_DATA", "RECOVER_DATA", "DDL", "REORG", "DBDGEN", "PSBGEN", "ACBGEN",
        "IMS_RELOAD", "IMS_OLC",
    }
)  # fmt: skip
PLANNER = "package owner"


class Backout(Gate):
    code = "G08"
    title = "Backout"
    help_text = (
        "The backout plan is approved, every step that alters production has its way back or is "
        "approved as irreversible, a plan of high risk or on data was rehearsed and names what it "
        "returns to, and nothing of it changed since it was reviewed."
    )
    due = timedelta(days=1)
    owner_role = "package_owner"
    evidence_kind = "backout plan"
    waivable_by = ("release_manager", "application_owner")

    def evaluate(self, facts: PackageFacts) -> Verdict:
        if not facts.altering:
            return NOT_APPLICABLE
        if facts.backout is None:
            none = Finding(
                "There is no backout plan.", "Write how the package is taken back.", PLANNER
            )
            return verdict(self._as_waivable(facts, [none]))
        found = [*self._plan(facts, facts.backout), *self._steps(facts)]
        return verdict(self._as_waivable(facts, found))

    def _as_waivable(self, facts: PackageFacts, found: Iterable[Finding]) -> Iterator[Finding]:
        """From high risk on nobody lets a package go without its way back."""
        for finding in found:
            never = f"not for {facts.risk_band} risk, which goes nowhere without its way back"
            yield replace(finding, never=never if facts.is_risky else "")

    def _plan(self, facts: PackageFacts, plan: BackoutFacts) -> Iterator[Finding]:
        if plan.state not in APPROVED:
            yield Finding(
                f"The backout plan is {plan.state.replace('_', ' ')}, not approved.",
                "Have it reviewed and approved.",
                "release manager",
            )
        elif not plan.is_current:
            yield Finding(
                "The backout plan or its steps changed after the review: what was rehearsed and "
                "approved is another.",
                "Take it back to draft, and have it reviewed, rehearsed and approved again.",
                PLANNER,
            )
        if not plan.trigger_criteria.strip():
            yield Finding(
                "The backout plan does not say when it is used.",
                "Enter what is measured, and from which value on the package is taken back.",
                PLANNER,
            )
        if plan.decision_owner is None:
            yield Finding(
                "Nobody is named who decides on the backout.", "Name who decides.", PLANNER
            )
        touched = sorted({step.type for step in facts.altering} & REHEARSED_TYPES)
        if not plan.rehearsed and (facts.is_risky or touched):
            why = f"{facts.risk_band} risk" if facts.is_risky else ", ".join(touched)
            yield Finding(
                f"The backout was not rehearsed; that is needed for {why}.",
                "Rehearse it and record the rehearsal.",
                PLANNER,
            )
        if touched and not plan.restore_points.strip():
            yield Finding(
                "The backout plan names no restore point.",
                "Enter the copies and backups to return to.",
                PLANNER,
            )

    def _steps(self, facts: PackageFacts) -> Iterator[Finding]:
        reversed_codes = {step.reverses for step in facts.activities if step.is_backout}
        for step in facts.altering:
            if step.code in reversed_codes:
                continue
            if not step.irreversible:
                yield Finding(
                    f"{step.code} {step.title} has no way back.",
                    "Add its backout step, or mark it as irreversible.",
                    PLANNER,
                )
            elif not facts.one_way_changes:
                yield Finding(
                    f"{step.code} {step.title} is marked as irreversible, and no change says that "
                    "a part cannot be undone.",
                    "Mark the change as irreversible and have it approved so, or add a backout "
                    "step.",
                    PLANNER,
                )
