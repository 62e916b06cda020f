"""Hold every version that is kept against the entry that tells of it.

History and ledger are written together and guarded each by its own triggers; whoever gets past
these in one of them is seen by the other. Rows are read one after the other by a cursor of the
server, so that memory does not grow with them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from apps.core import clock
from apps.core.actor import system_actor
from apps.evidence.domain import reconciliation as rec
from apps.evidence.domain.canonical import plain
from apps.evidence.domain.reconciliation import Mismatch, compared
from apps.evidence.events import CHECKED
from apps.evidence.models import (
    DigestShape,
    EvidenceCheck,
    EvidenceEntry,
    GovernedModel,
    governed_fields,
    values_of,
)
from apps.evidence.selectors import governed_models
from apps.evidence.services.ledger import record_fact

CHUNK = 1_000
#: So many findings are kept of a run; all are counted.
KEPT = 200
#: What entries tell of an account.
ACCOUNT = ("username", "first_name", "last_name", "email", "kind", "is_active", "is_staff")

Shapes = Mapping[tuple[str, str], frozenset[str]]


@dataclass
class Run:
    """What a check has seen so far."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[dict[str, Any]] = field(default_factory=list)

    def keep(self, found: Iterable[Mismatch]) -> None:
        for mismatch in found:
            self.counts[mismatch.code] += 1
            if len(self.findings) < KEPT:
                self.findings.append(mismatch.as_dict())

    @property
    def found(self) -> int:
        return sum(self.counts[code] for code in rec.IN_WORDS)


def reconcile() -> EvidenceCheck:
    """Look at every row, every history row and every entry, and keep the result."""
    began, run = clock.now(), Run()
    shapes = {
        (row.model, row.shape): frozenset(row.names) for row in DigestShape.objects.iterator()
    }
    for model in governed_models():
        _versions(run, model, shapes)
        run.keep(_entries_without_row(model))
        run.keep(_kept_twice(model))
        run.keep(_gone(model))
    _accounts(run)
    return keep_check(EvidenceCheck.Kind.HISTORY, began, run.found, dict(run.counts), run.findings)


def keep_check(
    kind: str, began: Any, found: int, counts: Mapping[str, int], findings: list[dict[str, Any]]
) -> EvidenceCheck:
    """Keep what a run found, and tell it in the ledger: that it ran is evidence, too."""
    check = EvidenceCheck(
        kind=kind,
        started_at=began,
        ended_at=clock.now(),
        found=found,
        counts=dict(counts),
        findings=findings[:KEPT],
    )
    with transaction.atomic():
        check.save(force_insert=True)
        record_fact(
            "system",
            actor=system_actor("evidence checks"),
            event=CHECKED,
            outcome="done" if check.is_clean else "failed",
            facts={"check": kind, "run": check.pk, "found": found, "counts": dict(counts)},
        )
    return check


def _versions(run: Run, model: type[GovernedModel], shapes: Shapes) -> None:
    """Each history row, and each record as it is now, against its entry."""
    fields, label = governed_fields(model), model._meta.label_lower
    history: Any = model.history.model
    for source, name in ((history, "versions"), (model, "records")):
        for row in _with_entry(model, source._base_manager.all()):
            run.counts[name] += 1
            subject = f"{model.SUBJECT}:{row.id}"
            if row.told_leaf is not None and row.told_body is None:
                run.counts["erased"] += 1
                continue
            told = json.loads(bytes(row.told_body))["history"] if row.told_body else None
            names = shapes.get((label, told["shape"])) if told else None
            values = values_of(row, fields)
            if told and (names is None or not names <= values.keys()):
                run.counts["of_other_columns"] += 1
            run.keep(compared(subject, row.evidence_seq, values, told, names))
            if source is model and told and bytes(row.evidence_head) != bytes(row.told_leaf):
                run.keep([Mismatch(rec.OTHER_HEAD, subject, row.evidence_seq)])


def _with_entry(model: type[GovernedModel], rows: Any) -> Iterator[Any]:
    entries = EvidenceEntry.objects.order_by().filter(
        subject=Concat(
            Value(f"{model.SUBJECT}:"), Cast(OuterRef("id"), CharField()), output_field=CharField()
        ),
        seq=OuterRef("evidence_seq"),
    )
    found = rows.order_by().annotate(
        told_body=Subquery(entries.values("body")[:1]),
        told_leaf=Subquery(entries.values("leaf")[:1]),
    )
    yield from found.iterator(chunk_size=CHUNK)


def _rows(query: str, *params: Any) -> Iterator[Any]:
    """The first rows of a query that finds none while all is well."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        yield from iter(cursor.fetchone, None)


def _entries_without_row(model: type[GovernedModel]) -> Iterator[Mismatch]:
    history = model.history.model._meta.db_table
    query = f"""
        SELECT e.subject, e.seq FROM evidence_evidenceentry e
        WHERE e.subject LIKE %s AND NOT EXISTS (
            SELECT FROM "{history}" h
            WHERE h.id = split_part(e.subject, ':', 2)::uuid AND h.evidence_seq = e.seq)"""
    for subject, seq in _rows(query, f"{model.SUBJECT}:%"):
        yield Mismatch(rec.ENTRY_WITHOUT_ROW, subject, seq)


def _kept_twice(model: type[GovernedModel]) -> Iterator[Mismatch]:
    history = model.history.model._meta.db_table
    query = f'SELECT id, evidence_seq FROM "{history}" GROUP BY 1, 2 HAVING count(*) > 1'
    for pk, seq in _rows(query):
        yield Mismatch(rec.TWICE, f"{model.SUBJECT}:{pk}", seq)


def _gone(model: type[GovernedModel]) -> Iterator[Mismatch]:
    history = model.history.model._meta.db_table
    query = f"""
        SELECT h.id, max(h.evidence_seq) FROM "{history}" h
        WHERE NOT EXISTS (SELECT FROM "{model._meta.db_table}" r WHERE r.id = h.id)
        GROUP BY 1"""
    for pk, seq in _rows(query):
        yield Mismatch(rec.GONE, f"{model.SUBJECT}:{pk}", seq)


def _accounts(run: Run) -> None:
    """Accounts have no version: what is kept of one is what its entries, one after the other,
    make of it, and so is each of its history rows at some time."""
    for user in get_user_model()._default_manager.order_by("pk").iterator(chunk_size=CHUNK):
        run.counts["records"] += 1
        subject = f"user:{user.pk}"
        states = _states_of(subject)
        if states is None:
            run.counts["erased"] += 1
        elif not states:
            run.keep([Mismatch(rec.ROW_WITHOUT_ENTRY, subject, 1)])
        else:
            if _account(user) != states[-1]:
                run.keep([Mismatch(rec.OTHER_DIGEST, subject, len(states))])
            for old in user.history.order_by().iterator(chunk_size=CHUNK):
                run.counts["versions"] += 1
                if _account(old) not in states:
                    run.keep([Mismatch(rec.OTHER_DIGEST, subject, len(states))])


def _states_of(subject: str) -> list[dict[str, Any]] | None:
    """What the account was after each entry that changed it; None where one was erased."""
    state: dict[str, Any] = {}
    states = []
    bodies = EvidenceEntry.objects.filter(subject=subject).order_by("seq")
    for body in bodies.values_list("body", flat=True).iterator(chunk_size=CHUNK):
        if body is None:
            return None
        told = json.loads(bytes(body)).get("diff")
        if told:
            state = state | {change["field"]: change.get("new") for change in told}
            states.append({name: state.get(name) for name in ACCOUNT})
    return states


def _account(row: Any) -> dict[str, Any]:
    return {name: plain(getattr(row, name)) for name in ACCOUNT}
