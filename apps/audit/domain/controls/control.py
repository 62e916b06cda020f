"""What a control test is, and how one is run over a whole population."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import ClassVar

from apps.audit.domain.controls.facts import Case, Facts
from apps.evidence.domain.canonical import digest


@dataclass(frozen=True, slots=True)
class Exceptional:
    """Why one row does not pass, and the fact that shows it (a subject of the ledger)."""

    reason: str
    fact: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a control says of one row: it passes where there is no reason against it."""

    subject: str
    code: str
    reasons: tuple[Exceptional, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What a control says of a population: how much it tested, how much of that passed, and what
    did not. `facts` is the digest of what it looked at."""

    control: str
    tested: int
    passed: int
    failed: tuple[Verdict, ...]
    facts: str


class Control:
    """One test over every row of a population; `asks` is its question."""

    code: ClassVar[str]
    title: ClassVar[str]
    asks: ClassVar[str]

    def applies(self, case: Case, facts: Facts) -> bool:
        raise NotImplementedError

    def reasons(self, case: Case, facts: Facts) -> Iterator[Exceptional]:
        raise NotImplementedError

    def examine(self, facts: Facts) -> Result:
        """Every row that it applies to. One that cannot be tested does not pass."""
        cases = [case for case in facts.cases if self.applies(case, facts)]
        verdicts = (Verdict(c.subject, c.code, self._reasons(c, facts)) for c in cases)
        failed = tuple(verdict for verdict in verdicts if verdict.reasons)
        told = digest([asdict(case) for case in cases])
        return Result(self.code, len(cases), len(cases) - len(failed), failed, told)

    def _reasons(self, case: Case, facts: Facts) -> tuple[Exceptional, ...]:
        try:
            return tuple(self.reasons(case, facts))
        except Exception as error:  # noqa: BLE001 - whatever it is, the row has not passed
            told = f"It could not be tested: {type(error).__name__}."
            return (Exceptional(told, case.subject),)
