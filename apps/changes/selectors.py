"""Read changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from apps.accounts.models import User
from apps.approvals.models import Approval
from apps.approvals.policies import wanted
from apps.approvals.selectors import slots_about
from apps.changes.domain import lifecycle as life
from apps.changes.domain.facts import ChangeFacts, Person
from apps.changes.domain.risk_score import Weights
from apps.changes.models import (
    ChangeAsset,
    ChangeRequest,
    RiskAssessment,
    RiskOverride,
    RiskWeights,
    StandardTemplate,
)
from apps.core.errors import Blocker
from apps.evidence.models import Exhibit

#: A shorter text has no trigram to look up, and more matches than these are not named one by one.
TRIGRAM, FEW = 3, 1000


def changes_with_people() -> QuerySet[ChangeRequest]:
    return ChangeRequest.objects.select_related("application", "requester", "author", "owner")


def changes_with_scope() -> QuerySet[ChangeRequest]:
    lines = ChangeAsset.objects.select_related("asset__type").order_by("asset__name", "action")
    return changes_with_people().prefetch_related(Prefetch("assets", lines), "links")


def search_changes(text: str) -> QuerySet[ChangeRequest]:
    """Changes whose code, title or scope holds `text`, newest first.

    Asks the database at once: few matches are found by their indexes and named by key; many lie
    so dense that reading from the newest meets them soon. No single plan serves both.
    """
    rows = changes_with_people().order_by("-created_at", "-id")
    by_scope = ChangeAsset.objects.filter(asset__name__icontains=text).order_by().values("change")
    if len(text) >= TRIGRAM:
        own = ChangeRequest.objects.order_by().values("pk")
        matches = own.filter(code__icontains=text).union(
            own.filter(title__icontains=text), by_scope, all=True
        )
        found = list(matches[: FEW + 1])
        if len(found) <= FEW:
            return rows.filter(pk__in={row["pk"] for row in found})
    return rows.filter(Q(code__icontains=text) | Q(title__icontains=text) | Q(pk__in=by_scope))


def facts_of(change_ids: Iterable[UUID]) -> dict[UUID, ChangeFacts]:
    """What execution may know of these changes; five queries, however many they are."""
    changes = list(changes_with_scope().filter(pk__in=list(change_ids)).order_by("code"))
    slots = slots_about(change.subject for change in changes)
    people = User.objects.in_bulk(
        {
            decision.by_id
            for found in slots.values()
            for slot in found
            for decision in slot.decisions.all()
        }
    )
    return {change.pk: _facts(change, slots[change.subject], people) for change in changes}


def _facts(
    change: ChangeRequest, slots: Sequence[Approval], people: dict[UUID, User]
) -> ChangeFacts:
    approvers = {
        decision.by_id
        for slot in slots
        for decision in slot.decisions.all()
        if decision.verdict in ("approve", "approve_with_conditions")
    }
    missing = tuple(
        f"{slot.label}: {wanted(slot)}" for slot in slots if slot.state == Approval.State.REQUESTED
    )
    signed = (
        not missing
        and change.state not in (life.DRAFT, life.ASSESSING, life.REJECTED, life.CANCELLED)
        and change.current_fingerprint() == change.fingerprint
        and all(slot.content_digest == change.fingerprint for slot in slots)
    )
    return ChangeFacts(
        id=change.pk,
        code=change.code,
        title=change.title,
        change_type=change.change_type,
        state=change.state,
        risk_band=change.risk_band,
        application_code=change.application.code,
        families=frozenset(line.asset.type.family for line in change.assets.all()),
        requester=Person(change.requester_id, str(change.requester)),
        author=Person(change.author_id, str(change.author)),
        owner=Person(change.owner_id, str(change.owner)),
        approvers=tuple(Person(pk, str(people[pk])) for pk in sorted(approvers, key=str)),
        approved_for_current_content=signed,
        missing=missing,
        valid_until=change.valid_until,
        on_hold=change.on_hold,
        on_hold_reason=change.on_hold_reason,
    )


def authorisation_blockers(facts: ChangeFacts, at: datetime) -> Iterator[Blocker]:
    """Why this change may not go to production at `at`."""
    if not facts.approved_for_current_content:
        waiting = f" Open: {'; '.join(facts.missing)}." if facts.missing else ""
        yield Blocker(
            "not_approved",
            f"{facts.code} is not approved for its current content.{waiting}",
            "The open slots sign.",
            "the approvers",
        )
    if facts.valid_until is not None and facts.valid_until < at:
        yield Blocker(
            "approval_expired",
            f"The approval of {facts.code} ends before that time.",
            "Ask the approvers again.",
            "change manager",
        )
    if facts.on_hold:
        yield Blocker(
            "on_hold",
            f"{facts.code} is on hold: {facts.on_hold_reason}",
            "Release it from hold.",
            "change manager or its owner",
        )


def standard_templates() -> QuerySet[StandardTemplate]:
    return StandardTemplate.objects.select_related("application")


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
            content_digest=change.current_fingerprint(),
        )
        .select_related("proposed_by", "decided_by")
        .order_by("-decided_at")
        .first()
    )
