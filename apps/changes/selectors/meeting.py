"""Read the board's meetings, their dockets and what a change was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from apps.accounts.models import User
from apps.accounts.selectors import seats_of
from apps.approvals.domain.slots import VERDICT_IN_WORDS
from apps.approvals.models import Approval, Decision, ViewLog
from apps.approvals.selectors import asked_since
from apps.changes.domain import lifecycle
from apps.changes.domain import meeting as life
from apps.changes.domain.content import Difference, differences
from apps.changes.domain.meeting import MinutedItem, Minutes, Vote
from apps.changes.domain.outcomes import COUNTED
from apps.changes.events import RATIFICATION_REFUSED, WORK_ENDED
from apps.changes.models import (
    CabMeeting,
    ChangeAsset,
    ChangeRequest,
    DocketItem,
    MeetingMember,
    Recusal,
)
from apps.changes.selectors.change import changes_with_people, content_under
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.inventory.domain.outcomes import Tally
from apps.inventory.selectors.balances import RECORD_SPAN

#: Whoever is asked in this role is asked as the board; the emergency board is another.
BOARD_ROLE = "cab_member"
#: At most so many changes are looked through for the last one that went wrong.
RECORD_MAX = 200
#: What the minutes say of who refused to ratify.
NOT_RATIFYING = "did not ratify"
_WENT_WRONG = (lifecycle.FAILED, lifecycle.BACKED_OUT)
_ORDER_OF_RISK = {"critical": 0, "high": 1, "medium": 2, "low": 3}


def meetings_with_people() -> QuerySet[CabMeeting]:
    return CabMeeting.objects.select_related("chair")


def meetings_with_docket() -> QuerySet[CabMeeting]:
    """Meetings with all that a docket shows; a constant number of queries each."""
    items = DocketItem.objects.select_related(
        "change__application", "change__requester", "change__author", "change__owner",
        "accepted_by",
    ).prefetch_related(Prefetch("recusals", Recusal.objects.select_related("user")))  # fmt: skip
    return meetings_with_people().prefetch_related(
        Prefetch("items", items), Prefetch("members", MeetingMember.objects.select_related("user"))
    )


def current_meeting() -> CabMeeting | None:
    """The one in session, else the next to begin, else the last that ended."""
    alive = meetings_with_people().exclude(state__in=[life.CLOSED, life.CANCELLED])
    return (
        alive.filter(state=life.IN_SESSION).order_by("starts_at").first()
        or alive.order_by("starts_at").first()
        or meetings_with_people().filter(state=life.CLOSED).order_by("-starts_at").first()
    )


def dockets_to_freeze() -> QuerySet[CabMeeting]:
    return CabMeeting.objects.filter(state=life.PLANNED, cutoff_at__lte=clock.now())


def changes_before_board() -> list[ChangeRequest]:
    """Assessing changes whose question to the board is open and that no other frozen docket
    holds; the riskiest first, then the longest waiting."""
    asked = Approval.objects.filter(
        about__startswith=f"{ChangeRequest.SUBJECT}:",
        state=Approval.State.REQUESTED,
        eligible__icontains=f'"{BOARD_ROLE}"',
    ).values_list("about", flat=True)
    found = _on_no_frozen_docket().filter(
        pk__in=[UUID(subject.partition(":")[2]) for subject in asked],
        state=lifecycle.ASSESSING,
    )
    return sorted(found, key=lambda c: (_ORDER_OF_RISK.get(c.risk_band, 4), c.submitted_at, c.code))


def ratifications_before_board() -> QuerySet[ChangeRequest]:
    """Emergencies that the board has still to ratify and that no other frozen docket holds, the
    one that is due first first."""
    return (
        _on_no_frozen_docket()
        .filter(
            ratification_due_at__isnull=False,
            ratified_at=None,
            state__in=lifecycle.SOURCES["close"],
        )
        .order_by("ratification_due_at", "code")
    )


def _on_no_frozen_docket() -> QuerySet[ChangeRequest]:
    elsewhere = DocketItem.objects.filter(
        change=OuterRef("pk"), meeting__state__in=life.FROZEN, state__in=life.UNSETTLED
    )
    return changes_with_people().filter(~Exists(elsewhere))


def board_slots(items: Iterable[DocketItem]) -> dict[UUID, Approval | None]:
    """The question that the board answers for each item, by the item's key, with its decisions;
    None for a ratification, which no slot asks for.

    Of several it is the one about the content on the docket, else the last that was asked. Two
    queries, however many items there are.
    """
    lines = list(items)
    decisions = Decision.objects.select_related("by").order_by("decided_at")
    rows = (
        Approval.objects.filter(
            about__in={line.change.subject for line in lines},
            eligible__icontains=f'"{BOARD_ROLE}"',
        )
        .order_by("requested_at", "pk")
        .prefetch_related(Prefetch("decisions", decisions))
    )
    asked: dict[str, list[Approval]] = {}
    for slot in rows:
        asked.setdefault(slot.about, []).append(slot)
    return {line.pk: _slot_of(line, asked.get(line.change.subject, ())) for line in lines}


def _slot_of(item: DocketItem, slots: Sequence[Approval]) -> Approval | None:
    if item.is_ratification:
        return None
    about_paper = [slot for slot in slots if slot.content_digest == item.seal]
    return next(reversed(about_paper or slots), None)


def asked_at(
    items: Iterable[DocketItem], slots: Mapping[UUID, Approval | None]
) -> dict[UUID, datetime]:
    """Since when the board is asked about each item as it is now, by the item's key; `slots` are
    those of `board_slots`. To ratify is asked since the work on the emergency ended last. Two
    queries at most.
    """
    lines = list(items)
    since = asked_since(slot for slot in slots.values() if slot is not None)
    found = {line.pk: since[slot.pk] for line in lines if (slot := slots[line.pk]) is not None}
    ratified = {line.change.subject: line.pk for line in lines if line.is_ratification}
    if ratified:
        ended = EvidenceEntry.objects.filter(
            subject__in=ratified, action__in=[event.code for event in WORK_ENDED]
        )
        told = ended.order_by("id").values_list("subject", "at")
        found |= {ratified[subject]: at for subject, at in told}
    return found


def refusals_in(
    meeting: CabMeeting, items: Iterable[DocketItem], until: datetime
) -> dict[UUID, EvidenceEntry]:
    """That the board did not ratify what is on the docket, by the change's key: the last refusal
    of each from the freezing of the docket up to `until`. One query at most."""
    subjects = {line.change.subject: line.change_id for line in items if line.is_ratification}
    if not subjects or meeting.frozen_at is None:
        return {}
    refusals = EvidenceEntry.objects.filter(
        subject__in=subjects,
        action=RATIFICATION_REFUSED.code,
        at__range=(meeting.frozen_at, until),
    )
    return {subjects[entry.subject]: entry for entry in refusals.order_by("id")}


def minutes_of(meeting: CabMeeting) -> Minutes:
    """What the session decided, from the decisions themselves: up to its end, or to now."""
    zone = ZoneInfo(settings.INTERLOCK_ZONE)
    ended_at = meeting.ended_at or clock.now()
    started_at = meeting.started_at or ended_at
    items = list(
        DocketItem.objects.filter(meeting=meeting)
        .select_related("change__ratified_by")
        .prefetch_related(Prefetch("recusals", Recusal.objects.select_related("user")))
    )
    slots = board_slots(items)
    refusals = _refusing_votes(refusals_in(meeting, items, ended_at), started_at, zone)
    members = list(MeetingMember.objects.filter(meeting=meeting).select_related("user"))
    return Minutes(
        code=meeting.code,
        name=meeting.name,
        chair=str(meeting.chair),
        started_at=started_at.astimezone(zone),
        ended_at=ended_at.astimezone(zone),
        quorum=meeting.quorum,
        seats=life.seats_filled(
            seats_of(
                [member.user_id for member in members if member.is_present],
                life.BOARD,
                ended_at,
            )
        ),
        present=tuple(str(member.user) for member in members if member.is_present),
        absent=tuple(str(member.user) for member in members if not member.is_present),
        items=tuple(
            _minuted(item, slots[item.pk], refusals.get(item.change_id), started_at, ended_at, zone)
            for item in items
        ),
    )


def _refusing_votes(
    refusals: Mapping[UUID, EvidenceEntry], started_at: datetime, zone: Any
) -> dict[UUID, Vote]:
    """The finding stands as the reason of the item, as it does when the board ratifies."""
    people = User.objects.in_bulk({entry.actor_id for entry in refusals.values()})
    return {
        change: Vote(
            str(people[entry.actor_id]), NOT_RATIFYING, "", entry.at.astimezone(zone),
            is_before=entry.at < started_at,
        )
        for change, entry in refusals.items()
    }  # fmt: skip


def _minuted(
    item: DocketItem,
    slot: Approval | None,
    refusal: Vote | None,
    started_at: datetime,
    ended_at: datetime,
    zone: Any,
) -> MinutedItem:
    given = slot.decisions.all() if slot is not None else ()
    votes = [
        Vote(
            str(decision.by),
            VERDICT_IN_WORDS[decision.verdict],
            decision.comment,
            decision.decided_at.astimezone(zone),
            is_before=decision.decided_at < started_at,
        )
        for decision in given
        if decision.decided_at <= ended_at and decision.verdict != Decision.Verdict.RECUSE
    ]
    at = item.change.ratified_at
    if item.is_ratification and at is not None and at <= ended_at:
        who = str(item.change.ratified_by)
        votes = [Vote(who, life.RATIFIED, "", at.astimezone(zone), is_before=at < started_at)]
    elif refusal is not None:
        votes = [refusal]
    return MinutedItem(
        number=item.number,
        code=item.change.code,
        title=item.change.title,
        risk=item.change.risk_band,
        listed=item.listed,
        state=item.state,
        outcome=item.outcome,
        seal=item.seal,
        seconds=item.seconds_spent,
        reason=item.reason,
        asks=item.asks,
        votes=tuple(votes),
        recusals=tuple((str(each.user), each.reason) for each in item.recusals.all()),
    )


@dataclass(frozen=True, slots=True)
class SinceRead:
    """What is different from the content that a person read last, and when that was."""

    read_at: datetime
    differences: tuple[Difference, ...]


def since_read(change: ChangeRequest, user_id: UUID) -> SinceRead | None:
    """None when `user_id` never had another content of the change before them that was asked
    about; what a draft was meanwhile nobody is told."""
    last = (
        ViewLog.objects.filter(
            user=user_id,
            about=change.subject,
            content_digest__in=ChangeRequest.history.filter(id=change.pk).values("fingerprint"),
        )
        .exclude(content_digest=change.fingerprint)
        .order_by("-at")
        .first()
    )
    content = content_under(change, last.content_digest) if last is not None else None
    if last is None or content is None:
        return None
    # The log keeps real time; what people read tells that of the portal's clock.
    read_at = last.at + clock.demo_offset()
    return SinceRead(read_at, tuple(differences(content, change.signed_content)))


def since_frozen(item: DocketItem) -> tuple[Difference, ...]:
    """What was edited after the item was sealed."""
    if not item.seal or item.change.fingerprint == item.seal:
        return ()
    content = content_under(item.change, item.seal)
    return tuple(differences(content or {}, item.change.signed_content))


@dataclass(frozen=True, slots=True)
class AssetRecord:
    """How the changes of one asset went in two years; `last_wrong` is the code of the last of them
    that went wrong here, "" when none did."""

    name: str
    changes: int
    wrong: int
    last_wrong: str = ""


def records_of_assets(change: ChangeRequest) -> list[AssetRecord]:
    """The record of each asset of the scope that was changed before, the worst first.

    The counts are those that its risk is scored by, from before the portal came too; what this
    change itself added to them is left out. Two queries.
    """
    own = COUNTED.get(change.outcome or change.state, Tally())
    scope = ChangeAsset.objects.filter(change=change, asset__change_count__gt=0)
    counts = scope.values_list(
        "asset", "asset__name", "asset__change_count", "asset__bad_outcome_count"
    )
    last = _last_wrong(change)
    records = [
        AssetRecord(name, changes - own.changes, bad - own.bad, last.get(pk, ""))
        for pk, name, changes, bad in counts
        if changes > own.changes
    ]
    return sorted(records, key=lambda record: (-record.wrong, -record.changes, record.name))


def _last_wrong(change: ChangeRequest) -> dict[UUID, str]:
    """By asset of the scope, the code of its last other change that went wrong in two years."""
    rows = (
        ChangeAsset.objects.filter(
            Q(change__state__in=_WENT_WRONG) | Q(change__outcome__in=_WENT_WRONG),
            asset__in=change.assets.values("asset"),
            change__changed_at__gte=clock.now() - RECORD_SPAN,
        )
        .exclude(change=change)
        .order_by("-change__changed_at")
        .values_list("asset", "change__code")
    )
    return dict(reversed(rows[:RECORD_MAX]))
