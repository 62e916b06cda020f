"""Gather what the control tests read, in a number of queries that the rows do not change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from apps.approvals.models import Approval, Decision
from apps.audit.domain.controls.facts import (
    Call,
    Case,
    Content,
    Facts,
    Gap,
    Signature,
    Slot,
    TestFact,
    Who,
)
from apps.audit.domain.numbers import number_of, spans_missing
from apps.audit.domain.population import CHANGE, MOVED, VERSION, Row
from apps.audit.models import MovedItem
from apps.audit.services.package_facts import packages_of
from apps.changes import events
from apps.changes.domain import lifecycle as life
from apps.changes.models import ChangeAsset, ChangeRequest, ExplainedVersion, PhoneApproval
from apps.core import clock
from apps.evidence.events import REFUSED
from apps.evidence.models import EvidenceEntry, Exhibit
from apps.evidence.selectors import body_of, tests_about

#: After these, the content is the one that signatures stand for.
_GRANTING = {
    events.APPROVED.code,
    events.EDITED_UNASKED.code,
    events.PLAN_SEALED.code,
    events.NIGHT_MOVED.code,
}
#: These may keep signatures although the content is another.
_REOPENING = {
    events.EDITED_UNASKED.code,
    events.PLAN_SEALED.code,
    events.NIGHT_MOVED.code,
    events.INVALIDATED.code,
}
#: Actions on a scope line that bring nothing which could be tested by itself.
_NOT_TESTED = frozenset({"delete", "rebind_only"})


class _Began(NamedTuple):
    """The entry that began the work, and what came before and after it. `kept` are the slots that
    each entry with another content found to stand for it too, by version."""

    seq: int
    at: datetime
    package: str
    approved_at: datetime | None
    granted_seq: int | None
    closed_at: datetime | None
    kept: Mapping[int, tuple[str, ...]]


def gather(rows: Sequence[Row]) -> Facts:
    """Everything about `rows`, as it is now; when the work began is what the row says."""
    changes = _Changes([row for row in rows if row.kind == CHANGE])
    versions = _explanations([row.key for row in rows if row.kind == VERSION])
    places = _places([row.key for row in rows if row.kind == MOVED])
    cases = []
    for row in rows:
        if row.kind == CHANGE:
            cases.append(changes.case(row))
        elif row.kind == VERSION:
            cases.append(Case(row.kind, str(row.key), f"asset_version:{row.key}", row.code,
                              explained_by=versions.get(row.key, "")))  # fmt: skip
        else:
            cases.append(Case(row.kind, str(row.key), places[row.key], row.code))
    numbers = [number for row in rows if (number := number_of(row.code)) is not None]
    total = max(numbers) - min(numbers) + 1 if numbers else 0
    return Facts(clock.now(), tuple(cases), total, tuple(_gaps(numbers)))


class _Changes:
    """All that is known of the changes of a population, by key."""

    def __init__(self, rows: Sequence[Row]) -> None:
        keys = [row.key for row in rows]
        self.changes = {
            change.pk: change
            for change in ChangeRequest.objects.filter(pk__in=keys).select_related(
                "requester", "author", "standard_template"
            )
        }
        self.subjects = {f"change:{key}": key for key in keys}
        self.began = _began(rows)
        self.prints = _fingerprints(keys)
        began_at = {row.key: row.at for row in rows}
        self.slots = _slots(self.subjects, began_at)
        self.signatures = _signatures(self.subjects, began_at)
        self.tests = _tests(self.subjects)
        self.scopes = _scopes(keys)
        self.calls = _calls(keys)
        self.packages = packages_of({key: told.package for key, told in self.began.items()})

    def case(self, row: Row) -> Case:
        change = self.changes[row.key]
        began = self.began.get(row.key)
        prints = self.prints.get(row.key, {}) if began else {}
        granted = began.granted_seq if began else None
        return Case(
            kind=row.kind,
            key=str(row.key),
            subject=change.subject,
            code=change.code,
            change_type=change.change_type,
            began_at=row.at,
            approved_at=began.approved_at if began else None,
            granted=prints.get(granted, "") if granted else "",
            contents=_contents(prints, began) if began else (),
            template=change.standard_template.code if change.standard_template else "",
            slots=self.slots.get(row.key, ()),
            signatures=self.signatures.get(row.key, ()),
            requester=_who(change.requester),
            author=_who(change.author),
            tests=self.tests.get(row.key, ()),
            needs_tests=change.change_type == ChangeRequest.Type.NORMAL
            and bool(self.scopes.get(row.key, set()) - _NOT_TESTED),
            package=self.packages.get(row.key),
            calls=self.calls.get(row.key, ()),
            ratification_due_at=change.ratification_due_at,
            ratified_at=change.ratified_at,
            outcome=change.outcome,
            closed_at=began.closed_at if began else None,
        )


def _who(person: Any) -> Who | None:
    return Who(person.pk, str(person)) if person else None


def _began(rows: Sequence[Row]) -> dict[UUID, _Began]:
    """By key of the change, from its entries: the start that the row tells, and what led to it."""
    at = {f"change:{row.key}": row.at for row in rows}
    codes = [*_GRANTING, *_REOPENING, events.STARTED.code, events.CLOSED.code]
    entries: dict[str, list[EvidenceEntry]] = defaultdict(list)
    found = EvidenceEntry.objects.filter(subject__in=at, action__in=codes).defer("leaf")
    for entry in found.order_by("id"):
        entries[entry.subject].append(entry)
    told = {}
    for subject, chain in entries.items():
        starts = [e for e in chain if e.action == events.STARTED.code and e.at == at[subject]]
        if starts:
            told[UUID(subject.partition(":")[2])] = _story(starts[-1], chain)
    return told


def _story(start: EvidenceEntry, chain: Sequence[EvidenceEntry]) -> _Began:
    before = [e for e in chain if e.seq < start.seq]
    granting = [e for e in before if e.action in _GRANTING]
    approved = [e for e in granting if e.action == events.APPROVED.code]
    closed = [e for e in chain if e.seq > start.seq and e.to_state == life.CLOSED]
    return _Began(
        start.seq,
        start.at,
        body_of(start).get("package", ""),
        approved[-1].at if approved else None,
        granting[-1].seq if approved else None,
        closed[-1].at if closed else None,
        {e.seq: tuple(body_of(e).get("kept", ())) for e in before if e.action in _REOPENING},
    )


def _fingerprints(keys: Collection[UUID]) -> dict[UUID, dict[int, str]]:
    """By key, the fingerprint of the content at each version."""
    rows = ChangeRequest.history.filter(id__in=keys).order_by("evidence_seq")
    found: dict[UUID, dict[int, str]] = defaultdict(dict)
    for key, seq, told in rows.values_list("id", "evidence_seq", "fingerprint"):
        found[key][seq] = told
    return found


def _contents(prints: Mapping[int, str], began: _Began) -> tuple[Content, ...]:
    """The contents that it had until the work began, each once in a row."""
    found: list[Content] = []
    for seq, told in prints.items():
        if seq <= began.seq and told and (not found or found[-1].digest != told):
            found.append(Content(told, began.kept.get(seq, ())))
    return tuple(found)


def _slots(
    subjects: Mapping[str, UUID], began_at: Mapping[UUID, datetime]
) -> dict[UUID, tuple[Slot, ...]]:
    """The questions that stood when the work began; what was superseded before is none."""
    gone = (Approval.State.SUPERSEDED, Approval.State.WITHDRAWN, Approval.State.EXPIRED)
    then: dict[UUID, dict[UUID, Any]] = defaultdict(dict)
    denied = set()
    rows = Approval.history.filter(about__in=subjects).order_by("history_date", "history_id")
    for row in rows.values(
        "id", "about", "slot", "label", "state", "content_digest", "history_date"
    ):
        key = subjects[row["about"]]
        if row["history_date"] <= began_at[key]:
            then[key][row["id"]] = row
        if row["state"] == Approval.State.DENIED:
            denied.add(row["id"])
    return {
        key: tuple(
            Slot(
                row["slot"],
                row["label"],
                f"approval:{pk}",
                row["state"],
                row["content_digest"],
                pk in denied,
            )
            for pk, row in sorted(slots.items(), key=lambda each: (each[1]["label"], each[0]))
            if row["state"] not in gone
        )
        for key, slots in then.items()
    }


def _signatures(
    subjects: Mapping[str, UUID], began_at: Mapping[UUID, datetime]
) -> dict[UUID, tuple[Signature, ...]]:
    """Signatures in favour given before the work began that nothing had replaced by then."""
    rows = Decision.objects.filter(approval__about__in=subjects).select_related(
        "approval", "by", "on_behalf_of"
    )
    given: dict[UUID, list[Decision]] = defaultdict(list)
    for decision in rows.order_by("decided_at", "id"):
        key = subjects[decision.approval.about]
        if decision.decided_at <= began_at[key]:
            given[key].append(decision)
    found = {}
    for key, told in given.items():
        replaced = {decision.replaces_id for decision in told}
        found[key] = tuple(
            Signature(
                decision.approval.label,
                tuple(who for who in (_who(decision.by), _who(decision.on_behalf_of)) if who),
                decision.decided_at,
            )
            for decision in told
            if decision.pk not in replaced and decision.verdict in Decision.IN_FAVOUR
        )
    return found


def _tests(subjects: Mapping[str, UUID]) -> dict[UUID, tuple[TestFact, ...]]:
    found: dict[UUID, list[TestFact]] = defaultdict(list)
    for test in tests_about(subjects):
        found[subjects[test.about]].append(_test(test))
    return {key: tuple(told) for key, told in found.items()}


def _test(test: Exhibit) -> TestFact:
    return TestFact(
        test.subject, test.title, test.verdict, test.captured_at, test.captured_by_id,
        test.tested_by_id, test.tester,
    )  # fmt: skip


def _scopes(keys: Collection[UUID]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    rows = ChangeAsset.objects.filter(change__in=keys).order_by()
    for change, action in rows.values_list("change", "action").distinct():
        found[change].add(action)
    return found


def _calls(keys: Collection[UUID]) -> dict[UUID, tuple[Call, ...]]:
    found: dict[UUID, list[Call]] = defaultdict(list)
    for call in PhoneApproval.objects.filter(change__in=keys).select_related("verbal_by"):
        found[call.change_id].append(Call(str(call.verbal_by), call.verbal_at, call.recorded_at))
    return {key: tuple(told) for key, told in found.items()}


def _explanations(keys: Collection[UUID]) -> dict[UUID, str]:
    rows = ExplainedVersion.objects.filter(version__in=keys)
    return dict(rows.order_by().values_list("version", "change__code"))


def _places(keys: Collection[UUID]) -> dict[UUID, str]:
    return {item.pk: item.subject for item in MovedItem.objects.filter(pk__in=keys)}


def _gaps(numbers: Sequence[int]) -> Iterator[Gap]:
    """Numbers that no change has, each gap with the creations that were refused in it.

    A refused creation used its number up; it was refused between the creation of the change
    before the gap and that of the change after it.
    """
    if not numbers:
        return
    made = {
        number: at
        for code, at in ChangeRequest.objects.values_list("code", "created_at")
        if (number := number_of(code)) is not None and min(numbers) <= number <= max(numbers)
    }
    spans = list(spans_missing(made))
    refused = _refused_creations(made) if spans else []
    for first, last in spans:
        early, late = sorted((made[first - 1], made[last + 1]))
        told = tuple(subject for subject, at in refused if early <= at <= late)
        yield Gap(first, last, told)


def _refused_creations(made: Mapping[int, datetime]) -> list[tuple[str, datetime]]:
    entries = EvidenceEntry.objects.filter(
        action=REFUSED.code, about="", at__gte=min(made.values()), at__lte=max(made.values())
    ).order_by("id")
    return [
        (entry.subject, entry.at)
        for entry in entries.iterator(chunk_size=1000)
        if body_of(entry).get("attempted") == "change.create_change"
    ]
