"""What spans the rules of the calendar make, as tables of UTC times."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.windows.domain.calendar import (
    Calendar,
    Period,
    Rule,
    Scope,
    Span,
    Work,
    is_inside_freeze,
    period_of,
)

AMS = "Europe/Amsterdam"
#: Christmas, and the day after New Year's Eve.
HOLIDAYS = Rule(
    "NL", "Dutch holidays", "holiday", "advisory", AMS,
    recurrence="FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25,26",
    periods=(Period(date(2027, 1, 1), date(2027, 1, 1)),),
)  # fmt: skip


def rule(recurrence: str = "", *periods: str, **more: Any) -> Rule:
    told = {"zone": AMS, **more}
    return Rule(
        "R", "A rule", recurrence=recurrence, periods=tuple(map(period_of, periods)), **told
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(spans: tuple[Span, ...]) -> list[str]:
    return [f"{s.starts_at:%Y-%m-%d %H:%M}/{s.ends_at:%Y-%m-%d %H:%M}" for s in spans]


@pytest.mark.parametrize(
    ("one", "since", "until", "expected"),
    [
        # days that follow each other are one span; the year ends inside it
        (
            rule("FREQ=YEARLY;BYYEARDAY=-14,-13,-12,-11,-10,-9,-8,-7,-6,-5,-4,-3,-2,-1,1,2,3"),
            "2026-12-25", "2026-12-26", ["2026-12-17 23:00/2027-01-03 23:00"],
        ),
        (rule("", "2026-12-18/2027-01-04"), "2027-01-04", "2027-01-05",
         ["2026-12-17 23:00/2027-01-04 23:00"]),
        # the last business day of a month and two business days around it, over the clock change
        (
            rule("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", before=2, after=2),
            "2026-10-26", "2026-11-20", ["2026-10-27 23:00/2026-11-03 23:00"],
        ),
        (
            rule("FREQ=MONTHLY;BYMONTHDAY=-1", before=2, after=2),
            "2026-03-25", "2026-04-10", ["2026-03-26 23:00/2026-04-02 22:00"],
        ),
        # 29 February
        (rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"), "2027-01-01", "2027-12-31", []),
        (rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"), "2028-01-01", "2028-12-31",
         ["2028-02-28 23:00/2028-02-29 23:00"]),
        (rule("FREQ=MONTHLY;BYMONTHDAY=-1", before=1), "2028-02-25", "2028-03-02",
         ["2028-02-27 23:00/2028-02-29 23:00"]),
        # payday, on the business day before where it is none
        (rule("FREQ=MONTHLY;BYMONTHDAY=25", roll="before"), "2026-10-20", "2026-10-30",
         ["2026-10-22 22:00/2026-10-23 22:00"]),
        (rule("FREQ=MONTHLY;BYMONTHDAY=25", roll="after"), "2026-10-20", "2026-10-30",
         ["2026-10-25 23:00/2026-10-26 23:00"]),
        # every other Friday, counted from the first one
        (rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", first_day=date(2026, 11, 6)),
         "2026-11-10", "2026-12-01", ["2026-11-19 23:00/2026-11-20 23:00"]),
        # only from its first to its last day
        (rule("MO", first_day=date(2026, 11, 10), last_day=date(2026, 11, 20)),
         "2026-11-01", "2026-12-01", ["2026-11-15 23:00/2026-11-16 23:00"]),
        # a time of day: each day is its own span, and may reach into the next
        (rule("FR,SA", starts=time(22), ends=time(4)), "2026-11-20 12:00", "2026-11-22",
         ["2026-11-20 21:00/2026-11-21 03:00", "2026-11-21 21:00/2026-11-22 03:00"]),
        (rule("", "2026-12-24/2026-12-27", starts=time(16), ends=time(6)), "2026-12-01",
         "2026-12-31", ["2026-12-24 15:00/2026-12-27 05:00"]),
        # the day on which the clocks go forward has 23 hours, the other one 25
        (rule("", "2026-03-29"), "2026-03-29", "2026-03-30",
         ["2026-03-28 23:00/2026-03-29 22:00"]),
        (rule("", "2026-10-25"), "2026-10-25", "2026-10-26",
         ["2026-10-24 22:00/2026-10-25 23:00"]),
        # times in the gap and in the overlap
        (rule("", "2026-03-29", starts=time(2, 30), ends=time(5)), "2026-03-29", "2026-03-30",
         ["2026-03-29 01:30/2026-03-29 03:00"]),
        (rule("", "2026-10-25", starts=time(1), ends=time(2, 30)), "2026-10-25", "2026-10-26",
         ["2026-10-24 23:00/2026-10-25 01:30"]),
        (rule("", "2026-10-25", starts=time(2, 30), ends=time(5)), "2026-10-25", "2026-10-26",
         ["2026-10-25 00:30/2026-10-25 04:00"]),
        # the day begins at one o'clock where midnight is skipped
        (rule("", "2026-04-24", zone="Africa/Cairo"), "2026-04-24", "2026-04-25",
         ["2026-04-23 22:00/2026-04-24 21:00"]),
        # zones with odd offsets, one of which changes by half an hour
        (rule("", "2026-11-22", zone="Asia/Kolkata"), "2026-11-22", "2026-11-23",
         ["2026-11-21 18:30/2026-11-22 18:30"]),
        (rule("", "2026-10-04", zone="Australia/Lord_Howe"), "2026-10-04", "2026-10-05",
         ["2026-10-03 13:30/2026-10-04 13:00"]),
        (rule("", "2026-04-05", zone="Australia/Lord_Howe", starts=time(1), ends=time(1, 45)),
         "2026-04-04", "2026-04-06", ["2026-04-04 14:00/2026-04-04 15:15"]),
        (rule("", "2026-11-22", zone="Pacific/Kiritimati"), "2026-11-21", "2026-11-23",
         ["2026-11-21 10:00/2026-11-22 10:00"]),
    ],
)  # fmt: skip
def test_a_rule_makes_spans(one: Rule, since: str, until: str, expected: list[str]) -> None:
    assert told(Calendar((one,)).spans(utc(since), utc(until))) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        # 25 December 2026 is a Friday
        (rule("", "2026-12-24", after=1), ["2026-12-23 23:00/2026-12-28 23:00"]),
        (rule("", "2026-12-28", before=1), ["2026-12-23 23:00/2026-12-28 23:00"]),
        (rule("FREQ=MONTHLY;BYMONTHDAY=25", roll="before"), ["2026-12-23 23:00/2026-12-24 23:00"]),
    ],
)
def test_holidays_are_no_business_days(one: Rule, expected: list[str]) -> None:
    spans = Calendar((HOLIDAYS, one)).spans(utc("2026-12-20"), utc("2026-12-30"))
    assert told(tuple(s for s in spans if s.rule is one)) == expected


def test_the_holidays_of_another_site_count_there_only() -> None:
    indian = rule("", "2026-12-23", kind="holiday", scope=Scope(site="BLR"))
    dutch = rule("", "2026-12-24", before=1, scope=Scope(site="AMS"))
    both = Calendar((indian, HOLIDAYS, dutch))
    assert told(both.spans(utc("2026-12-24 06:00"), utc("2026-12-24 07:00"))) == [
        "2026-12-22 23:00/2026-12-24 23:00"
    ]
    assert both.holidays("BLR", date(2026, 12, 1), date(2026, 12, 31)) == {
        date(2026, 12, 23), date(2026, 12, 25), date(2026, 12, 26),
    }  # fmt: skip


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1)),  # noqa: DTZ001 - a zone is added
    st.integers(1, 60),
    st.sampled_from([AMS, "Asia/Kolkata", "Australia/Lord_Howe", "America/New_York"]),
)
def test_a_span_is_the_same_whatever_was_asked(start: datetime, days: int, zone: str) -> None:
    calendar = Calendar((rule("FREQ=MONTHLY;BYMONTHDAY=-1", before=2, after=2, zone=zone),))
    since = start.replace(tzinfo=UTC)
    for span in calendar.spans(since, since + timedelta(days=days)):
        assert span.starts_at < span.ends_at
        assert calendar.spans(span.starts_at, span.starts_at) == (span,)


@pytest.mark.parametrize(
    ("scope", "work", "touched"),
    [
        (Scope(), Work(), True),
        (Scope(site="AMS"), Work(site="AMS"), True),
        (Scope(site="AMS"), Work(site="BLR"), False),
        (Scope(site="AMS"), Work(), True),
        (Scope(applications=frozenset({"CARD"})), Work(applications=frozenset({"CARD"})), True),
        (Scope(applications=frozenset({"CARD"})), Work(applications=frozenset({"AUTH"})), False),
        # a window that holds nothing yet is touched by what is for all only
        (Scope(applications=frozenset({"CARD"})), Work(site="AMS"), False),
        # a service that nothing supports is no rule for everybody
        (Scope(services=frozenset({"ATM"})), Work(applications=frozenset({"CARD"})), False),
        (Scope(families=frozenset({"db2"})), Work(families=frozenset({"db2", "jcl"})), True),
        (Scope(families=frozenset({"db2"})), Work(families=frozenset({"jcl"})), False),
    ],
)
def test_a_rule_is_for_its_scope(scope: Scope, work: Work, touched: bool) -> None:
    assert scope.touches(work) is touched


@pytest.mark.parametrize(
    ("more", "work", "inside"),
    [
        ({}, Work(), True),
        ({"strength": "approval"}, Work(), True),
        ({"strength": "advisory"}, Work(), False),
        ({"kind": "blackout"}, Work(), True),
        ({"kind": "month_end"}, Work(), False),
        ({"allows": frozenset({"security"})}, Work(kinds=frozenset({"security"})), False),
        ({"allows": frozenset({"security"})}, Work(kinds=frozenset({"standard"})), True),
    ],
)
def test_work_is_inside_a_freeze_that_holds_for_it(
    more: dict[str, Any], work: Work, inside: bool
) -> None:
    spans = Calendar((rule("", "2026-12-24", **more),)).spans(utc("2026-12-01"), utc("2026-12-31"))
    assert is_inside_freeze(spans, work, utc("2026-12-24"), utc("2026-12-25")) is inside


def test_a_span_does_not_meet_what_begins_when_it_ends() -> None:
    (span,) = Calendar((rule("", "2026-12-24"),)).spans(utc("2026-12-24"), utc("2026-12-24"))
    assert not span.overlaps(span.ends_at, span.ends_at + timedelta(hours=1))
    assert not span.overlaps(span.starts_at - timedelta(hours=1), span.starts_at)
    assert span.overlaps(span.starts_at, span.starts_at)


@pytest.mark.parametrize("text", ["", "soon", "2026-02-29", "2026-12-24/", "2026-12-24/2026-12-01",
                                  "2026-01-01/2027-06-01"])  # fmt: skip
def test_a_period_that_is_none_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"no day and no period|ends before it begins"):
        period_of(text)
