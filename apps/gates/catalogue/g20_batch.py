from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.domain.facts import BatchFacts, PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Finding, Gate, Verdict, verdict


class BatchHeld(Gate):
    """Before anything is altered; the window itself starts only with a step that holds the batch,
    or with somebody who says that it is held."""

    code = "G20"
    title = "Batch held"
    help_text = (
        "The batch cycle is held when the first step alters production: every step of the night "
        "that holds jobs is done."
    )
    only_at = "start"
    due = timedelta(0)
    owner_role = "release_coordinator"
    evidence_kind = "steps that hold jobs"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        if facts.window is None or not facts.window.in_progress or not facts.batch.holds:
            return NOT_APPLICABLE
        has_altered = any(step.state not in ("planned", "ready") for step in facts.altering)
        return verdict(not_held(facts.batch) if has_altered else ())


def not_held(batch: BatchFacts) -> Iterator[Finding]:
    """The steps that have still to hold the batch before anything is altered."""
    for code, title, done in batch.holds:
        if not done:
            yield Finding(
                f"{code} {title} is not done: batch jobs could still start.",
                f"Complete {code} first.",
                "its team",
            )
