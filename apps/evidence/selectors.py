"""Read the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import Count, Max, Q, QuerySet

from apps.core import clock
from apps.evidence.models import (
    Comment,
    EvidenceEntry,
    EvidenceOutbox,
    Exhibit,
    GovernedModel,
)

G = TypeVar("G", bound=GovernedModel)


def entries_about(subject: str) -> QuerySet[EvidenceEntry]:
    """The record's own chain and what else concerns it (refusals, comments), newest first."""
    return EvidenceEntry.objects.filter(Q(subject=subject) | Q(about=subject)).order_by("-id")


def body_of(entry: EvidenceEntry) -> dict[str, Any]:
    """The entry's bytes as JSON."""
    told: dict[str, Any] = json.loads(bytes(entry.body))
    return told


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
