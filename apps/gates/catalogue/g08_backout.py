from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.domain.facts import BackoutFacts, PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Finding, Level, Verdict, verdict

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


class Backout:
    code = "G08"
    title = "Backout"
    help = (
        "The backout plan is approved, every step that alters production has its way back or is "
        "approved as irreversible, and a risky plan was rehearsed."
    )
    also_at_start = False
    due = timedelta(days=1)
    owner_role = "package_owner"
    waivable_by: tuple[str, ...] = ("release_manager", "application_owner")

    def level(self, facts: PackageFacts) -> Level:
        return "hard"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        if not facts.altering:
            return NOT_APPLICABLE
        if facts.backout is None:
            return verdict(
                [Finding("There is no backout plan.", "Write how the package is taken back.",
                         PLANNER)]
            )  # fmt: skip
        return verdict([*self._plan(facts, facts.backout), *self._steps(facts)])

    def _plan(self, facts: PackageFacts, plan: BackoutFacts) -> Iterator[Finding]:
        if plan.state not in APPROVED:
            yield Finding(
                f"The backout plan is {plan.state.replace('_', ' ')}, not approved.",
                "Have it reviewed and approved.",
                "release manager",
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
            if step.code not in reversed_codes and not step.irreversible:
                yield Finding(
                    f"{step.code} {step.title} has no way back.",
                    "Add its backout step, or mark it as irreversible.",
                    PLANNER,
                )
