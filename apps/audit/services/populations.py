"""Take a population, ask it again, test it, and open findings for its exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.audit import events
from apps.audit.domain.controls import CONTROLS, Result
from apps.audit.domain.population import compare, digest_of, query_in_words
from apps.audit.domain.sample import sample
from apps.audit.models import AuditFinding, ControlResult, Population, PopulationRow
from apps.audit.models.finding import MOVED
from apps.audit.policies import population as rules
from apps.audit.policies.finding import owner_blockers
from apps.audit.selectors.workbench import last_results, rows_between
from apps.audit.services.codes import next_code
from apps.audit.services.control_facts import gather
from apps.changes.models import ChangeRequest
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import bad_input, refuse_if_any
from apps.evidence.domain.canonical import digest
from apps.evidence.services.door import door
from apps.evidence.services.ledger import (
    lock,
    record,
    record_created,
    record_fact,
    record_many_created,
)
from apps.evidence.services.register import model_blockers
from apps.releases.services.rows import comment_blockers, fill, key_of

CREATABLE_FIELDS = ("name", "first_on", "last_on", "zone", "application")
CSV_HEADER = ("position", "kind", "code", "title", "application", "type", "state", "began_at",
              "version", "head", "key")  # fmt: skip
#: Codes of one kind of difference that are kept.
_TOLD = 100


@door("population")
def take_population(*, actor: Actor, values: Mapping[str, Any], comment: str = "") -> Population:
    """Ask now which changes the period has, and keep the answer with its digest."""
    refuse_if_any([*rules.take_blockers(actor), *comment_blockers(comment)])
    population = Population(code=next_code(Population, "POP"), run_by_id=actor.user_id)
    fill(population, values, CREATABLE_FIELDS)
    refuse_if_any(model_blockers(population))
    home = population.application
    rows = rows_between(population.starts_at, population.ends_at, home)
    refuse_if_any(rules.size_blockers(len(rows)))
    first, last = population.first_on.isoformat(), population.last_on.isoformat()
    population.query = query_in_words(first, last, population.zone, home.code if home else "")
    population.parameters = {
        "from": population.starts_at.isoformat(),
        "until": population.ends_at.isoformat(),
        "zone": population.zone,
        "application": home.code if home else "",
    }
    population.run_at = clock.now()
    population.row_count, population.digest = len(rows), digest_of(rows)
    record_created(population, actor=actor, event=events.POPULATION_TAKEN, comment=comment)
    PopulationRow.objects.bulk_create(
        [PopulationRow.of(population, number, row) for number, row in enumerate(rows, start=1)],
        batch_size=1000,
    )
    return population


@door("population")
def ask_again(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Population:
    """Put the same question now, and say in which rows the answer is another."""
    population = _lock(pk, expected_seq)
    refuse_if_any([*rules.work_blockers(actor, population), *comment_blockers(comment)])
    kept = [row.as_row() for row in population.rows.all()]
    now = rows_between(population.starts_at, population.ends_at, population.application)
    told = compare(kept, now)
    population.again_at, population.again_by_id = clock.now(), actor.id
    population.again_digest = digest_of(now)
    population.difference = {
        "words": told.in_words(),
        "rows": len(now),
        **{name: list(codes[:_TOLD]) for name, codes in asdict(told).items()},
        "counts": {name: len(codes) for name, codes in asdict(told).items()},
    }
    return record(population, actor=actor, event=events.POPULATION_ASKED_AGAIN, comment=comment)


@door("population")
def run_controls(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> Population:
    """Run every control test over every row, and keep what each says with the population."""
    population = _lock(pk, expected_seq)
    refuse_if_any([*rules.work_blockers(actor, population), *comment_blockers(comment)])
    facts = gather([row.as_row() for row in population.rows.all()])
    results = [control.examine(facts) for control in CONTROLS]
    population.run += 1
    population.tested_at, population.tested_by_id = facts.now, actor.id
    population.exception_count = sum(len(result.failed) for result in results)
    population.facts_digest = digest([result.facts for result in results])
    titles = {control.code: control.title for control in CONTROLS}
    kept = ControlResult.objects.bulk_create(
        [_kept(population, result, titles[result.control]) for result in results]
    )
    return record(
        population, actor=actor, event=events.POPULATION_TESTED, comment=comment,
        results=[
            {"control": row.control, "tested": row.tested, "passed": row.passed,
             "exceptions": digest(row.exceptions), "facts": row.facts}
            for row in kept
        ],
    )  # fmt: skip


def _kept(population: Population, result: Result, title: str) -> ControlResult:
    exceptions = [
        {"subject": verdict.subject, "code": verdict.code,
         "reasons": [asdict(reason) for reason in verdict.reasons]}
        for verdict in result.failed
    ]  # fmt: skip
    return ControlResult(
        population=population, run=population.run, control=result.control, title=title,
        tested=result.tested, passed=result.passed, exceptions=exceptions, facts=result.facts,
    )  # fmt: skip


@door("population")
def raise_findings(
    *,
    pk: UUID,
    actor: Actor,
    due_at: datetime,
    owner: UUID | str | None = None,
    control: str = "",
    expected_seq: int | None = None,
    comment: str = "",
) -> Population:
    """A finding for each exception of the last run that has none yet.

    Each is the owner's of its change; `owner` answers for the others. With `control` those of one
    test alone.
    """
    population = _lock(pk, expected_seq)
    refuse_if_any([*rules.raise_blockers(actor, population), *comment_blockers(comment)])
    results = [row for row in last_results(population) if control in ("", row.control)]
    given = (
        User.objects.filter(pk=key_of(owner, "owner"), is_active=True).first() if owner else None
    )
    if owner and given is None:
        refuse_if_any([bad_input("owner", "There is no such active person.", "Choose another.")])
    owners, wanted = _owners(results), list(_new_findings(population, results))
    answers = [owners.get(finding.about, given.pk if given else None) for finding in wanted]
    refuse_if_any(
        [
            *owner_blockers(actor, given.pk if given else None),
            *([bad_input("due_at", "This moment has passed.", "Enter a later one.", "in_the_past")]
              if due_at <= clock.now() else []),
            *([bad_input("owner", "Some exceptions are of no change, so nobody answers for them.",
                         "Choose who does.", "required")]
              if None in answers else []),
        ]
    )  # fmt: skip
    first = next_code(AuditFinding, "AF")
    for number, (finding, answers_for) in enumerate(zip(wanted, answers, strict=True)):
        assert answers_for is not None
        finding.owner_id = answers_for
        finding.code = f"{first[:5]}{int(first[5:]) + number:03d}"
        finding.due_at, finding.opened_by_id = due_at, actor.id
    record_many_created(wanted, actor=actor, event=events.FINDING_OPENED, comment=comment)
    return population


def _owners(results: list[ControlResult]) -> dict[str, UUID]:
    """Subject of a change among the exceptions → who answers for it."""
    subjects = {each["subject"] for row in results for each in row.exceptions}
    keys = [UUID(told.partition(":")[2]) for told in subjects if told.startswith("change:")]
    rows = ChangeRequest.objects.filter(pk__in=keys)
    return {f"change:{pk}": owner for pk, owner in rows.values_list("pk", "owner")}


def _new_findings(population: Population, results: list[ControlResult]) -> Iterator[AuditFinding]:
    """Without what each control has found before, in whatever population, and without moves that
    the report which told of them opened a finding for."""
    codes = [row.control for row in results]
    found = AuditFinding.objects.filter(control__in=[*codes, MOVED]).order_by()
    known = set(found.values_list("control", "about"))
    for row in results:
        for each in row.exceptions:
            if known & {(row.control, each["subject"]), (MOVED, each["subject"])}:
                continue
            yield AuditFinding(
                population=population,
                control=row.control,
                about=each["subject"],
                about_name=each["code"][:120],
                fact=each["reasons"][0]["fact"],
                what="\n".join(reason["reason"] for reason in each["reasons"]),
            )


@door("population")
def export_rows(*, pk: UUID, actor: Actor) -> Population:
    """That somebody took the rows with them; they are streamed afterwards by `csv_rows`."""
    population = _lock(pk, None)
    refuse_if_any(rules.read_blockers(actor))
    record_fact(
        "read", actor=actor, event=events.POPULATION_EXPORTED,
        about=population.subject, rows=population.row_count, digest=population.digest,
    )  # fmt: skip
    return population


def csv_rows(population: Population) -> Iterator[tuple[Any, ...]]:
    """The rows under `CSV_HEADER`, a thousand in memory at a time."""
    for row in population.rows.iterator(chunk_size=1000):
        yield (row.position, row.kind, row.code, row.title, row.application, row.change_type,
               row.state, row.at, row.version, row.head, str(row.key))  # fmt: skip


def drawn(population: Population, seed: str, size: int) -> list[PopulationRow]:
    """The sample of this seed and size. Raises Refused for a seed or a size that cannot be."""
    refuse_if_any(rules.sample_blockers(seed, size))
    return sample(population.rows.all(), seed, size)


def _lock(pk: UUID, expected_seq: int | None) -> Population:
    rows = Population.objects.select_related("application")
    return lock(rows, key_of(pk, "population"), expected_seq=expected_seq)
