from __future__ import annotations

from datetime import timedelta

from apps.gates.domain.attestation import attested
from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Gate, Level, Verdict

#: What the recovery site holds a copy of.
REPLICATED = frozenset({"data", "db2", "ims"})


class RecoverySite(Gate):
    code = "G18"
    title = "Recovery site"
    help_text = (
        "The libraries and the replication of the recovery site follow what changes, and the new "
        "image copies are registered."
    )
    due = timedelta(days=2)
    owner_role = "technical_lead"
    owner_families = ("storage", "db2")
    evidence_kind = "attestation"
    waivable_by = ("release_manager",)
    is_manual = True
    proves = ("scope", "backout")

    def level(self, facts: PackageFacts) -> Level:
        return "soft"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        lines = [line for line in facts.scope if line.family in REPLICATED]
        if not lines:
            return NOT_APPLICABLE
        return attested(
            self, facts, f"Nobody has attested that the recovery site follows {facts.named(lines)}."
        )
