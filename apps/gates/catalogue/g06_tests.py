from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from apps.changes.domain.facts import ChangeFacts
from apps.core.words import in_words
from apps.gates.domain.facts import ExhibitFacts, PackageFacts, ScopeFacts
from apps.gates.domain.verdict import NOT_APPLICABLE, Finding, Gate, Level, Verdict, verdict

#: What each test is called in a sentence.
WORDS = {
    "sit": "system integration test",
    "uat": "user acceptance test",
    "regression": "regression test",
    "performance": "performance test",
}
#: Lines of a scope that bring nothing that could be tested by itself.
NOT_TESTED = frozenset({"delete", "rebind_only"})


class TestEvidence(Gate):
    """Evidence is about a version: what was tested before the last build proves nothing."""

    code = "G06"
    title = "Test evidence"
    help_text = (
        "From medium risk on, every version that a change installs has passed its system "
        "integration and user acceptance test, a shared copybook a regression test and a critical "
        "job a performance test; a change of low risk some test. A test names the versions it "
        "tested and is not older than they are. Nobody who asked for a change judges its tests."
    )
    due = timedelta(days=1)
    owner_role = "package_owner"
    evidence_kind = "test documents"
    waivable_by = ("release_manager", "application_owner")

    def level(self, facts: PackageFacts) -> Level:
        return "soft" if facts.risk_band == "low" else "hard"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        if not facts.tests and not any(installed(facts, change) for change in facts.changes):
            return NOT_APPLICABLE
        return verdict([*self._missing(facts), *self._own(facts)])

    def _missing(self, facts: PackageFacts) -> Iterator[Finding]:
        for change in facts.changes:
            lines = installed(facts, change)
            tests = tests_of(facts, change)
            if change.risk_band == "low":
                if lines and not any(test.passed for test in tests):
                    yield Finding(
                        f"{change.code} has no test that passed.",
                        "Have it tested, and attach what shows it.",
                        "a tester",
                    )
                continue
            for kind, asked in self._asked(lines):
                yield from self._of_kind(facts, change, kind, asked, tests)

    def _asked(self, lines: list[ScopeFacts]) -> Iterator[tuple[str, list[ScopeFacts]]]:
        yield "sit", lines
        yield "uat", lines
        yield "regression", [line for line in lines if line.is_shared]
        yield "performance", [line for line in lines if line.critical_jobs]

    def _of_kind(
        self,
        facts: PackageFacts,
        change: ChangeFacts,
        kind: str,
        lines: list[ScopeFacts],
        tests: list[ExhibitFacts],
    ) -> Iterator[Finding]:
        passed = [test for test in tests if test.code == kind and test.passed]
        untested = [line for line in lines if not _covers(passed, line)]
        if not untested:
            return
        versions = in_words(sorted({line.to_version for line in untested}), 6)
        what = f"{facts.named(untested)} at {versions}"
        older = sorted({version for test in passed for version in test.versions})
        stale = f" What was tested, {in_words(older, 6)}, is not that." if older else ""
        yield Finding(
            f"{change.code} has no passed {WORDS[kind]} of {what}.{stale}",
            "Run it on the version that is installed, and attach it with that version.",
            "a tester",
        )

    def _own(self, facts: PackageFacts) -> Iterator[Finding]:
        """Evidence is never edited: an own test counts for nothing beside an independent one."""
        for change in facts.changes:
            tests = tests_of(facts, change)
            own = {test.kind: test for test in tests if test.tester == change.requester}
            others = {test.kind for test in tests if test.tester != change.requester}
            for kind, test in own.items():
                if kind not in others:
                    yield Finding(
                        f"{change.requester.name} asked for {change.code} and ran its "
                        f"{kind.lower()}: who wants a change does not judge whether it works.",
                        "Have somebody else test it, and attach that."
                        + (" The evidence names no tester." if test.is_assumed else ""),
                        "a tester",
                    )


def installed(facts: PackageFacts, change: ChangeFacts) -> list[ScopeFacts]:
    """The lines of a change whose new version has to be tested. What the board approved in advance
    was tested then, and an emergency is tested in production."""
    if change.change_type != "normal":
        return []
    return [
        line
        for line in facts.scope
        if line.change == change.code and line.to_version and line.action not in NOT_TESTED
    ]


def tests_of(facts: PackageFacts, change: ChangeFacts) -> list[ExhibitFacts]:
    return [test for test in facts.tests if test.change == change.code]


def _covers(tests: Iterable[ExhibitFacts], line: ScopeFacts) -> bool:
    return any(
        line.to_version in test.versions
        and (line.built_at is None or test.at is None or test.at >= line.built_at)
        for test in tests
    )
