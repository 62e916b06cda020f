"""Read readiness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from apps.gates.models import ReadinessItem

State = ReadinessItem.State
_UNMET = (State.NOT_MET, State.OPEN)


@dataclass(frozen=True, slots=True)
class Summary:
    """Gates met of all that apply; `hard_unmet` of the others hold a package back."""

    met: int = 0
    total: int = 0
    hard_unmet: int = 0


def items_of(subject: str) -> QuerySet[ReadinessItem]:
    return ReadinessItem.objects.filter(subject=subject).select_related("owner").order_by("gate")


def summaries(subjects: Iterable[str]) -> dict[str, Summary]:
    """By subject, in one query; a subject that was never evaluated has an empty summary."""
    wanted = list(subjects)
    rows = (
        ReadinessItem.objects.filter(subject__in=wanted)
        .exclude(state=State.NOT_APPLICABLE)
        .order_by()
        .values_list("subject")
        .annotate(
            met=Count("pk", filter=Q(state=State.MET)),
            total=Count("pk"),
            hard_unmet=Count("pk", filter=Q(state__in=_UNMET, level="hard")),
        )
    )
    found = {subject: Summary(*counts) for subject, *counts in rows}
    return {subject: found.get(subject, Summary()) for subject in wanted}


def summary(subject: str) -> Summary:
    return summaries([subject])[subject]


def unmet_items() -> QuerySet[ReadinessItem]:
    return (
        ReadinessItem.objects.filter(state__in=_UNMET)
        .select_related("owner")
        .order_by("due_at", "subject_code", "gate")
    )


def overdue(now: datetime) -> QuerySet[ReadinessItem]:
    return unmet_items().filter(due_at__lte=now)


def due_soon(now: datetime, within: timedelta = timedelta(hours=24)) -> QuerySet[ReadinessItem]:
    return unmet_items().filter(due_at__gt=now, due_at__lte=now + within)


def my_items(user: Any) -> QuerySet[ReadinessItem]:
    """What `user` has to see to, the most urgent first."""
    return unmet_items().filter(owner=user)
