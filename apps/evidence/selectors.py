"""Read the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

from django.apps import apps
from django.db.models import Count, Max, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.core import clock
from apps.evidence.domain.canonical import plain
from apps.evidence.events import SEAL_EPOCH_OPENED, SEAL_KEY_ADDED, SEAL_KEY_RETIRED
from apps.evidence.models import (
    Comment,
    DigestShape,
    Erasure,
    EvidenceAlarm,
    EvidenceCheck,
    EvidenceCheckpoint,
    EvidenceEntry,
    EvidenceLeaf,
    EvidenceOutbox,
    Exhibit,
    GovernedModel,
    governed_fields,
    shape_of,
)

G = TypeVar("G", bound=GovernedModel)

#: The chain of what the sealer tells of itself: "seal:" and this key.
SEAL_CHAIN = uuid5(NAMESPACE_URL, "interlock:seal")
#: An entry that is not sealed after this long is an alert.
SEAL_LATE = timedelta(minutes=2)


def entries_about(subject: str) -> QuerySet[EvidenceEntry]:
    """The record's own chain and what else concerns it (refusals, comments), newest first."""
    return EvidenceEntry.objects.filter(Q(subject=subject) | Q(about=subject)).order_by("-id")


def body_of(entry: EvidenceEntry) -> dict[str, Any]:
    """The entry's bytes as JSON."""
    if entry.body is None:
        return told_of_erased(entry)
    told: dict[str, Any] = json.loads(bytes(entry.body))
    return told


def told_of_erased(entry: EvidenceEntry) -> dict[str, Any]:
    """What is left of an entry whose bytes were erased: the columns, in the form of a body."""
    return {
        "erased": True,
        "subject": entry.subject,
        "seq": entry.seq,
        "action": entry.action,
        "from": entry.from_state,
        "to": entry.to_state,
        "about": entry.about,
        "at": plain(entry.at),
        "actor": {"id": plain(entry.actor_id), "username": "", "printed_name": "Erased",
                  "kind": "", "roles_at_time": []},
        "source": {"ip": "", "channel": "", "request_id": ""},
        "comment": "",
        "outcome": "erased",
    }  # fmt: skip


def governed_models() -> list[type[GovernedModel]]:
    found = [model for model in apps.get_models() if issubclass(model, GovernedModel)]
    return sorted(found, key=lambda model: model._meta.label)


def current_shapes() -> list[DigestShape]:
    """Which columns the digests of every model's rows are over now; not saved."""
    return [
        DigestShape(
            model=model._meta.label_lower,
            shape=shape_of(model),
            names=sorted(field.name for field in governed_fields(model)),
        )
        for model in governed_models()
    ]


def last_check(kind: str) -> EvidenceCheck | None:
    return EvidenceCheck.objects.filter(kind=kind).order_by("-started_at", "-pk").first()


def comments_about(subject: str) -> QuerySet[Comment]:
    return Comment.objects.filter(about=subject).select_related("author")


def exhibits_about(subject: str) -> QuerySet[Exhibit]:
    return Exhibit.objects.filter(about=subject).select_related("captured_by", "tested_by")


def tests_about(subjects: Iterable[str]) -> QuerySet[Exhibit]:
    """The tests among the exhibits of these records, the oldest first."""
    rows = Exhibit.objects.filter(about__in=list(subjects)).exclude(kind__in=Exhibit.NO_TESTS)
    return rows.select_related("captured_by", "tested_by").order_by("captured_at", "pk")


def outbox_lag() -> int:
    """How many effects are still to happen."""
    return EvidenceOutbox.objects.count()


def is_sealed(subject: str, seq: int) -> bool:
    """The chain of `subject` is gapless up to `seq`: what a lifecycle means by "sealed"."""
    return EvidenceEntry.objects.filter(subject=subject, seq__lte=seq).count() == seq


def gaps_in(sequences: Mapping[str, int]) -> frozenset[str]:
    """Of these subjects with their versions, those whose chain has a gap up to it; one query."""
    rows = EvidenceEntry.objects.filter(subject__in=sequences).order_by()
    counted = {
        subject: (count, last)
        for subject, count, last in rows.values_list("subject").annotate(Count("pk"), Max("seq"))
    }
    return frozenset(
        subject for subject, seq in sequences.items() if counted.get(subject) != (seq, seq)
    )


def as_it_was(obj: G) -> G | None:
    """The record with its own columns as they were at the moment of the clock; None before it was
    there. What belongs to it (parts, other records) is read as it is."""
    history: Any = type(obj).history
    last = (
        history.filter(id=obj.pk, history_date__lte=clock.now())
        .order_by("-history_date", "-history_id")
        .first()
    )
    return None if last is None else last.instance


def keys_of_log(origin: str = "") -> list[str]:
    """The verifier keys that sign now, as the ledger tells; of `origin`, where it is given."""
    signing: dict[str, str] = {}
    told = EvidenceEntry.objects.filter(subject=f"seal:{SEAL_CHAIN}").order_by("seq")
    for entry in told:
        facts = body_of(entry)["facts"]
        if entry.action in (SEAL_KEY_ADDED.code, SEAL_EPOCH_OPENED.code):
            signing[facts["vkey"]] = facts["origin"]
        elif entry.action == SEAL_KEY_RETIRED.code:
            signing.pop(facts["vkey"], None)
    return [vkey for vkey, of in signing.items() if not origin or of == origin]


@dataclass(frozen=True, slots=True)
class SealStatus:
    """How far the ledger is sealed. Times are real ones, whatever clock a demo shows.

    `size` and `sealed_at` are of the newest checkpoint; `late_by` is how long the oldest entry that
    no checkpoint covers has waited, `waiting` that entry's key; `alarm` is why the sealer refuses.
    """

    size: int
    sealed_at: datetime | None
    late_by: timedelta
    waiting: int | None
    alarm: EvidenceAlarm | None

    @property
    def is_late(self) -> bool:
        return self.late_by > SEAL_LATE

    @property
    def is_well(self) -> bool:
        return not self.is_late and self.alarm is None


def seal_status() -> SealStatus:
    """Four queries, whatever the size of the ledger."""
    head = EvidenceCheckpoint.objects.first()
    size = 0 if head is None else head.size
    last = EvidenceLeaf.objects.filter(idx=size - 1).values_list("entry_id", flat=True).first()
    # The keys rise with the places but for entries that were committed late.
    unsealed = EvidenceEntry.objects.filter(pk__gt=last or 0)
    oldest = (
        unsealed.filter(Q(placed=None) | Q(placed__idx__gte=size))
        .order_by("pk")
        .only("pk", "recorded_at")
        .first()
    )
    alarm = EvidenceAlarm.objects.first()
    waited = timezone.now() - oldest.recorded_at if oldest and oldest.recorded_at else timedelta()
    return SealStatus(
        size=size,
        sealed_at=None if head is None else head.at,
        late_by=max(waited, timedelta()),
        waiting=None if oldest is None else oldest.pk,
        alarm=None if alarm is None or alarm.code == EvidenceAlarm.CLEAR else alarm,
    )


def sealed_among(entries: Iterable[EvidenceEntry]) -> set[int]:
    """The keys of those that a published checkpoint covers; one query."""
    size = Coalesce(Subquery(EvidenceCheckpoint.objects.values("size")[:1]), 0)
    placed = EvidenceLeaf.objects.filter(entry__in=[entry.pk for entry in entries], idx__lt=size)
    return set(placed.values_list("entry_id", flat=True))


def erasure_of(what: str, digest: str) -> Erasure | None:
    """The last time that the bytes behind a digest were erased, with the entry that tells why."""
    found = Erasure.objects.filter(what=what, digest=digest).select_related("entry")
    return found.order_by("-at").first()
