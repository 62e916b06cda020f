from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.catalogue.g10_sequence import nobody_for
from apps.gates.domain.facts import ActivityFacts, PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Finding, Gate, Level, Verdict, verdict

#: An acknowledgement counts for a package that starts no later than this after it.
ACKNOWLEDGED_FOR = timedelta(hours=4)
PLANNER = "release coordinator"


class Roster(Gate):
    """What the people who are to do the steps say, by the roster of their team and themselves."""

    code = "G19"
    title = "Roster"
    help_text = (
        "Every step has its owner or deputy on shift while it is planned; when the package starts, "
        "they have acknowledged it in the last four hours."
    )
    also_at_start = True
    due = timedelta(days=1)
    owner_role = "release_coordinator"
    evidence_kind = "rosters and acknowledgements"
    waivable_by = ("release_manager",)

    def level(self, facts: PackageFacts) -> Level:
        found = list(self._findings(facts))
        return "soft" if found and all(finding.level == "soft" for finding in found) else "hard"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        return verdict(self._findings(facts)) if facts.forward else NOT_APPLICABLE

    def _findings(self, facts: PackageFacts) -> Iterator[Finding]:
        for step in facts.forward:
            if step.on_shift is not None and not step.is_over:
                yield from self._of_step(step, facts)
        unknown = {step.team for step in facts.forward if step.on_shift is None}
        for team in sorted(unknown):
            yield Finding(
                f"{team} keeps no roster: who is on shift nobody can tell.",
                f"Enter the shifts of {team} for the night.",
                PLANNER,
                level="soft",
            )

    def _of_step(self, step: ActivityFacts, facts: PackageFacts) -> Iterator[Finding]:
        people = [person.name for person in (step.owner, step.deputy) if person is not None]
        if not step.on_shift:
            told = f"{step.code} of {step.team} has nobody who does it"
            if people:
                told = f"{' and '.join(people)} of {step.team} {_are(people)} not on shift while "
                told += f"{step.code} is planned"
            yield Finding(
                f"{told}.", "Enter their shift, or give the step to somebody who is there.",
                PLANNER, cause=nobody_for(step),
            )  # fmt: skip
        if facts.is_starting and not self._is_acknowledged(step, facts):
            yield Finding(
                f"{step.code} was not acknowledged in the last four hours.",
                "Its owner or deputy acknowledges it.",
                " or ".join(people) or PLANNER,
            )

    def _is_acknowledged(self, step: ActivityFacts, facts: PackageFacts) -> bool:
        at = step.acknowledged_at
        return at is not None and facts.now - at <= ACKNOWLEDGED_FOR


def _are(people: list[str]) -> str:
    return "is" if len(people) == 1 else "are"
