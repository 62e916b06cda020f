from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.domain.attestation import attested
from apps.gates.domain.facts import PackageFacts, ScmFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Finding, Gate, Verdict, verdict

#: What the tools call a package that nobody can edit any more (Endevor, ChangeMan ZMF, ISPW).
FROZEN = frozenset({"APPROVED", "FRZ", "FROZEN", "APR", "READY", "RELEASED", "DIS", "DISTRIBUTED"})
#: …and one that has gone in.
EXECUTED = frozenset(
    {"IN-EXECUTION", "EXECUTED", "COMMITTED", "INS", "INSTALLED", "BAS", "BASELINED"}
)
#: What a tool told longer ago says nothing about now.
FRESH = timedelta(hours=72)
FREEZER = "release coordinator"


class ScmState(Gate):
    """What the tool told is asked; where it told nothing, or nothing of late, a person is."""

    code = "G07"
    title = "SCM package"
    help_text = (
        "The package of the source code manager is approved or frozen, its execution window covers "
        "ours, and it can be backed out. Where no import tells of it, somebody attests it."
    )
    also_at_start = True
    due = timedelta(days=1)
    owner_role = "release_coordinator"
    evidence_kind = "import from the SCM, or attestation"
    waivable_by = ("release_manager",)
    is_manual = True
    proves = ("scope",)

    def evaluate(self, facts: PackageFacts) -> Verdict:
        executes = [step.code for step in facts.forward if step.type == "SCM_EXECUTE"]
        if not facts.scm_package:
            if not executes:
                return NOT_APPLICABLE
            return verdict(
                [Finding(f"{executes[0]} executes an SCM package, and none is named.",
                         "Enter the name of the SCM package.", FREEZER)]
            )  # fmt: skip
        fresh = [row for row in facts.scm if facts.now - row.seen_at <= FRESH]
        if fresh:
            return verdict(finding for row in fresh for finding in self._of_row(facts, row))
        known = "was told of too long ago" if facts.scm else "is known from no import"
        return attested(
            self, facts, f"{facts.scm_package} {known}: nobody has attested that it is frozen."
        )

    def _of_row(self, facts: PackageFacts, row: ScmFacts) -> Iterator[Finding]:
        name, status = f"{row.tool} package {row.name}", row.status.strip().upper()
        if status not in FROZEN | EXECUTED:
            yield Finding(
                f"{name} is {row.status or 'of unknown status'}, not approved.",
                "Have it approved and frozen, then import it again.",
                FREEZER,
            )
        window = facts.window
        if window and status not in EXECUTED:
            late = row.window_from is not None and row.window_from > window.opens_at
            early = row.window_to is not None and row.window_to < window.closes_at
            if late or early:
                yield Finding(
                    f"The execution window of {name} does not cover {window.code}.",
                    "Correct its execution window, then import it again.",
                    FREEZER,
                )
        if row.backout_enabled is False:
            yield Finding(
                f"{name} cannot be backed out.",
                "Cast it with backout enabled, then import it again.",
                FREEZER,
            )
