from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.changes.domain.facts import ChangeFacts, Person
from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import Finding, Gate, Verdict, verdict


class SeparationOfDuties(Gate):
    code = "G02"
    title = "Separation of duties"
    help_text = "Nobody implements or validates a change that they asked for, wrote or approved."
    also_at_start = True
    due = timedelta(days=1)
    owner_role = "release_coordinator"
    evidence_kind = "people of the plan"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        return verdict(self._findings(facts))

    def _findings(self, facts: PackageFacts) -> Iterator[Finding]:
        hands = [
            *(
                (step.code, "implements", person, step.serves)
                for step in facts.activities
                for person in dict.fromkeys(step.implementers)
            ),
            *(
                (check.code, "validates", check.owner, check.serves)
                for check in facts.checks
                if check.owner is not None
            ),
        ]
        for code, does, person, serves in hands:
            for change in facts.changes:
                part = self._part_in(change, person)
                if part and (not serves or change.code in serves):
                    yield Finding(
                        f"{person.name} {does} {code} and {part} {change.code}.",
                        f"Give {code} to somebody else.",
                        "release coordinator",
                    )

    def _part_in(self, change: ChangeFacts, person: Person) -> str:
        if person.id in change.approver_ids:
            return "approved"
        if person.id == change.author.id:
            return "wrote"
        if person.id == change.requester.id:
            return "requested"
        return ""
