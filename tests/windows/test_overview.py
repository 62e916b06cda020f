"""Days and lines of the calendar's pages. No database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.windows.domain.calendar import Rule, Span
from apps.windows.domain.overview import (
    hatch_of,
    hatch_of_day,
    midnight,
    month_of,
    quarter_of,
    rules_of_days,
    stretch,
    weeks_of,
)

AMSTERDAM = "Europe/Amsterdam"


def test_a_month_has_whole_weeks_and_neighbours_over_the_year() -> None:
    page = month_of(date(2026, 12, 24))
    weeks = weeks_of(page)
    assert (page.title, page.earlier, page.later) == (
        "December 2026", date(2026, 11, 1), date(2027, 1, 1),
    )  # fmt: skip
    assert (weeks[0][0], weeks[-1][-1]) == (date(2026, 11, 30), date(2027, 1, 3))
    assert {len(week) for week in weeks} == {7}


def test_february_of_a_leap_year() -> None:
    assert month_of(date(2028, 2, 29)).last == date(2028, 2, 29)


@pytest.mark.parametrize(("month", "first"), [(1, 1), (3, 1), (6, 4), (12, 10)])
def test_a_quarter_begins_with_its_first_month(month: int, first: int) -> None:
    page = quarter_of(date(2026, month, 9))
    assert page.first == date(2026, first, 1)
    assert (page.last - page.first).days in range(89, 92)


def test_a_span_is_on_the_days_of_the_reader_s_zone() -> None:
    span = Span(
        Rule("F"), midnight(date(2026, 11, 27), AMSTERDAM), midnight(date(2026, 12, 1), AMSTERDAM)
    )
    days = [date(2026, 11, 26) + timedelta(days=n) for n in range(6)]
    found = rules_of_days([span], days, AMSTERDAM)
    assert [day.day for day in days if found[day]] == [27, 28, 29, 30]
    # Its name stands where it begins, and again where a week does.
    assert [day.day for day in days if any(r.is_first for r in found[day])] == [27, 30]


@pytest.mark.parametrize(
    ("kind", "strength", "hatch"),
    [
        ("freeze", "hard", "hard"),
        ("freeze", "approval", "soft"),
        ("month_end", "advisory", "soft"),
        ("holiday", "advisory", ""),
    ],
)
def test_how_a_rule_is_hatched(kind: str, strength: str, hatch: str) -> None:
    assert hatch_of(Rule("R", kind=kind, strength=strength)) == hatch  # type: ignore[arg-type]


def test_the_harder_rule_hatches_the_day() -> None:
    at = datetime(2026, 11, 27, tzinfo=UTC)
    spans = [
        Span(Rule(s, strength=s), at, at + timedelta(days=1))  # type: ignore[arg-type]
        for s in ("approval", "hard")
    ]
    assert hatch_of_day(rules_of_days(spans, [at.date()], "UTC")[at.date()]) == "hard"


def test_what_reaches_over_a_line_is_cut() -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    until = since + timedelta(days=10)
    line = stretch(since, until, since - timedelta(days=5), since + timedelta(days=1))
    assert (line.x, line.width) == (0, 10)
