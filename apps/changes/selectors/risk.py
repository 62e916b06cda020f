"""Read what the risk of a change is reckoned from, and what was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from apps.changes.domain import lifecycle as life
from apps.changes.domain.content import fingerprint
from apps.changes.domain.risk_score import Weights
from apps.changes.models import (
    ChangeAsset,
    ChangeRequest,
    RiskAssessment,
    RiskOverride,
    RiskWeights,
)
from apps.evidence.models import Exhibit


def scopes_of(change_ids: Iterable[UUID]) -> dict[UUID, list[ChangeAsset]]:
    """The saved scope of each change, with what a score reads of its assets; one query."""
    found: dict[UUID, list[ChangeAsset]] = {pk: [] for pk in change_ids}
    lines = ChangeAsset.objects.filter(change__in=list(found))
    for line in lines.select_related("asset__type", "asset__application").order_by("asset__name"):
        found[line.change_id].append(line)
    return found


def passed_tests(subjects: Iterable[str]) -> dict[str, set[str]]:
    """The kinds of test evidence that each record has, without what failed; one query."""
    found: dict[str, set[str]] = defaultdict(set)
    exhibits = Exhibit.objects.filter(about__in=list(subjects)).exclude(
        verdict=Exhibit.Verdict.FAILED
    )
    for about, kind in exhibits.values_list("about", "kind"):
        found[about].add(kind)
    return found


def risk_weights() -> Weights:
    """The weights in force."""
    return RiskWeights.objects.latest("edition").as_weights()


def assessments_about(subject: str) -> QuerySet[RiskAssessment]:
    """Every reckoning of the risk of a record, the oldest first."""
    return RiskAssessment.objects.filter(about=subject)


def agreed_score(change: ChangeRequest) -> RiskOverride | None:
    """The score that two people agreed on for the content as it is, the latest of them."""
    return (
        RiskOverride.objects.filter(
            change=change,
            state=life.CONFIRMED,
            content_digest=fingerprint(change.own_content()),
        )
        .select_related("proposed_by", "decided_by")
        .order_by("-decided_at")
        .first()
    )
