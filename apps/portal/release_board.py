"""The release board: the windows ahead with what is in each, and what has no window yet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from apps.releases.domain import lifecycle as life
from apps.releases.models import Finding, ReleasePackage
from apps.releases.moves.room import codes_of
from apps.releases.services.window_ledger import hard_uses, team_hours
from apps.windows.domain import lifecycle as window_life
from apps.windows.domain.capacity import Use
from apps.windows.models import Booking, ReleaseWindow
from apps.windows.selectors import reservations_in, upcoming_windows

#: How far the board looks, and how much of it it shows.
DAYS = 90
MOST_WINDOWS = 30
MOST_PACKAGES = 300
#: Teams whose hours a window shows, the busiest first.
TEAMS = 2
#: States of packages that have left the board.
GONE = (life.CANCELLED, life.CLOSED)


@dataclass(frozen=True, slots=True)
class Card:
    """A package on the board. `hard` and `soft` count the findings that somebody has to see to."""

    package: ReleasePackage
    hard: int
    soft: int

    @property
    def is_movable(self) -> bool:
        window = self.package.window
        stays = (
            window is not None
            and self.package.state in life.BOOKED
            and window.state not in window_life.MOVABLE
        )
        return self.package.state in life.MOVABLE and not stays


@dataclass(frozen=True, slots=True)
class Held:
    """Room that is reserved for a package or change of this code."""

    code: str
    booking: Booking


@dataclass(frozen=True, slots=True)
class Column:
    window: ReleaseWindow
    uses: tuple[Use, ...]
    cards: tuple[Card, ...]
    held: tuple[Held, ...]

    @property
    def takes_packages(self) -> bool:
        return self.window.state in window_life.MOVABLE


@dataclass(frozen=True, slots=True)
class Board:
    """`loose` are the packages without a night: delayed ones, and drafts that name no window."""

    columns: tuple[Column, ...]
    loose: tuple[Card, ...]

    @property
    def targets(self) -> list[ReleaseWindow]:
        return [column.window for column in self.columns if column.takes_packages]


def release_board() -> Board:
    """The windows of the next weeks; a constant number of queries."""
    windows = list(upcoming_windows(DAYS)[:MOST_WINDOWS])
    packages = list(_packages(windows))
    weights = _weights(packages)
    cards: dict[UUID | None, list[Card]] = defaultdict(list)
    for package in packages:
        counted = weights[package.pk]
        place = None if package.state == life.DELAYED else package.window_id
        cards[place].append(Card(package, counted["hard"], counted["soft"]))
    hours = team_hours(windows)
    held = list(reservations_in(windows))
    codes = codes_of([each.subject for each in held])
    by_window: dict[UUID, list[Booking]] = defaultdict(list)
    for each in held:
        by_window[each.window_id].append(each)
    return Board(
        columns=tuple(
            Column(
                window=window,
                uses=(
                    *hard_uses(window, by_window[window.pk]),
                    *hours.get(window.pk, ())[:TEAMS],
                ),
                cards=tuple(cards[window.pk]),
                held=tuple(
                    Held(codes.get(each.subject, ""), each) for each in by_window[window.pk]
                ),
            )
            for window in windows
        ),
        loose=tuple(cards[None]),
    )


def _packages(windows: Iterable[ReleaseWindow]) -> QuerySet[ReleasePackage]:
    here = Q(window__in=list(windows)) & ~Q(state=life.DELAYED)
    loose = Q(state=life.DELAYED) | Q(state=life.DRAFT, window=None)
    rows = ReleasePackage.objects.filter(here | loose).exclude(state__in=GONE)
    return rows.select_related("window", "coordinator").order_by("code")[:MOST_PACKAGES]


def _weights(packages: Iterable[ReleasePackage]) -> dict[UUID, Counter[str]]:
    """By package, how many live findings of each weight; one query."""
    found: dict[UUID, Counter[str]] = defaultdict(Counter)
    rows = Finding.objects.filter(packages__in=list(packages), state__in=life.LIVE_FINDING)
    counted = rows.order_by().values_list("packages", "severity").annotate(count=Count("pk"))
    for package, severity, count in counted:
        found[package][severity] += count
    return found
