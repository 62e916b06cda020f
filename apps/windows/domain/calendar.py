"""The calendar: rules that tell when production may change, and the spans that they make.

A rule names days by a recurrence, by periods, or by both. Everything about days happens in its one
zone and every span comes out in UTC, so nobody's clock but the rule's own moves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from apps.core.recurrence import days_from
from apps.windows.domain.business_days import is_business_day, shifted

Strength = Literal["hard", "approval", "advisory"]
Roll = Literal["stay", "before", "after"]

KINDS: dict[str, str] = {
    "freeze": "Freeze",
    "blackout": "Blackout",
    "month_end": "Month end",
    "quarter_end": "Quarter end",
    "year_end": "Year end",
    "payday": "Payday",
    "holiday": "Holiday",
    "partner_freeze": "Freeze of a partner",
    "maintenance": "Maintenance",
}
STRENGTHS: dict[str, str] = {
    "hard": "Hard: blocks",
    "approval": "Needs approval: asks for more signatures",
    "advisory": "Advisory: is shown",
}
#: Kinds of work that a rule may let pass.
WORK_KINDS: dict[str, str] = {
    "emergency": "Emergency",
    "standard": "Standard",
    "security": "Security",
}
ROLLS: dict[str, str] = {
    "stay": "stays where it is",
    "before": "the business day before",
    "after": "the business day after",
}
#: Kinds inside which work is inside a freeze.
FREEZES = frozenset({"freeze", "blackout", "partner_freeze"})
#: Kinds of which a night near them counts as one of them.
PERIOD_ENDS = frozenset({"month_end", "quarter_end", "year_end"})
#: How long a span may be; days are read so far around what is asked, so that each is whole.
LONGEST = timedelta(days=366)
#: Business days that a rule may add at each end.
MOST_AROUND = 20
_AROUND = LONGEST + timedelta(days=60)
_DAY = timedelta(days=1)
_MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date


def period_of(text: str) -> Period:
    """ "2026-12-24" or, as ISO 8601 writes an interval, "2026-12-18/2027-01-04".

    Raises ValueError with a sentence.
    """
    first, slash, last = text.strip().partition("/")
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last if slash else first))
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no day and no period.") from None
    if not timedelta() <= period.last - period.first < LONGEST:
        raise ValueError(f"{text[:40]} ends before it begins, or lasts more than a year.")
    return period


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody wants to do to production: one change, or a window with nothing in it yet.

    `site` is empty where nobody knows it. `kinds` are those of `WORK_KINDS` that it is.
    """

    site: str = ""
    applications: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a rule is, by code; what is empty restricts nothing.

    `applications` are those named and those that support one of the named `services`.
    """

    site: str = ""
    applications: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()

    @property
    def is_for_all(self) -> bool:
        """Whether it holds for everything at its site."""
        return not (self.applications or self.services or self.families)

    def touches(self, work: Work) -> bool:
        """Work of an unknown site is taken to be at every site."""
        if self.site and work.site and self.site != work.site:
            return False
        if (self.applications or self.services) and self.applications.isdisjoint(work.applications):
            return False
        return not self.families or not self.families.isdisjoint(work.families)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `recurrence` is as `core.recurrence` reads it, empty for none, and holds from
    `first_day` to `last_day` where they are given.

    Days of a recurrence that follow each other are one span, unless there is a time of day: then
    each is its own, from `starts` of its first day to `ends` of its last, of the day after where
    that is not later. A day that is no business day is moved as `roll` says; then `before` and
    `after` business days are added.
    """

    code: str
    name: str = ""
    kind: str = "freeze"
    strength: Strength = "hard"
    zone: str = "UTC"
    recurrence: str = ""
    periods: tuple[Period, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    starts: time | None = None
    ends: time | None = None
    roll: Roll = "stay"
    before: int = 0
    after: int = 0
    allows: frozenset[str] = frozenset()
    scope: Scope = field(default_factory=Scope)
    reason: str = ""

    @property
    def told(self) -> str:
        return f"{self.name} ({self.code})"


@dataclass(frozen=True, slots=True)
class Span:
    """One time from `starts_at` to before `ends_at`, in UTC, in which a rule holds."""

    rule: Rule
    starts_at: datetime
    ends_at: datetime

    def overlaps(self, since: datetime, until: datetime) -> bool:
        """Whether it meets the time from `since` to before `until`, or the moment `since`."""
        return self.starts_at < max(until, since + timedelta.resolution) and since < self.ends_at

    def holds_for(self, work: Work) -> bool:
        """Whether the rule is for this work and does not let it pass."""
        return self.rule.scope.touches(work) and self.rule.allows.isdisjoint(work.kinds)


@dataclass(frozen=True, slots=True)
class Calendar:
    """All rules that are in force."""

    rules: tuple[Rule, ...] = ()

    def spans(self, since: datetime, until: datetime) -> tuple[Span, ...]:
        """Every span that meets the time from `since` to before `until`, the earliest first."""
        first, last = since.date() - _AROUND, until.date() + _AROUND
        holidays = {
            site: self.holidays(site, first, last)
            for site in {rule.scope.site for rule in self.rules}
        }
        found = (
            span
            for rule in self.rules
            for span in spans_of(rule, first, last, holidays[rule.scope.site])
        )
        return tuple(
            sorted(
                (span for span in found if span.overlaps(since, until)),
                key=lambda span: (span.starts_at, span.rule.code, span.ends_at),
            )
        )

    def holidays(self, site: str, first: date, last: date) -> frozenset[date]:
        """The holidays of a site; without one those that are everywhere."""
        return frozenset(
            period.first + timedelta(days=n)
            for rule in self.rules
            if rule.kind == "holiday" and rule.scope.is_for_all and rule.scope.site in ("", site)
            for period in _periods(rule, first, last, frozenset())
            for n in range((period.last - period.first).days + 1)
        )


def spans_of(
    rule: Rule, first: date, last: date, holidays: frozenset[date] = frozenset()
) -> Iterator[Span]:
    """The spans of a rule whose days lie between `first` and `last`."""
    zone = ZoneInfo(rule.zone)
    for period in _periods(rule, first, last, holidays):
        begins = shifted(period.first, -rule.before, holidays)
        finishes = shifted(period.last, rule.after, holidays)
        starts_at = _instant(begins, rule.starts or _MIDNIGHT, zone)
        if rule.ends is None:
            ends_at = _instant(finishes + _DAY, _MIDNIGHT, zone)
        else:
            ends_at = _latest(finishes, rule.ends, zone)
            if ends_at <= starts_at:
                ends_at = _latest(finishes + _DAY, rule.ends, zone)
        yield Span(rule, starts_at, ends_at)


def _periods(rule: Rule, first: date, last: date, holidays: frozenset[date]) -> Iterator[Period]:
    yield from (p for p in rule.periods if p.first <= last and p.last >= first)
    days = sorted({_rolled(day, rule.roll, holidays) for day in _days(rule, first, last)})
    together = rule.starts is None and rule.ends is None
    begin = previous = None
    for day in days:
        if previous is not None and together and day - previous == _DAY:
            previous = day
            continue
        if begin is not None and previous is not None:
            yield Period(begin, previous)
        begin = previous = day
    if begin is not None and previous is not None:
        yield Period(begin, previous)


def _days(rule: Rule, first: date, last: date) -> Iterator[date]:
    if not rule.recurrence:
        return
    since = max(first, rule.first_day or first)
    until = min(last, rule.last_day or last)
    for day in days_from(rule.recurrence, since, rule.first_day):
        if day > until:
            return
        yield day


def _rolled(day: date, roll: Roll, holidays: frozenset[date]) -> date:
    if roll == "stay" or is_business_day(day, holidays):
        return day
    return shifted(day, -1 if roll == "before" else 1, holidays)


def longest_run(rule: Rule, since: date) -> timedelta:
    """The longest row of days that the rule makes in the two years from `since` on."""
    periods = _periods(rule, since, since + 2 * LONGEST, frozenset())
    return max((p.last - p.first + _DAY for p in periods), default=timedelta())


def days_in_a_year(rule: Rule, since: date) -> int:
    """How many days the rule has in the year from `since` on."""
    periods = _periods(rule, since, since + LONGEST, frozenset())
    return sum((p.last - p.first).days + 1 for p in periods)


def _instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """A wall time that the clocks skip is taken by the offset before the gap, one that comes twice
    is the first (RFC 5545, 3.3.5)."""
    return datetime.combine(day, wall, zone).astimezone(UTC)


def _latest(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """An end that comes twice is the second, so that nothing of the span is lost."""
    return max(_instant(day, wall.replace(fold=fold), zone) for fold in (0, 1))


def holding(spans: Iterable[Span], work: Work, since: datetime, until: datetime) -> list[Span]:
    """Those of `spans` that hold for the work at that time."""
    return [span for span in spans if span.overlaps(since, until) and span.holds_for(work)]


def is_inside_freeze(spans: Iterable[Span], work: Work, since: datetime, until: datetime) -> bool:
    """Whether a freeze holds that blocks the work or asks for more signatures."""
    return any(
        span.rule.kind in FREEZES and span.rule.strength != "advisory"
        for span in holding(spans, work, since, until)
    )
