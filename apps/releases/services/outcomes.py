"""Which releases of a period failed, were backed out, were delayed or were emergencies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Coalesce

from apps.releases.domain import lifecycle as life
from apps.releases.domain.outcomes import Released
from apps.releases.models import ReleasePackage

_NO_CAUSE = "No cause recorded"


def releases_between(first: datetime, last: datetime) -> list[Released]:
    """Of packages whose window opened (of one without: that began, or was made) from `first` until
    before `last`; one query."""
    rows = (
        ReleasePackage.objects.annotate(
            moment=Coalesce("window__opens_at", "started_at", "created_at")
        )
        .filter(moment__gte=first, moment__lt=last)
        .filter(
            Q(state__in=[life.FAILED, life.BACKED_OUT, life.DELAYED])
            | Q(outcome__in=[life.FAILED, life.BACKED_OUT])
            | Q(delay_count__gt=0)
            | Q(kind="emergency")
        )
        .exclude(state=life.CANCELLED)
        .select_related("window")
    )
    return [told for package in rows for told in _told(package)]


def _told(package: ReleasePackage) -> Iterator[Released]:
    word = package.get_outcome_display() if package.outcome else package.get_state_display()

    def released(way: str, cause: str, text: str) -> Released:
        return Released(
            package.pk, package.code, package.name, way, cause or _NO_CAUSE, text,
            package.window.code if package.window else "",
            package.moment, word,  # type: ignore[attr-defined]
        )  # fmt: skip

    failure = package.get_failure_code_display()
    ended = package.outcome or package.state
    if ended == life.FAILED:
        yield released("failed", failure, package.failure_text)
    if ended == life.BACKED_OUT:
        yield released("backed_out", failure, package.failure_text or package.lessons)
    if ended == life.DELAYED or package.delay_count:
        yield released("delayed", package.get_delay_reason_display(), package.delay_text)
    if package.is_emergency:
        cause = "With an incident" if package.incident_ref else "Without an incident"
        yield released("emergency", cause, package.incident_ref)
