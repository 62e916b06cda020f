"""What the board has before it: the docket, one change on one page, votes and quorum."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum

from apps.approvals.models import Approval, Decision
from apps.approvals.selectors import live_slots, opened_since_sign_in
from apps.changes import policies
from apps.changes.domain import meeting as life
from apps.changes.domain.content import Difference
from apps.changes.domain.impact import ASPECTS
from apps.changes.models import CabMeeting, ChangeAsset, ChangeRequest, DocketItem
from apps.changes.selectors import (
    AssetRecord,
    SinceRead,
    board_slots,
    records_of_assets,
    since_frozen,
    since_read,
)
from apps.changes.services.exhibits import exhibits_for
from apps.console.display import local
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.core.step_up import step_up_blockers
from apps.evidence.models import Exhibit
from apps.evidence.selectors import exhibits_about
from apps.inventory.models import AssetType
from apps.inventory.selectors.impact import Impact, ImpactAsset, impact_of
from apps.releases.domain import lifecycle
from apps.releases.domain.planner.plan import Unplannable
from apps.releases.models import Activity, PackageChange, ReleasePackage
from apps.releases.services.window_plan import way_back_of


@dataclass(frozen=True, slots=True)
class Reached:
    """Something that a change hits, and when first."""

    asset: ImpactAsset
    at: datetime


@dataclass(frozen=True, slots=True)
class OnePager:
    """A change as somebody reads it who has two minutes.

    `what` are the names of its assets by family; `impact` is counted from `at`, the opening of
    its window where it has one; `way_back` says in one line how long the way back takes and until
    when to decide on it.
    """

    change: ChangeRequest
    what: tuple[tuple[str, tuple[ChangeAsset, ...]], ...]
    package: ReleasePackage | None
    at: datetime
    impact: Impact
    way_back: str
    exhibits: tuple[Exhibit, ...]
    records: tuple[AssetRecord, ...]
    slots: tuple[Approval, ...]
    since_read: SinceRead | None

    @property
    def aspects(self) -> list[dict[str, str]]:
        """What its people say that it means, each aspect in words."""
        change = self.change
        return [
            {
                "label": aspect.short.capitalize(),
                "choice": dict(aspect.choices)[told].lower(),
                "words": getattr(change, aspect.words),
            }
            for aspect in ASPECTS
            if (told := getattr(change, aspect.choice))
        ]

    @property
    def services(self) -> list[Reached]:
        hits = self.impact.services
        return [Reached(self.impact.assets[hit.asset], hit.arrival) for hit in hits]

    @property
    def first_job(self) -> Reached | None:
        hit = self.impact.first_job
        return Reached(self.impact.assets[hit.asset], hit.arrival) if hit else None


def one_pager(change: ChangeRequest, actor: Actor) -> OnePager:
    """`change` comes with its scope. A constant number of queries, but for the impact's two a
    hop."""
    lines = list(change.assets.all())
    package = _package_of(change)
    window = package.window if package is not None else None
    at = max(window.opens_at, clock.now()) if window is not None else clock.now()
    return OnePager(
        change=change,
        what=_by_family(lines),
        package=package,
        at=at,
        impact=blast_radius(lines, at),
        way_back=way_back_line(package),
        exhibits=tuple(exhibits_for(actor, change)),
        records=tuple(records_of_assets(change)),
        slots=tuple(live_slots(change.subject)),
        since_read=since_read(change, actor.user_id),
    )


def _package_of(change: ChangeRequest) -> ReleasePackage | None:
    """The one that carries it, with its window."""
    members = PackageChange.objects.filter(change=change, is_open=True)
    member = members.select_related("package__window").first()
    return member.package if member is not None else None


def blast_radius(lines: Sequence[ChangeAsset], at: datetime) -> Impact:
    """What the scope hits when it goes live at `at`."""
    return impact_of([line.asset_id for line in lines], at)


def _by_family(lines: Sequence[ChangeAsset]) -> tuple[tuple[str, tuple[ChangeAsset, ...]], ...]:
    families: dict[str, list[ChangeAsset]] = {}
    for line in lines:
        families.setdefault(line.asset.type.family, []).append(line)
    labels = dict(AssetType.Family.choices)
    return tuple((labels[family], tuple(found)) for family, found in sorted(families.items()))


def way_back_line(package: ReleasePackage | None) -> str:
    """How long the way back takes and until when to decide on it, as execution plans it; or what
    is missing to say so. At most four queries."""
    if package is None:
        return "In no package yet: how long the way back takes is not planned."
    if package.state in lifecycle.SETTLED:
        return f"{package.code} has ended: {package.get_state_display().lower()}."
    window = package.window
    if window is None or package.state not in lifecycle.BOOKED:
        back = Activity.objects.filter(package=package, is_backout=True)
        minutes = back.aggregate(minutes=Sum("duration_minutes"))["minutes"]
        steps = f"{minutes} min of steps back" if minutes else "no steps back yet"
        night = f"is not planned for {window.code} yet" if window else "has no window"
        return f"{package.code} has {steps} and {night}: no time to decide by."
    try:
        found = way_back_of(window)
    except Unplannable as refused:
        return f"{window.code} cannot be planned: {refused.obstacles[0].text}"
    if found is None:
        return f"No step of {window.code} is planned yet: no time to decide by."
    return found.line(lambda moment: local(moment, window.zone))


def _planned_with(package: ReleasePackage) -> str:
    """Versions of all that `way_back_line` follows from beside the package and its window: steps,
    who does them, and the packages that they are of. One query."""
    here = Q(package=package)
    if package.window_id is not None:
        here |= Q(window=package.window_id) | Q(package__window=package.window_id)
    counted = Activity.objects.filter(here).aggregate(
        Count("pk"), Sum("evidence_seq"), Sum("team__evidence_seq"), Sum("package__evidence_seq")
    )
    return ",".join(map(str, counted.values()))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the docket with how far the board is. `given` of `needed` signatures."""

    item: DocketItem
    given: int
    needed: int
    is_edited: bool
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """A member of the board at the item that is shown; `verdict` is "" while they have not
    signed it."""

    user: Any
    is_present: bool
    is_recused: bool
    verdict: str
    verdict_words: str
    comment: str


@dataclass(frozen=True, slots=True)
class Key:
    """One thing to do with the item that is shown: its move, and every reason against it."""

    letter: str
    move: str
    label: str
    tone: str
    needs_comment: bool
    blockers: tuple[Blocker, ...]

    @property
    def kind(self) -> str:
        """ "decide" or "defer": the keys of one kind have the same reasons against them."""
        return "defer" if self.move == "defer_item" else "decide"


@dataclass(frozen=True)
class Screen:
    """The live page of a meeting, for one person. `place` counts the item shown from 1."""

    meeting: CabMeeting
    lists: tuple[tuple[str, str, tuple[Line, ...]], ...]
    line: Line | None
    place: int
    previous: DocketItem | None
    next: DocketItem | None
    page: OnePager | None
    edits: tuple[Difference, ...]
    seats: tuple[Seat, ...]
    quorum_count: int
    keys: tuple[Key, ...]
    consent_seal: str
    consent_blockers: tuple[Blocker, ...]
    may_chair: bool
    is_board: bool
    now: datetime

    @property
    def has_quorum(self) -> bool:
        return self.quorum_count >= self.meeting.quorum

    @property
    def settled(self) -> int:
        return sum(not line.item.is_unsettled for _, _, lines in self.lists for line in lines)

    @property
    def count(self) -> int:
        return sum(len(lines) for _, _, lines in self.lists)


def shown_item(items: Sequence[DocketItem], wanted: str) -> DocketItem | None:
    """The item asked for; else the one that is up, the first that is open, the first."""
    return (
        next((item for item in items if str(item.pk) == wanted), None)
        or next((item for item in items if item.is_up), None)
        or next((item for item in items if item.is_unsettled), None)
        or next(iter(items), None)
    )


def in_order(meeting: CabMeeting) -> list[DocketItem]:
    """The docket as it is worked through: by list, then by number."""
    order = {name: place for place, (name, _) in enumerate(life.LISTS)}
    return sorted(meeting.items.all(), key=lambda item: (order[item.listed], item.number))


def state_tag(meeting: CabMeeting, item: DocketItem | None, actor: Actor) -> str:
    """An entity tag that changes whenever what `actor` sees of the meeting does."""
    opened = opened_since_sign_in(actor)
    told = [
        str(meeting.evidence_seq),
        *(
            f"{line.change_id}:{line.change.evidence_seq}:"
            f"{(line.change.subject, line.change.fingerprint) in opened}"
            for line in meeting.items.all()
        ),
        str(item.pk if item else ""),
        str(actor.id),
        str(actor.signed_in_at),
        ",".join(sorted(f"{held.role}:{held.scope}" for held in actor.roles)),
        str(policies.sits_on_board(actor, meeting)),
        str(any(step_up_blockers(actor))),
        *(_around(item.change) if item else ()),
    ]
    return f'"{hashlib.sha256("|".join(told).encode()).hexdigest()[:32]}"'


def _around(change: ChangeRequest) -> Iterator[str]:
    """Versions of what the page shows of a change beside itself. Three queries."""
    for exhibit in exhibits_about(change.subject):
        yield f"{exhibit.subject}:{exhibit.evidence_seq}"
    package = _package_of(change)
    if package is not None:
        window = package.window
        yield f"{package.subject}:{package.evidence_seq}:{_planned_with(package)}"
        yield f"{window.subject}:{window.evidence_seq}" if window else ""


def screen(
    meeting: CabMeeting, item: DocketItem | None, page: OnePager | None, actor: Actor
) -> Screen:
    """All of the live page; `meeting` comes with its docket and members, `page` is about `item`."""
    items = in_order(meeting)
    slots = board_slots(items)
    lines = [_line(each, slots[each.pk], item) for each in items]
    place = items.index(item) if item is not None else -1
    block = [each for each in items if each.in_consent_block]
    slot = slots[item.pk] if item is not None else None
    seats = _seats(meeting, item, slot)
    return Screen(
        meeting=meeting,
        lists=tuple(
            (name, label, tuple(line for line in lines if line.item.listed == name))
            for name, label in life.LISTS
            if any(line.item.listed == name for line in lines)
        ),
        line=next((line for line in lines if line.is_shown), None),
        place=place + 1,
        previous=items[place - 1] if place > 0 else None,
        next=items[place + 1] if 0 <= place < len(items) - 1 else None,
        page=page,
        edits=since_frozen(item) if item is not None else (),
        seats=seats,
        quorum_count=policies.seats_there(meeting, [s.user.pk for s in seats if s.is_recused]),
        keys=_keys(meeting, item, actor) if item is not None else (),
        consent_seal=policies.consent_seal_of(block) if block else "",
        consent_blockers=_once(
            [
                *policies.session_blockers(actor, meeting),
                *policies.consent_blockers(actor, meeting, block),
            ]
        ),
        may_chair=policies.chairs(actor, meeting),
        is_board=policies.sits_on_board(actor, meeting),
        now=clock.now(),
    )


def _line(item: DocketItem, slot: Approval | None, shown: DocketItem | None) -> Line:
    said = ("reject", *Decision.IN_FAVOUR)
    given = [] if slot is None else [each for each in slot.standing if each.verdict in said]
    return Line(
        item=item,
        given=len(given),
        needed=slot.quorum if slot is not None else 0,
        is_edited=item.is_unsettled and any(policies.seal_blockers(item)),
        is_shown=shown is not None and item.pk == shown.pk,
    )


def _seats(meeting: CabMeeting, item: DocketItem | None, slot: Approval | None) -> tuple[Seat, ...]:
    recused = {each.user_id for each in item.recusals.all()} if item is not None else set()
    given = {each.by_id: each for each in slot.standing} if slot is not None else {}
    seats = []
    for member in meeting.members.all():
        decision = given.get(member.user_id)
        seats.append(
            Seat(
                user=member.user,
                is_present=member.is_present,
                is_recused=member.user_id in recused,
                verdict=decision.verdict if decision else "",
                verdict_words=decision.said if decision else "",
                comment=decision.comment if decision else "",
            )
        )
    return tuple(seats)


def _keys(meeting: CabMeeting, item: DocketItem, actor: Actor) -> tuple[Key, ...]:
    signing = _once(
        [
            *policies.session_blockers(actor, meeting),
            *policies.vote_blockers(actor, meeting, item),
            *policies.question_blockers(actor, item, item.asks),
        ]
    )
    deferring = _once(
        [
            *policies.defer_item_blockers(actor, meeting),
            *policies.settled_blockers(item),
        ]
    )
    defer = Key("D", "defer_item", "Defer", "plain", True, deferring)
    if item.is_ratification:
        return (
            Key("A", "ratify_item", "Ratify", "main", True, signing),
            Key("R", "refuse_to_ratify_item", "Do not ratify", "stop", True, signing),
            defer,
        )
    return (
        Key("A", "approve_item", "Approve", "main", False, signing),
        Key("C", "approve_item_with_conditions", "With conditions", "plain", True, signing),
        Key("R", "reject_item", "Reject", "stop", True, signing),
        defer,
    )


def _once(blockers: Sequence[Blocker]) -> tuple[Blocker, ...]:
    return tuple({blocker.text: blocker for blocker in blockers}.values())
