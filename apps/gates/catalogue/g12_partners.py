from __future__ import annotations

from datetime import timedelta

from apps.gates.domain.attestation import attested
from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Gate, Level, Verdict

#: What leaves the house, and who waits for it.
INTERFACES = frozenset({"exchange", "mq"})


class PartnersInformed(Gate):
    code = "G12"
    title = "Partners informed"
    help_text = (
        "Partners at an interface that changes know of it and have answered, and so do those who "
        "use its output."
    )
    due = timedelta(days=3)
    owner_role = "package_owner"
    evidence_kind = "attestation, with the partners' answers"
    waivable_by = ("release_manager",)
    is_manual = True
    proves = ("scope", "window")

    def level(self, facts: PackageFacts) -> Level:
        return "soft"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        lines = [line for line in facts.scope if line.family in INTERFACES]
        if not lines:
            return NOT_APPLICABLE
        names = facts.named(lines)
        return attested(self, facts, f"Nobody has attested that the partners of {names} know.")
