"""What would gain time in a window, each held against the rules of completeness and of order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from django.core.cache import cache

from apps.changes.models import ChangeAsset
from apps.changes.selectors import works_of
from apps.core import clock
from apps.core.jobs import enqueue_on_commit
from apps.evidence.models import EvidenceEntry
from apps.releases.domain import lifecycle as life
from apps.releases.domain.completeness import RULES
from apps.releases.domain.planner.plan import Plan, Unplannable, plan
from apps.releases.domain.planner.shed import Shed, shed_list
from apps.releases.domain.planner.solver import EFFORT
from apps.releases.domain.planner.vetoes import Remainder
from apps.releases.domain.planner.what_if import Around, Veto, WhatIf, what_ifs
from apps.releases.models import ActivityTarget, PackageChange, ReleasePackage, Rule
from apps.releases.policies.completeness_facts import facts_of_packages
from apps.releases.policies.package_order import order_of
from apps.releases.services.detection import weighed
from apps.releases.services.first_hit import first_hits
from apps.releases.services.window_plan import Planning, planning_of
from apps.windows.domain import lifecycle as window_life
from apps.windows.domain.calendar import Span
from apps.windows.models import Booking, ReleaseWindow
from apps.windows.policies import booking_blockers, closed_blockers
from apps.windows.selectors import exemptions_of, spans_between, windows_with_people

#: Steps that change nothing which anybody uses yet, so that they may run before the window. A BIND
#: is one of them where it makes another version of its package beside the one in use.
EARLY_TYPES = frozenset({"BACKUP_LIB", "MQ_DEFINE", "GDG_DEFINE"})
BIND = "BIND_PACKAGE"
#: The attribute of a package in the register that tells whether its programs are precompiled with
#: VERSION, and its value where they are not.
BIND_VERSIONING, IN_PLACE = "bind_versioning", "none"
#: Windows to come that a package may be moved to.
MOST_WINDOWS = 2


#: Plans of so many steps are asked about at once; those of larger ones in a worker.
AT_ONCE_STEPS = 60
_KEPT_SECONDS = 3_600
#: A worker that has not answered by then is asked again.
_ASKED_SECONDS = 300


def what_ifs_of(planning: Planning, base: Plan) -> tuple[WhatIf, ...]:
    """Every single change of the plan that is worth a thought, the best first and vetoed ones
    last. The number of queries does not depend on the plan."""
    return what_ifs(base, _around(planning))


@dataclass(frozen=True, slots=True)
class Outlook:
    """What only other plans can tell of a plan: what gains time, who is the bottleneck, and what
    is missing by how much, in words."""

    what_ifs: tuple[WhatIf, ...]
    bottleneck: tuple[str, int] | None
    shortfalls: tuple[str, ...]

    def shed(self, base: Plan) -> tuple[Shed, ...]:
        """What could go so that `base`, whose outlook this is, fits again; none where it fits."""
        return shed_list(base, self.what_ifs)


def outlook_of(planning: Planning, base: Plan) -> Outlook:
    return Outlook(what_ifs_of(planning, base), base.bottleneck, base.shortfalls)


def known_outlook(planning: Planning, base: Plan) -> Outlook | None:
    """The outlook, reckoned once for what the ledger holds. None while a worker reckons that of a
    large plan, which it is asked to do."""
    key = _key(planning.window)
    known: Outlook | None = cache.get(key)
    if known is None and len(planning.works) > AT_ONCE_STEPS:
        if cache.add(f"{key}:asked", 1, _ASKED_SECONDS):
            path = "apps.releases.tasks.reckon_outlook"
            enqueue_on_commit(path, window=str(planning.window.pk))
        return None
    if known is None:
        known = outlook_of(planning, base)
        cache.set(key, known, _KEPT_SECONDS)
    return known


def reckon_outlook(window: str) -> None:
    """In a worker: keep the outlook of a large plan, unless it is kept already."""
    row = windows_with_people().get(pk=window)
    key = _key(row)
    if cache.get(key) is None:
        planning = planning_of(row)
        cache.set(key, outlook_of(planning, planning.plan), _KEPT_SECONDS)


def _key(window: ReleaseWindow) -> str:
    """Everything that an outlook rests on is governed: whatever happens is another entry. The
    number is that of the form in which it is kept."""
    last = EvidenceEntry.objects.order_by("-id").values_list("id", flat=True).first()
    return f"releases:outlook:2:{window.pk}:{last}"


def _around(planning: Planning) -> Around:
    window = planning.window
    there = _Packages(planning)
    windows = _later(window) if len(there.planned) > 1 else []
    against = {(code, ""): there.remainder.without(pk) for pk, code in there.planned.items()}
    for other in windows:
        against |= {
            (code, other.window.code): (*there.against(pk, other), *_unfit(planning, other, code))
            for pk, code in there.planned.items()
        }
    return Around(
        teams=frozenset(step.team.code for step in planning.steps.values()),
        closes=int((window.closes_at - window.opens_at).total_seconds() // 60),
        early=frozenset(k for k, step in planning.steps.items() if step.type_id in EARLY_TYPES)
        | _versioned_binds(planning),
        windows=tuple(other.window.code for other in windows),
        against=against,
    )


def _versioned_binds(planning: Planning) -> frozenset[Hashable]:
    """The steps that bind nothing but packages whose VERSION becomes another: programs in use go on
    with the package that they have. Two queries."""
    binds = {key: step for key, step in planning.steps.items() if step.type_id == BIND}
    lines = ChangeAsset.objects.filter(
        change__memberships__package__in={step.package_id for step in binds.values()},
        change__memberships__is_open=True,
        asset__type__code="db2_package",
    )
    other_version = {
        (package, asset)
        for package, asset, old, new in lines.values_list(
            "change__memberships__package", "asset", "from_version", "to_version"
        )
        if new and old != new
    }
    bound: dict[Hashable, list[bool]] = defaultdict(list)
    targets = ActivityTarget.objects.filter(activity__in=list(binds)).values_list(
        "activity", "asset", "asset__type__code", "asset__attributes"
    )
    for step, asset, kind, told in targets:
        versioned = told.get(BIND_VERSIONING) or IN_PLACE
        bound[step].append(
            kind == "db2_package"
            and versioned != IN_PLACE
            and (binds[step].package_id, asset) in other_version
        )
    return frozenset(step for step, all_are in bound.items() if all(all_are))


def around_tonight(planning: Planning) -> Around:
    """What may still be changed while the night runs: people, the cut-off, what is left of a
    package. The number of queries does not depend on the plan."""
    window = planning.window
    there = _Packages(planning)
    hits = first_hits(window, clock.now())
    batch = int((hits.arrival - window.opens_at).total_seconds() // 60) if hits.arrival else None
    return Around(
        teams=frozenset(step.team.code for step in planning.steps.values()),
        closes=int((window.closes_at - window.opens_at).total_seconds() // 60),
        batch=None if batch is None else (batch, hits.job),
        against={(code, ""): there.remainder.without(pk) for pk, code in there.planned.items()},
    )


@dataclass(frozen=True, slots=True)
class _Other:
    """Another window with what it already delivers."""

    window: ReleaseWindow
    planning: Planning
    assets: frozenset[UUID]
    hard: tuple[Span, ...]


def _later(window: ReleaseWindow) -> list[_Other]:
    rows = windows_with_people().filter(
        site=window.site_id, state=window_life.OPEN, opens_at__gt=window.opens_at
    )
    found = list(rows.order_by("opens_at", "code")[:MOST_WINDOWS])
    delivered: dict[UUID, set[UUID]] = {each.pk: set() for each in found}
    members = PackageChange.objects.filter(package__window__in=found, is_open=True)
    for key, asset in members.filter(change__assets__isnull=False).values_list(
        "package__window", "change__assets__asset"
    ):
        delivered[key].add(asset)
    return [
        _Other(
            each,
            planning_of(each),
            frozenset(delivered[each.pk]),
            tuple(
                span
                for span in spans_between(each.opens_at, each.closes_at)
                if span.rule.strength == "hard"
            ),
        )
        for each in found
    ]


class _Packages:
    """The packages of the night: what they bring, rest on and take of a window."""

    def __init__(self, planning: Planning) -> None:
        rows = list(
            ReleasePackage.objects.filter(window=planning.window)
            .exclude(state=life.CANCELLED)
            .select_related("window")
            .order_by("code")
        )
        booked = [row for row in rows if row.state in life.BOOKED]
        working = {step.package_id for step in planning.steps.values()}
        self.planned = {row.pk: row.code for row in booked if row.pk in working}
        rules = {rule.code: rule for rule in Rule.objects.filter(is_active=True)}
        self.remainder = Remainder(
            facts_of_packages([row.pk for row in rows], reach=False),
            order_of(booked),
            {row.pk: row.code for row in booked},
            RULES,
            lambda found: weighed(found, rules),
        )
        self._subjects = {row.pk: row.subject for row in booked}
        self._bookings = {
            booking.subject: booking
            for booking in Booking.objects.filter(
                subject__in=self._subjects.values(), state=Booking.State.ACTIVE
            )
        }
        self._changes: dict[UUID, list[UUID]] = {row.pk: [] for row in booked}
        members = PackageChange.objects.filter(package__in=booked, is_open=True)
        for package, change in members.values_list("package", "change"):
            self._changes[package].append(change)
        self._site = planning.window.site.code
        self._works = works_of([c for some in self._changes.values() for c in some], self._site)
        self._exempt = exemptions_of(self._subjects.values())

    def against(self, package: UUID, other: _Other) -> Iterator[Veto]:
        """Why the package may not go into another window: what is left behind, what it would
        lack there, capacity and the calendar."""
        yield from self.remainder.moved(package, other.assets)
        window = other.window
        booking = self._bookings.get(self._subjects[package])
        if booking is not None:
            for blocker in booking_blockers(window, booking.load, is_emergency=False):
                yield Veto("G16", blocker.text)
        works = [self._works[change] for change in self._changes[package]]
        exempt = self._exempt.get(self._subjects[package], ())
        spans = [
            span
            for span in other.hard
            if any(map(span.holds_for, works))
            and not any(one.covers(span, window.opens_at, window.closes_at) for one in exempt)
        ]
        for blocker in closed_blockers(spans, self.planned[package], window.zone):
            yield Veto("G03", blocker.text)


def _unfit(planning: Planning, other: _Other, code: str) -> Iterator[Veto]:
    """That another window has no room for the package's steps beside its own."""
    steps = [work for work in planning.works if work.package == code]
    night = other.planning.night
    night = replace(night, capacity={**planning.night.capacity, **night.capacity})
    steps = [replace(work, earliest=0) for work in steps]
    try:
        there = plan(night, [*other.planning.works, *steps], effort=EFFORT / 20)
    except Unplannable as refused:
        yield Veto("G10", f"{other.window.code}: {refused}")
        return
    short = there.fits["F1"].short
    if short:
        text = f"The plan of {other.window.code} would need {short} min more than it has."
        yield Veto("F1", text)
