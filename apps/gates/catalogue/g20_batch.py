from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from apps.core.words import in_words
from apps.gates.domain.facts import BatchFacts, PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Finding, Gate, Verdict, verdict

#: Cycles that a sentence names.
MOST_CYCLES = 3


class BatchHeld(Gate):
    """Before anything is altered; the window itself starts only with a step that holds the batch,
    or with somebody who says that it is held."""

    code = "G20"
    title = "Batch held"
    help_text = (
        "The batch cycle is held when the first step alters production: every step of the night "
        "that holds jobs is done, and the business date that is held is that of the next cycle."
    )
    only_at = "start"
    due = timedelta(0)
    owner_role = "release_coordinator"
    evidence_kind = "steps that hold jobs, and the date told with them"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        if facts.window is None or not facts.window.in_progress or not facts.batch.holds:
            return NOT_APPLICABLE
        has_altered = any(step.state not in ("planned", "ready") for step in facts.altering)
        return verdict(not_held(facts.batch) if has_altered else ())


def not_held(batch: BatchFacts) -> Iterator[Finding]:
    """The steps that have still to hold the batch before anything is altered, and those that hold
    the batch of another date."""
    for code, title, done in batch.holds:
        if not done:
            yield Finding(
                f"{code} {title} is not done: batch jobs could still start.",
                f"Complete {code} first.",
                "its team",
            )
        elif wrong := wrong_date(batch, batch.told.get(code)):
            yield Finding(
                f"{code} {title}: {wrong}",
                f"Look at the scheduler, have its date put right, and tell it in {code}.",
                "its team",
            )


def wrong_date(batch: BatchFacts, told: date | None) -> str:
    """What is wrong with the business date that is held, in a sentence; empty where it is right, or
    where no rule of a cycle tells which one would be."""
    if not batch.expected or told in {day for _, day in batch.expected}:
        return ""
    next_ones = [f"{cycle} of {day:%a %d %b %Y}" for cycle, day in batch.expected]
    cycles = in_words(next_ones, MOST_CYCLES)
    if told is None:
        return f"nobody said for which business date the batch is held; next is {cycles}."
    return f"the batch of {told:%a %d %b %Y} is held; next is {cycles}."
