from __future__ import annotations

from datetime import timedelta

from apps.gates.domain.attestation import attested
from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Gate, Level, Verdict


class Communication(Gate):
    code = "G13"
    title = "Communication"
    help_text = (
        "From medium risk on, the notices are sent, and the service desk is informed and has a "
        "text for errors that are known."
    )
    due = timedelta(days=2)
    owner_role = "release_coordinator"
    evidence_kind = "attestation, with the notices"
    waivable_by = ("release_coordinator",)
    is_manual = True
    proves = ("window",)

    def level(self, facts: PackageFacts) -> Level:
        return "soft"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        if facts.window is None or facts.risk_band in ("", "low"):
            return NOT_APPLICABLE
        return attested(self, facts, "Nobody has attested that users and the service desk know.")
