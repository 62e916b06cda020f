"""The calendar: windows, freezes and days of note, as a month or as a quarter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.console import display
from apps.console.site import site as console
from apps.core import clock
from apps.inventory.models import Site
from apps.windows.domain.calendar import Span, holding
from apps.windows.domain.calendar import Work as At
from apps.windows.domain.capacity import Use
from apps.windows.domain.local_time import to_wall
from apps.windows.domain.overview import (
    YEARS,
    DayRule,
    Hatch,
    Page,
    Stretch,
    hatch_of,
    hatch_of_day,
    month_of,
    quarter_of,
    rules_of_days,
    stretch,
    weeks_of,
)
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import capacity_use, spans_between, windows_between

VIEWS = {"month": "Month", "quarter": "Quarter"}
#: Lines of a picture: pixels.
_LANE, _TOP = 30, 40
#: What the name of a window takes of a line, in percent.
_NAME_WIDTH = 12
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A window as it is shown: how full its fullest unit is, and where its details are."""

    window: ReleaseWindow
    url: str
    fullest: Use
    cutoff_at: datetime

    @property
    def look(self) -> display.Look:
        return display.look_of(self.window.state)

    @property
    def opens(self) -> str:
        """On the wall clock of the window; the day is where it is shown."""
        return f"{to_wall(self.window.opens_at, self.window.zone):%H:%M}"

    @property
    def cutoff(self) -> str:
        return f"{to_wall(self.cutoff_at, self.window.zone):%H:%M}"


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    is_out: bool
    is_today: bool
    slots: list[Slot]
    rules: list[DayRule]
    hatch: Hatch


@dataclass(frozen=True, slots=True)
class Bar:
    """Something on a line of the quarter: `where` in percent, with the words of its title."""

    where: Stretch
    story: str
    kind: str
    url: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    name: str
    y: int
    bars: list[Bar] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Picture:
    """The quarter on one line of days: a lane of windows per place, then one per rule."""

    lanes: list[Lane]
    months: list[tuple[float, str]]
    weeks: list[float]
    now: float | None
    summary: str

    @property
    def height(self) -> int:
        return _TOP + _LANE * len(self.lanes)


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Asked for by `view` (month or quarter), `month` (2026-11), `site` and `window` by code;
    what cannot be is as if it were not asked."""
    zone = settings.INTERLOCK_ZONE
    today = clock.now().astimezone(display.zone_of(zone)).date()
    asked = _Asked.of(request, today)
    page = quarter_of(asked.day) if asked.view == "quarter" else month_of(asked.day)
    weeks = weeks_of(page)
    since, until = (
        Page("", weeks[0][0], weeks[-1][-1], page.first, page.first).bounds(zone)
        if asked.view == "month"
        else page.bounds(zone)
    )
    sites = list(Site.objects.order_by("code"))
    chosen = next((each for each in sites if each.code == asked.site), None)
    slots = [
        _slot(window, asked)
        for window in windows_between(since, until)
        if chosen is None or window.site_id == chosen.pk
    ]
    place = At(chosen.code if chosen else "")
    spans = [s for s in spans_between(since, until) if s.rule.scope.touches(_all_of(s, place))]
    details = next((slot for slot in slots if slot.window.code == asked.window), None)
    return render(request, "portal/calendar.html", {
        **console.each_context(request),
        "title": page.title,
        "page": page,
        "asked": asked,
        "zone": zone,
        "sites": [("", "Every site"), *((each.code, each.name) for each in sites)],
        "tabs": [(label, asked.url(view=code), code == asked.view)
                 for code, label in VIEWS.items()],
        "today_url": asked.url(day=today),
        "earlier": _neighbour(asked, page.earlier),
        "later": _neighbour(asked, page.later),
        "weeks": _days(weeks, page, today, slots, spans, zone) if asked.view == "month" else (),
        "picture": _picture(since, until, slots, spans) if asked.view == "quarter" else None,
        "slots": slots,
        "spans": [(span, *_times(span)) for span in spans],
        "rules": [(rule, [_times(span) for span in spans if span.rule is rule])
                  for rule in {span.rule.code: span.rule for span in spans}.values()],
        "details": details,
        "uses": _uses(details),
        "over": holding(spans, At(details.window.site.code), details.window.opens_at,
                        details.window.closes_at) if details else (),
    })  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asked:
    view: str
    day: date
    site: str
    window: str

    @classmethod
    def of(cls, request: HttpRequest, today: date) -> _Asked:
        view = request.GET.get("view", "")
        try:
            day = date.fromisoformat(f"{request.GET.get('month', '')}-01")
        except ValueError:
            day = today
        return cls(
            view if view in VIEWS else "month",
            day if day.year in YEARS and (day + 120 * _DAY).year in YEARS else today,
            request.GET.get("site", "")[:12],
            request.GET.get("window", "")[:20],
        )

    def url(self, **other: Any) -> str:
        """The same page with something else on it."""
        view, day = other.get("view", self.view), other.get("day", self.day)
        told = {"view": view, "month": f"{day:%Y-%m}", "site": self.site,
                "window": other.get("window", "")}  # fmt: skip
        return f"{reverse('calendar')}?{urlencode({k: v for k, v in told.items() if v})}"


def _neighbour(asked: _Asked, first: date) -> tuple[str, str]:
    """(address, name) of the page before or after; no address where the calendar ends."""
    name = quarter_of(first).title if asked.view == "quarter" else f"{first:%B}"
    return (asked.url(day=first) if first.year in YEARS else "", name)


def _all_of(span: Span, place: At) -> At:
    """Work at the place that a rule for some applications, or families, is about too."""
    scope = span.rule.scope
    return At(place.site, scope.applications, scope.families)


def _slot(window: ReleaseWindow, asked: _Asked) -> Slot:
    return Slot(
        window,
        f"{asked.url(window=window.code)}#details",
        max(capacity_use(window), key=lambda use: use.percent),
        window.effective_cutoff,
    )


def _times(span: Span) -> tuple[str, str]:
    zone = span.rule.zone
    return display.local(span.starts_at, zone), display.local(span.ends_at, zone)


def _uses(slot: Slot | None) -> list[dict[str, Any]]:
    if slot is None:
        return []
    return [
        {"unit": use.unit, "booked": float(use.booked), "limit": float(use.limit),
         "plannable": float(use.plannable), "free": float(use.free)}
        for use in capacity_use(slot.window)
    ]  # fmt: skip


def _days(
    weeks: Sequence[Sequence[date]],
    page: Page,
    today: date,
    slots: Iterable[Slot],
    spans: Sequence[Span],
    zone: str,
) -> list[list[Day]]:
    there = display.zone_of(zone)
    opening: dict[date, list[Slot]] = {}
    for slot in slots:
        first = slot.window.opens_at.astimezone(there).date()
        last = slot.window.closes_at.astimezone(there).date()
        # A night is shown where it opens; what goes on for days is shown on each.
        days = (last - first).days + 1 if last - first > _DAY else 1
        for n in range(days):
            opening.setdefault(first + n * _DAY, []).append(slot)
    rules = rules_of_days(spans, (day for week in weeks for day in week), zone)
    return [
        [
            Day(
                day, not page.first <= day <= page.last, day == today, opening.get(day, []),
                rules[day], hatch_of_day(rules[day]),
            )
            for day in week
        ]
        for week in weeks
    ]  # fmt: skip


def _picture(
    since: datetime, until: datetime, slots: Sequence[Slot], spans: Sequence[Span]
) -> Picture:
    lanes: dict[str, Lane] = {}

    def lane(name: str) -> Lane:
        return lanes.setdefault(name, Lane(name, _TOP + _LANE * len(lanes)))

    for slot in slots:
        window = slot.window
        place = window.sysplex.code if window.sysplex else window.site.code
        lane(place).bars.append(
            Bar(
                stretch(since, until, window.opens_at, window.closes_at),
                f"{window.code} {window.name}, {slot.look.word.lower()}: opens "
                f"{display.local(window.opens_at, window.zone)}, cut-off "
                f"{display.local(slot.cutoff_at, window.zone)}, {slot.fullest.percent} % of "
                f"{slot.fullest.unit} booked",
                slot.look.tone,
                slot.url,
                window.code,
            )
        )  # fmt: skip
    for span in spans:
        rule = span.rule
        lane(rule.code).bars.append(
            Bar(
                stretch(since, until, span.starts_at, span.ends_at),
                f"{rule.told}: {display.local(span.starts_at, rule.zone)} to "
                f"{display.local(span.ends_at, rule.zone)}",
                hatch_of(rule) or "note",
            )
        )
    shown = [replace(each, bars=_named(each.bars)) for each in lanes.values()]
    there = display.zone_of(settings.INTERLOCK_ZONE)
    days = [since + n * _DAY for n in range((until - since).days + 1)]
    here = clock.now()
    return Picture(
        shown,
        [(stretch(since, until, day, day).x, f"{day.astimezone(there):%B}") for day in days
         if day.astimezone(there).day == 1 and day < until],
        [stretch(since, until, day, day).x for day in days
         if day.astimezone(there).weekday() == 0 and day < until],
        stretch(since, until, here, here).x if since <= here < until else None,
        f"Windows: {len(slots)}, times of rules: {len(spans)}. The list below tells each.",
    )  # fmt: skip


def _named(bars: Sequence[Bar]) -> list[Bar]:
    """Bars whose names do not run into the bar that follows."""
    following = [*(bar.where.x for bar in bars[1:]), 100.0]
    return [
        bar if after - bar.where.x >= _NAME_WIDTH else replace(bar, text="")
        for bar, after in zip(bars, following, strict=True)
    ]
