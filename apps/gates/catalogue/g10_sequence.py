from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.domain.cycles import shortest_cycle
from apps.gates.domain.facts import ActivityFacts, PackageFacts
from apps.gates.domain.verdict import Finding, Gate, Verdict, verdict

PLANNER = "release coordinator"


class PlanAndSequence(Gate):
    code = "G10"
    title = "Plan and sequence"
    help_text = (
        "The plan has steps without a cycle, in the order that every hard rule asks for, each with "
        "a duration and an owner; steps that alter production have a deputy too."
    )
    also_at_start = True
    due = timedelta(days=1)
    owner_role = "release_coordinator"
    evidence_kind = "plan"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        return verdict(self._findings(facts))

    def _findings(self, facts: PackageFacts) -> Iterator[Finding]:
        if not facts.forward:
            yield Finding("The plan has no step.", "Add the steps of the package.", PLANNER)
        cycle = shortest_cycle({step.code: step.predecessors for step in facts.activities})
        if cycle:
            yield Finding(
                f"The steps wait for each other: {' → '.join((*cycle, cycle[0]))}.",
                "Remove one of these dependencies.",
                PLANNER,
            )
        for pair in facts.unordered:
            yield Finding(
                f"{pair.after} does not wait for {pair.before}, as it has to: "
                f"{'; '.join(pair.rules)}.",
                "Derive the order of the steps, or mend the type or the assets of one of them.",
                PLANNER,
            )
        for step in facts.activities:
            yield from self._of_step(step)

    def _of_step(self, step: ActivityFacts) -> Iterator[Finding]:
        if step.duration_minutes <= 0:
            yield Finding(
                f"{step.code} has no duration.", "Enter how many minutes it takes.", PLANNER
            )
        if step.owner is None:
            yield Finding(
                f"{step.code} has no owner.", f"Name somebody of {step.team}.", PLANNER,
                cause=nobody_for(step),
            )  # fmt: skip
        elif step.alters and step.mandatory and step.deputy is None:
            yield Finding(
                f"{step.code} has no deputy.", f"Name a second person of {step.team}.", PLANNER
            )
        elif step.owner == step.deputy:
            yield Finding(
                f"{step.owner.name} is owner and deputy of {step.code}.",
                "Name somebody else as deputy.",
                PLANNER,
            )


def nobody_for(step: ActivityFacts) -> str:
    """The cause of what is found of a step that has no owner."""
    return f"owner:{step.code}" if step.owner is None else ""
