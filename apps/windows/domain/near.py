"""What makes a night one in which things go wrong: what lies near it in the calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from apps.windows.domain.business_days import is_near_month_end, shifted
from apps.windows.domain.calendar import FREEZES, PERIOD_ENDS, Span, Work

#: What a night is near to; empty for an ordinary one.
Near = Literal["period_end", "shoulder", "after_freeze", "holiday", ""]

#: What each means, from the heaviest on (domain 5.6).
NEAR_IN_WORDS: dict[Near, str] = {
    "period_end": "at the end of a month, a quarter or the year",
    "shoulder": "at the edge of a freeze",
    "after_freeze": "the first window after a freeze",
    "holiday": "a holiday: few people are there",
    "": "an ordinary night",
}
#: Business days before and after a freeze that are its shoulders.
SHOULDER_DAYS = 2
#: So far around a night the calendar is read.
AROUND = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the calendar holds around a night, and when the window before it opened."""

    spans: tuple[Span, ...] = ()
    holidays: frozenset[date] = frozenset()
    previous_at: datetime | None = None

    def near(
        self, starts_at: datetime, ends_at: datetime, zone: ZoneInfo, works: Collection[Work]
    ) -> Near:
        """The heaviest of what the night is near to, by the spans that are for any of `works`."""
        touching = (span for span in self.spans if any(map(span.rule.scope.touches, works)))
        return near(starts_at, ends_at, zone, touching, self.holidays, self.previous_at)


def near(
    starts_at: datetime,
    ends_at: datetime,
    zone: ZoneInfo,
    spans: Iterable[Span],
    holidays: Collection[date],
    previous_at: datetime | None = None,
) -> Near:
    """The heaviest of what a night is near to.

    `spans` are those of the calendar around it that are for what it carries, `previous_at` when
    the window before it opened. `zone` is where its days are counted.
    """
    first, last = (moment.astimezone(zone).date() for moment in (starts_at, ends_at))
    known = list(spans)
    at_end = any(s.rule.kind in PERIOD_ENDS and s.overlaps(starts_at, ends_at) for s in known)
    if at_end or any(is_near_month_end(day, holidays) for day in (first, last)):
        return "period_end"
    freezes = [span for span in known if span.rule.kind in FREEZES]
    for freeze in freezes:
        begins = freeze.starts_at.astimezone(zone).date()
        ends = (freeze.ends_at - timedelta.resolution).astimezone(zone).date()
        before = shifted(begins, -SHOULDER_DAYS, holidays)
        if before <= last and first <= shifted(ends, SHOULDER_DAYS, holidays):
            return "shoulder"
    for freeze in freezes:
        if freeze.ends_at <= starts_at and (previous_at is None or previous_at < freeze.ends_at):
            return "after_freeze"
    nights = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return "holiday" if any(day in holidays for day in nights) else ""
