"""Where there is room: the windows of the next weeks, each with every reason against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from apps.core import clock
from apps.core.errors import Blocker
from apps.windows.domain import lifecycle as life
from apps.windows.domain.calendar import Span, Work
from apps.windows.domain.capacity import Load
from apps.windows.domain.deviation import Exemption
from apps.windows.models import ReleaseWindow
from apps.windows.policies import booking_blockers, closed_blockers
from apps.windows.selectors.calendar import exemptions_of, spans_between
from apps.windows.selectors.window import windows_with_people

#: How far the finder looks, and how many windows it tells at most.
DAYS = 90
MOST = 120

Against = Callable[[ReleaseWindow], Iterable[Blocker]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What looks for a window. `works` as the calendar sees them, at any site; `about` is the
    subject that may have a deviation; `minutes` what it takes alone, 0 where nobody knows; `held`
    what is reserved for it, by window; `joins_late` the windows that let it in although their scope
    is locked."""

    load: Load
    called: str = "It"
    works: tuple[Work, ...] = ()
    about: str = ""
    is_emergency: bool = False
    minutes: int = 0
    held: Mapping[UUID, Load] = field(default_factory=dict)
    joins_late: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Slot:
    """One window, and why what is wanted does not fit into it."""

    window: ReleaseWindow
    blockers: tuple[Blocker, ...]

    @property
    def fits(self) -> bool:
        return not self.blockers


def find_slots(
    wanted: Wanted, *, days: int = DAYS, against: Against = lambda window: ()
) -> list[Slot]:
    """The windows that open within `days` days, the next one first. A constant number of queries,
    beside those of `against`, which may tell more reasons."""
    now = clock.now()
    until = now + timedelta(days=min(days, DAYS))
    coming = (
        windows_with_people()
        .exclude(state__in=[life.CLOSED, life.CANCELLED, life.VERIFYING])
        .filter(closes_at__gt=now, opens_at__lt=until)
        .order_by("opens_at", "code")
    )
    windows = list(coming[:MOST])
    spans = _hard_spans(windows, wanted)
    exempt = exemptions_of([wanted.about]).get(wanted.about, ()) if spans and wanted.about else ()
    return [
        Slot(
            window,
            (
                *booking_blockers(
                    window,
                    wanted.load,
                    is_emergency=wanted.is_emergency,
                    held=wanted.held.get(window.pk),
                    may_join_late=window.pk in wanted.joins_late,
                ),
                *closed_blockers(
                    _closing(spans, exempt, wanted, window), wanted.called, window.zone
                ),
                *_length_blockers(window, wanted),
                *against(window),
            ),
        )
        for window in windows
    ]


def _hard_spans(windows: Sequence[ReleaseWindow], wanted: Wanted) -> list[Span]:
    if not windows or wanted.is_emergency:
        return []
    last = max(window.closes_at for window in windows)
    found = spans_between(windows[0].opens_at, last)
    return [span for span in found if span.rule.strength == "hard"]


def _closing(
    spans: Iterable[Span], exempt: Sequence[Exemption], wanted: Wanted, window: ReleaseWindow
) -> list[Span]:
    since, until = window.opens_at, window.closes_at
    here = [replace(work, site=window.site.code) for work in wanted.works or (Work(),)]
    return [
        span
        for span in spans
        if span.overlaps(since, until)
        and any(map(span.holds_for, here))
        and not any(one.covers(span, since, until) for one in exempt)
    ]


def _length_blockers(window: ReleaseWindow, wanted: Wanted) -> Iterator[Blocker]:
    length = minutes_of(window.opens_at, window.effective_cutoff)
    if wanted.minutes > length:
        yield Blocker(
            "too_long",
            f"{wanted.called} takes {wanted.minutes} minutes at least; {window.code} has {length} "
            "until its cut-off.",
            "Choose a longer window, or split it.",
            "release coordinator",
        )


def minutes_of(since: datetime, until: datetime) -> int:
    return int((until - since).total_seconds() // 60)
