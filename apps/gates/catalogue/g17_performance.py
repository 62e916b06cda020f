from __future__ import annotations

from datetime import timedelta

from apps.core.words import in_words
from apps.gates.domain.attestation import attested
from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Gate, Level, Verdict


class Performance(Gate):
    code = "G17"
    title = "Performance"
    help_text = (
        "The jobs that run what changes end in time: their cycle still ends when it has to. Hard "
        "where a service waits for one of them."
    )
    due = timedelta(days=2)
    owner_role = "package_owner"
    evidence_kind = "attestation, with the forecast"
    waivable_by = ("release_manager",)
    is_manual = True
    proves = ("scope",)

    def level(self, facts: PackageFacts) -> Level:
        return "hard" if any(line.critical_jobs for line in facts.scope) else "soft"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        critical = sorted({job for line in facts.scope for job in line.critical_jobs})
        jobs = critical or sorted({job for line in facts.scope for job in line.jobs})
        if not jobs:
            return NOT_APPLICABLE
        return attested(self, facts, f"Nobody has attested how long {in_words(jobs, 3)} will run.")
