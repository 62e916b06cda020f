"""Read changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.approvals.models import Approval, Decision, Obligation
from apps.approvals.policies import wanted
from apps.approvals.selectors import obligations_about, slots_about
from apps.changes.domain import lifecycle as life
from apps.changes.domain.ageing import AGEING_DAYS, Hold, holds_from, is_ageing
from apps.changes.domain.content import Difference, differences
from apps.changes.domain.debt import Debt
from apps.changes.domain.decisions import UNSIGNED
from apps.changes.domain.facts import ChangeFacts, Person
from apps.changes.domain.seal import answering, differing, group_digests
from apps.changes.domain.standard import BadOutcome
from apps.changes.events import BACKED_OUT, FAILED, HELD, RATIFICATION_REFUSED, RELEASED
from apps.changes.models import ApprovalPolicy, ChangeAsset, ChangeRequest, StandardTemplate
from apps.changes.policies import debt_blocker, in_words, open_debts
from apps.core import clock
from apps.core.errors import Blocker
from apps.evidence.models import EvidenceEntry
from apps.inventory.models import Application, Asset, AssetVersion
from apps.inventory.selectors import unauthorised_versions

#: Changes that did not end well: as they stand, or as they were closed.
WENT_BAD = Q(state__in=[life.FAILED, life.BACKED_OUT]) | Q(
    state=life.CLOSED, outcome__in=[life.FAILED, life.BACKED_OUT]
)
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
    """What execution may know of these changes; at most nine queries, however many they are."""
    rows = changes_with_scope().select_related("standard_template").filter(pk__in=list(change_ids))
    changes = list(rows.order_by("code"))
    slots = slots_about(change.subject for change in changes)
    people = User.objects.in_bulk(
        {
            person
            for found in slots.values()
            for slot in found
            for decision in slot.standing
            for person in decision.people
        }
    )
    owed: dict[str, list[Obligation]] = {change.subject: [] for change in changes}
    for obligation in obligations_about(*owed):
        if obligation.state == Obligation.State.OPEN:
            owed[obligation.about].append(obligation)
    debts = blocking_debts({change.application_id for change in changes})
    return {
        change.pk: _facts(
            change, slots[change.subject], people, owed[change.subject],
            debts.get(change.application.code, ()),
        )
        for change in changes
    }  # fmt: skip


def _facts(
    change: ChangeRequest,
    slots: Sequence[Approval],
    people: dict[UUID, User],
    owed: Sequence[Obligation],
    debts: Sequence[Debt],
) -> ChangeFacts:
    approvers = {
        person
        for slot in slots
        for decision in slot.standing
        if decision.verdict in Decision.IN_FAVOUR
        for person in decision.people
    }
    missing = tuple(f"{slot.label}: {wanted(slot)}" for slot in slots if slot.state in UNSIGNED)
    is_standard = change.change_type == ChangeRequest.Type.STANDARD
    template = change.standard_template if is_standard else None
    signed = (
        not missing
        and change.state not in (life.DRAFT, life.ASSESSING, life.REJECTED, life.CANCELLED)
        and change.current_fingerprint() == change.fingerprint
        and _all_stand(change, slots)
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
        open_conditions=tuple(f"{each.text} ({each.owner})" for each in owed),
        step_types=frozenset(template.activity_types if template else ()),
        template=template.code if template else "",
        template_state=template.state if template else "",
        blocking_debts=tuple(in_words(debt) for debt in debts if debt.change != change.code),
    )


def _all_stand(change: ChangeRequest, slots: Sequence[Approval]) -> bool:
    """Every slot was asked about the content as it is, in the groups that it answers for."""
    now = group_digests(change.content())
    specs = [slot.spec for slot in slots]
    return not any(
        slot.slot in answering(specs, differing(slot.seal, now), change.risk_band) for slot in slots
    )


def authorisation_blockers(
    facts: ChangeFacts, at: datetime, *, starting: bool = False
) -> Iterator[Blocker]:
    """Why this change may not go to production at `at`; `starting`: why not begin with it now.

    Conditions of an approval stop nobody from planning, and the work from starting; overdue debt
    of the application stops its changes from being scheduled, or started without that as
    emergencies are, and no work that is scheduled.
    """
    if facts.state == life.APPROVED:
        for debt in facts.blocking_debts:
            yield debt_blocker(facts.application_code, debt)
    if starting:
        for condition in facts.open_conditions:
            yield Blocker(
                "condition_open",
                f"{facts.code} was approved under a condition that is not met: {condition}",
                "Meet it, and say what proves it.",
                "who answers for the condition",
            )
    wrote = [p.name for p in facts.approvers if p.id in (facts.author.id, facts.requester.id)]
    if wrote:
        yield Blocker(
            "approver_wrote_it",
            f"{' and '.join(wrote)} approved {facts.code} and asked for it, or wrote it.",
            "Enter who wrote it, or have somebody else approve it.",
            "change manager",
        )
    if not facts.approved_for_current_content:
        waiting = f" Open: {'; '.join(facts.missing)}." if facts.missing else ""
        yield Blocker(
            "not_approved",
            f"{facts.code} is not approved for its current content.{waiting}",
            "The open slots sign.",
            "the approvers",
        )
    if facts.template_stopped:
        yield Blocker(
            "template_ended",
            facts.template_stopped,
            "Have the board make the standard change active again, or make it a normal change.",
            "the chair of the board",
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


def changes_due_to_expire() -> list[UUID]:
    """Changes whose approval has ended before the work began."""
    rows = ChangeRequest.objects.filter(
        state__in=life.SOURCES["invalidate"], valid_until__lte=clock.now()
    )
    return list(rows.order_by("valid_until").values_list("pk", flat=True))


def blocking_debts(applications: Iterable[UUID]) -> dict[str, list[Debt]]:
    """By code of application, what is overdue and not waived."""
    now = clock.now()
    found: dict[str, list[Debt]] = {}
    for debt in open_debts(applications):
        if debt.blocks(now):
            found.setdefault(debt.application, []).append(debt)
    return found


@dataclass(frozen=True, slots=True)
class DebtLine:
    """A debt as a page and the interface show it now."""

    debt: Debt
    is_overdue: bool
    is_waived: bool
    blocks: bool
    age_hours: float

    @property
    def word(self) -> str:
        if self.is_waived and self.is_overdue:
            return "waived"
        return "overdue" if self.is_overdue else "due"


def debt_lines(applications: Iterable[UUID] | None = None) -> list[DebtLine]:
    """What is owed, the oldest first; three queries, however much it is."""
    now = clock.now()
    return [
        DebtLine(
            debt,
            debt.is_overdue(now),
            debt.is_waived(now),
            debt.blocks(now),
            round(debt.age(now) / timedelta(hours=1), 1),
        )
        for debt in open_debts(applications)
    ]


def standard_templates() -> QuerySet[StandardTemplate]:
    """With how often each went well and badly: `succeeded` and `went_bad` count its changes."""
    changes = ChangeRequest.objects.filter(standard_template=OuterRef("pk")).order_by()

    def number(rows: QuerySet[ChangeRequest]) -> Coalesce:
        counted = rows.values("standard_template").annotate(number=Count("pk")).values("number")
        return Coalesce(Subquery(counted), 0)

    return StandardTemplate.objects.select_related(
        "application", "proposed_by", "approved_by"
    ).annotate(
        succeeded=number(changes.filter(state=life.CLOSED, outcome=life.IMPLEMENTED)),
        went_bad=number(changes.filter(WENT_BAD)),
    )


def bad_outcomes(template: StandardTemplate) -> list[BadOutcome]:
    """Its changes that failed or were backed out and stayed so, each with when it first did."""
    changes = {
        change.subject: change
        for change in ChangeRequest.objects.filter(WENT_BAD, standard_template=template)
    }
    entries = EvidenceEntry.objects.filter(
        subject__in=changes, action__in=[FAILED.code, BACKED_OUT.code]
    ).order_by("id")
    zone = ZoneInfo(settings.INTERLOCK_ZONE)
    return [
        BadOutcome(changes[entry.subject].code, entry.to_state, entry.at.astimezone(zone))
        for entry in entries
    ]


def undecided() -> QuerySet[ChangeRequest]:
    return ChangeRequest.objects.filter(state=life.ASSESSING, submitted_at__isnull=False)


def holds_of(subjects: Iterable[str]) -> dict[str, tuple[Hold, ...]]:
    """By subject, when it was on hold. One query."""
    happened: dict[str, list[tuple[datetime, bool]]] = {}
    entries = EvidenceEntry.objects.filter(
        subject__in=list(subjects), action__in=[HELD.code, RELEASED.code]
    ).order_by("id")
    for subject, action, at in entries.values_list("subject", "action", "at"):
        happened.setdefault(subject, []).append((at, action == HELD.code))
    return {subject: holds_from(told) for subject, told in happened.items()}


def ageing_changes() -> set[UUID]:
    """Keys of the changes that wait for a decision for over ten business days, since they came to
    be assessed last. Three queries."""
    now, zone = clock.now(), ZoneInfo(settings.INTERLOCK_ZONE)
    waiting = {
        change.subject: change.pk
        for change in undecided()
        .filter(submitted_at__lt=now - timedelta(days=AGEING_DAYS))
        .only("pk")
    }
    asked = EvidenceEntry.objects.filter(subject__in=waiting, to_state=life.ASSESSING).exclude(
        from_state=life.ASSESSING
    )
    since = dict(asked.order_by("id").values_list("subject", "at"))
    holds = holds_of(waiting)
    return {
        pk
        for subject, pk in waiting.items()
        if is_ageing(since[subject], now, zone, holds.get(subject, ()))
    }


def refused_ratification(change: ChangeRequest) -> EvidenceEntry | None:
    """That the board did not ratify it, and has not done so since."""
    if change.ratified_at is not None:
        return None
    refusals = EvidenceEntry.objects.filter(
        subject=change.subject, action=RATIFICATION_REFUSED.code
    )
    return refusals.order_by("id").last()


def unexplained_versions() -> QuerySet[Any]:
    """Production versions that no package installed and no change explains, oldest first.

    `level_before` is the level that each replaced; `home` the key of the application that answers
    for it: the asset's own, else one that the asset's team owns.
    """
    before = AssetVersion.objects.filter(
        asset=OuterRef("asset"),
        environment=OuterRef("environment"),
        installed_at__lt=OuterRef("installed_at"),
    ).order_by("-installed_at", "-id")
    of_its_team = Application.objects.filter(
        technical_owner=OuterRef("asset__owner_team"), status=Application.Status.ACTIVE
    ).order_by("code")
    return (
        unauthorised_versions()
        .filter(environment__is_production=True, explained__isnull=True)
        .select_related("asset__type", "environment")
        .annotate(
            level_before=Subquery(before.values("level")[:1]),
            home=Coalesce("asset__application", Subquery(of_its_team.values("pk")[:1])),
        )
        .order_by("installed_at", "id")
    )


def policies_with_rules() -> QuerySet[ApprovalPolicy]:
    return ApprovalPolicy.objects.prefetch_related("rules")


def policy_in_force() -> ApprovalPolicy:
    """The one policy that is asked now. There always is one: see `ensure_policy`."""
    return ApprovalPolicy.objects.get(is_active=True)


def environments_of(change: ChangeRequest) -> frozenset[str]:
    """Codes of the environments in which the assets of the scope run."""
    found = AssetVersion.objects.filter(asset__in=[line.asset_id for line in change.assets.all()])
    return frozenset(found.order_by().values_list("environment__code", flat=True).distinct())


def regulations_of(change: ChangeRequest) -> frozenset[str]:
    """Rules of regulators that its application, or one whose assets it touches, falls under."""
    touched = Asset.objects.filter(pk__in=[line.asset_id for line in change.assets.all()])
    rows = Application.objects.filter(
        Q(pk=change.application_id) | Q(pk__in=touched.order_by().values("application"))
    )
    return frozenset(code for codes in rows.values_list("regulations", flat=True) for code in codes)


def decisions_on(change: ChangeRequest) -> QuerySet[Decision]:
    """Every decision ever given on it, those on void slots too, the latest first."""
    rows = Decision.objects.filter(approval__about=change.subject)
    return rows.select_related("by", "approval").order_by("-decided_at")


def content_under(change: ChangeRequest, seal: str) -> Mapping[str, Any] | None:
    """The content that had this seal, from the change's history; None when it never had it."""
    found: Mapping[str, Any] | None = (
        ChangeRequest.history.filter(id=change.pk, fingerprint=seal)
        .order_by("-evidence_seq")
        .values_list("signed_content", flat=True)
        .first()
    )
    return found


def differences_since(change: ChangeRequest, decision: Decision) -> list[Difference]:
    """In what the change differs from the content that `decision` was given on."""
    if decision.content_digest == change.fingerprint:
        return []
    signed = content_under(change, decision.content_digest)
    return differences(signed or {}, change.content())
