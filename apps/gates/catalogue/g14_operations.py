from __future__ import annotations

from datetime import timedelta

from apps.gates.domain.attestation import attested
from apps.gates.domain.facts import PackageFacts, ScopeFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Gate, Level, Verdict

OPERATED = frozenset({"job", "proc", "scheduler_entry", "started_task"})
#: Types whose every change alters when work runs or where it begins again.
RESTARTED = frozenset({"scheduler_entry"})


class OperationsHandover(Gate):
    code = "G14"
    title = "Operations handover"
    help_text = (
        "Who runs it has the run book, the step to restart at and whom to call, and has reviewed "
        "the entry of the scheduler. Hard for a new job and for one that starts otherwise."
    )
    due = timedelta(days=2)
    owner_role = "technical_lead"
    owner_families = ("scheduling",)
    evidence_kind = "attestation, with the run book"
    waivable_by = ("release_manager", "technical_lead@family:scheduling")
    is_manual = True
    proves = ("scope",)

    def level(self, facts: PackageFacts) -> Level:
        return "hard" if any(self._is_new(line) for line in facts.scope) else "soft"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        lines = [line for line in facts.scope if line.type in OPERATED]
        if not lines:
            return NOT_APPLICABLE
        return attested(
            self, facts, f"Nobody has attested that operations took over {facts.named(lines)}."
        )

    def _is_new(self, line: ScopeFacts) -> bool:
        return line.type in RESTARTED or (line.type in OPERATED and line.action == "new")
