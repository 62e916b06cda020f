from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Finding, Gate, Level, Verdict, verdict


class LessonsApplied(Gate):
    code = "G21"
    title = "Lessons applied"
    help_text = (
        "What was learnt about these assets, and from the package that this one tries again, is "
        "seen to."
    )
    due = timedelta(days=3)
    owner_role = "package_owner"
    evidence_kind = "lessons and findings"
    waivable_by = ("release_manager",)

    def level(self, facts: PackageFacts) -> Level:
        return "soft"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        return verdict(self._findings(facts)) if facts.lessons else NOT_APPLICABLE

    def _findings(self, facts: PackageFacts) -> Iterator[Finding]:
        for lesson in facts.lessons:
            if not lesson.done:
                yield Finding(lesson.text, "Do what it asks for, and close it.", lesson.who)
