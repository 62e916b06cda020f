"""The control mapping as it stands: every clause with its facts, and what they last said."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.urls import reverse

from apps.audit.domain.controls import CONTROL_BY_CODE
from apps.audit.domain.mapping import CLAUSES, PAGES, Backing, Clause
from apps.audit.models import ControlResult, Population
from apps.audit.selectors.workbench import last_results, newest_tested, page_of
from apps.gates.catalogue import GATE_BY_CODE

NOT_RUN = "not run yet"


@dataclass(frozen=True, slots=True)
class ShownFact:
    """A fact with its page. Of a control test `result` says how it went last, and `is_good` whether
    nothing was found; None where that cannot be said."""

    kind: str
    name: str
    page: str
    result: str = ""
    is_good: bool | None = None


@dataclass(frozen=True, slots=True)
class ShownClause:
    framework: str
    clause: str
    asks: str
    facts: tuple[ShownFact, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    clauses: tuple[ShownClause, ...]
    population: Population | None

    @property
    def by_framework(self) -> list[tuple[str, list[ShownClause]]]:
        return [(name, list(found)) for name, found in groupby(self.clauses, lambda c: c.framework)]


def mapping_now() -> Mapping:
    """Two queries, however many clauses there are."""
    population = newest_tested()
    results = {row.control: row for row in last_results(population)} if population else {}

    def shown(clause: Clause) -> ShownClause:
        facts = tuple(_fact(fact, population, results) for fact in clause.facts)
        return ShownClause(clause.framework, clause.clause, clause.asks, facts)

    return Mapping(tuple(shown(clause) for clause in CLAUSES), population)


def _fact(
    fact: Backing, population: Population | None, results: dict[str, ControlResult]
) -> ShownFact:
    if fact.kind == "page":
        label, address = PAGES[fact.ref]
        return ShownFact("page", label, reverse(address))
    if fact.kind == "gate":
        query = urlencode({"gate": fact.ref})
        return ShownFact(
            "gate", f"{fact.ref} {GATE_BY_CODE[fact.ref].title}", f"{reverse('readiness')}?{query}"
        )
    name = f"{fact.ref} {CONTROL_BY_CODE[fact.ref].title}"
    result = results.get(fact.ref)
    if population is None or result is None:
        return ShownFact("control", name, reverse("admin:audit_population_changelist"), NOT_RUN)
    return ShownFact(
        "control", name, f"{page_of(population.subject)}#{fact.ref}",
        f"{result.passed} of {result.tested} passed" if result.tested else "nothing to test",
        result.passed == result.tested if result.tested else None,
    )  # fmt: skip
