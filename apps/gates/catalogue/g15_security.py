from __future__ import annotations

from datetime import timedelta

from apps.core.words import in_words
from apps.gates.domain.attestation import attested
from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Gate, Verdict


class Security(Gate):
    code = "G15"
    title = "Security"
    help_text = (
        "Where a RACF profile changes, or a change says that it touches security or card or "
        "personal data: permits are right, no developer's id runs in production, and what happens "
        "to the data was reviewed."
    )
    due = timedelta(days=2)
    owner_role = "technical_lead"
    owner_families = ("security",)
    evidence_kind = "attestation of security"
    waivable_by = ("technical_lead@family:security",)
    is_manual = True
    proves = ("scope",)

    def evaluate(self, facts: PackageFacts) -> Verdict:
        profiles = (line.asset for line in facts.scope if line.type == "racf_profile")
        names = sorted({*profiles, *facts.security_changes})
        if not names:
            return NOT_APPLICABLE
        return attested(self, facts, f"Security has not attested {in_words(names, 3)}.")
