"""Read series of windows, and what they make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from apps.core import clock
from apps.windows.domain import lifecycle as life
from apps.windows.domain.calendar import Span, Work, holding
from apps.windows.domain.local_time import to_wall
from apps.windows.domain.series import Night, last_day_of, nights
from apps.windows.models import ReleaseWindow, WindowSeries
from apps.windows.selectors.calendar import spans_between

#: What the page of a series shows of its windows.
SHOWN = 60
_LONGEST = timedelta(days=8)


def series_with_people() -> QuerySet[WindowSeries]:
    return WindowSeries.objects.select_related(
        "site", "sysplex__environment", "coordinator", "release_manager"
    ).prefetch_related("cutoffs")


def series_to_draft() -> QuerySet[WindowSeries]:
    """Those that draft by themselves what comes into their horizon."""
    return WindowSeries.objects.filter(is_active=True, horizon_days__isnull=False).order_by("code")


def nights_of(series: WindowSeries) -> list[Night]:
    """What the series makes from the windows that may be going on, on to its end or horizon."""
    now = clock.now()
    last = last_day_of(series.horizon_days, to_wall(now, series.zone).date())
    since = (now - _LONGEST).date()
    return nights(series.as_pattern(), last, since)


@dataclass(frozen=True, slots=True)
class Prospect:
    """One night of a series: its window where there is one, the rules of the calendar over it,
    and other windows that it meets."""

    code: str
    night: Night
    window: ReleaseWindow | None
    spans: tuple[Span, ...]
    meets: tuple[ReleaseWindow, ...]


def prospects(series: WindowSeries) -> list[Prospect]:
    """What comes of the series, the first `SHOWN` nights; a constant number of queries."""
    now = clock.now()
    coming = [night for night in nights_of(series) if night.closes_at > now][:SHOWN]
    if not coming:
        return []
    since, until = coming[0].opens_at, max(night.closes_at for night in coming)
    spans = spans_between(since, until)
    work = Work(series.site.code)
    own = {window.series_day: window for window in series.windows.all()}
    others = list(_others(series).filter(opens_at__lt=until, closes_at__gt=since))
    found = []
    for night in coming:
        window = own.get(night.day)
        opens, closes = (
            (window.opens_at, window.closes_at) if window else (night.opens_at, night.closes_at)
        )
        found.append(
            Prospect(
                window.code if window else series.code_of(night.day),
                night,
                window,
                tuple(holding(spans, work, opens, closes)),
                tuple(
                    other
                    for other in others
                    if other.opens_at < closes and opens < other.closes_at
                    and (window is None or other.pk != window.pk)
                ),
            )
        )  # fmt: skip
    return found


def _others(series: WindowSeries) -> QuerySet[ReleaseWindow]:
    """Windows that one of the series would meet, drafts among them."""
    found = ReleaseWindow.objects.filter(site=series.site_id, may_overlap=False).exclude(
        state__in=[life.CLOSED, life.CANCELLED]
    )
    if series.may_overlap:
        return found.none()
    if series.sysplex_id is None:
        return found
    return found.filter(Q(sysplex=series.sysplex_id) | Q(sysplex=None))
