"""What a month and a quarter of the calendar show: days, and where things lie on a line of days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from apps.windows.domain.calendar import PERIOD_ENDS, Rule, Span

Hatch = Literal["", "hard", "soft"]
_DAY = timedelta(days=1)
YEARS = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class Page:
    """The days of a month or a quarter, `first` to `last`, and its neighbours by first day."""

    title: str
    first: date
    last: date
    earlier: date
    later: date

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """From the first midnight to before the last one, in UTC; of a month, of its weeks."""
        return midnight(self.first, zone), midnight(self.last + _DAY, zone)


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def month_of(day: date) -> Page:
    return _page(day.replace(day=1), 1, f"{day:%B %Y}")


def quarter_of(day: date) -> Page:
    first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return _page(first, 3, f"Quarter {(first.month - 1) // 3 + 1} of {first.year}")


def _page(first: date, months: int, title: str) -> Page:
    later = _months_on(first, months)
    return Page(title, first, later - _DAY, _months_on(first, -months), later)


def _months_on(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return first.replace(year=first.year + years, month=month + 1)


def weeks_of(page: Page) -> list[list[date]]:
    """Whole weeks from Monday on that hold the page's days."""
    begin = page.first - page.first.weekday() * _DAY
    count = ((page.last - begin).days // 7 + 1) * 7
    days = [begin + n * _DAY for n in range(count)]
    return [days[n : n + 7] for n in range(0, count, 7)]


def hatch_of(rule: Rule) -> Hatch:
    """How strongly a day is hatched: hard blocks, soft asks for signatures; what is only told,
    such as a holiday, is not."""
    if rule.strength == "hard":
        return "hard"
    return "soft" if rule.strength == "approval" or rule.kind in PERIOD_ENDS else ""


@dataclass(frozen=True, slots=True)
class DayRule:
    """A rule on one day; `is_first` where its span begins, or the week does."""

    span: Span
    is_first: bool


def rules_of_days(
    spans: Iterable[Span], days: Iterable[date], zone: str
) -> dict[date, list[DayRule]]:
    """The rules that hold on each day, as the clocks in `zone` count days."""
    found: dict[date, list[DayRule]] = {}
    there = ZoneInfo(zone)
    lasting = [
        (span, span.starts_at.astimezone(there).date(),
         (span.ends_at.astimezone(there) - timedelta.resolution).date())
        for span in spans
    ]  # fmt: skip
    for day in days:
        found[day] = [
            DayRule(span, day in (first, day - day.weekday() * _DAY))
            for span, first, last in lasting
            if first <= day <= last
        ]
    return found


def hatch_of_day(rules: Iterable[DayRule]) -> Hatch:
    found = {hatch_of(rule.span.rule) for rule in rules}
    return "hard" if "hard" in found else "soft" if "soft" in found else ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a time lies on a line, in percent of it."""

    x: float
    width: float


def stretch(since: datetime, until: datetime, begins: datetime, ends: datetime) -> Stretch:
    """Where the time from `begins` to `ends`, cut to the line, lies on it."""
    whole = (until - since) / timedelta(minutes=1)
    first, last = max(begins, since), min(ends, until)
    return Stretch(
        round((first - since) / timedelta(minutes=1) / whole * 100, 3),
        round(max((last - first) / timedelta(minutes=1), 0) / whole * 100, 3),
    )
