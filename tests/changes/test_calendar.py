"""What the calendar does to a change: its freezes ask for more, and some nights are riskier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from apps.approvals.models import Approval
from apps.changes.domain.risk_score import TIMING
from apps.changes.models import ApprovalPolicy, ChangeRequest, RiskAssessment
from apps.changes.selectors import expected_night, goes_into_freeze, works_of
from apps.changes.services import policies
from apps.core import clock
from apps.windows.domain.calendar import Calendar, Rule, Scope, Work, period_of
from apps.windows.domain.near import Surroundings, near
from tests.changes.worlds import Bank, draft, small_bank, submitted
from tests.factories import actor, make_user
from tests.windows.worlds import BEFORE, OPENS, Planners, draft_window, make_rule, planners

AMS = ZoneInfo("Europe/Amsterdam")


def dated(kind: str, *periods: str, **more: Any) -> Rule:
    return Rule("R", "R", kind, zone=AMS.key, periods=tuple(map(period_of, periods)), **more)


@pytest.mark.parametrize(
    ("rules", "previous", "share"),
    [
        # The night is Saturday 21 November 2026, 22:00 to 06:00.
        ((), None, 0.0),
        ((dated("month_end", "2026-11-22"),), None, 1.0),
        ((dated("quarter_end", "2026-11-20/2026-11-21"),), None, 1.0),
        ((dated("quarter_end", "2026-11-20"),), None, 0.0),
        ((dated("freeze", "2026-11-21"),), None, 0.6),
        ((dated("freeze", "2026-11-24/2026-11-30"),), None, 0.6),
        ((dated("freeze", "2026-11-25/2026-11-30"),), None, 0.0),
        ((dated("blackout", "2026-11-10/2026-11-19"),), None, 0.6),
        ((dated("freeze", "2026-11-10/2026-11-18"),), datetime(2026, 11, 14, tzinfo=UTC), 0.5),
        ((dated("freeze", "2026-11-10/2026-11-18"),), datetime(2026, 11, 19, tzinfo=UTC), 0.0),
        ((dated("payday", "2026-11-21"),), None, 0.0),
        ((dated("holiday", "2026-11-22"),), None, 0.3),
        ((dated("holiday", "2026-11-22"), dated("month_end", "2026-11-22")), None, 1.0),
    ],
)
def test_some_nights_are_riskier(
    rules: tuple[Rule, ...], previous: datetime | None, share: float
) -> None:
    calendar, closes = Calendar(rules), OPENS + timedelta(hours=8)
    around = timedelta(days=31)
    spans = calendar.spans(OPENS - around, closes + around)
    holidays = calendar.holidays("AMS", date(2026, 10, 1), date(2026, 12, 31))
    found = Surroundings(spans, holidays, previous).near(OPENS, closes, AMS, [Work("AMS")])
    assert TIMING[found][0] == share


def test_the_end_of_a_month_needs_no_rule() -> None:
    night = datetime(2026, 11, 28, 21, tzinfo=UTC)
    assert near(night, night + timedelta(hours=8), AMS, (), ()) == "period_end"


def test_a_holiday_moves_the_end_of_a_month_and_others_freezes_do_not_count() -> None:
    """Tuesday 5 January lies within two business days only because New Year's Day is none."""
    night = datetime(2027, 1, 5, 21, tzinfo=UTC)
    until = night + timedelta(hours=2)
    freeze = dated("freeze", "2027-01-06", scope=Scope(families=frozenset({"ims"})))
    spans = Calendar((freeze,)).spans(night - timedelta(days=5), until + timedelta(days=5))
    for holidays, families, told in (
        (frozenset({date(2027, 1, 1)}), {"jcl"}, "period_end"),
        (frozenset[date](), {"jcl"}, ""),
        (frozenset[date](), {"ims"}, "shoulder"),
    ):
        works = [Work("AMS", families=frozenset(families))]
        assert Surroundings(spans, holidays).near(night, until, AMS, works) == told


@pytest.fixture
def bank(db: None) -> Iterator[Bank]:
    with clock.at(BEFORE):
        yield small_bank()


@pytest.fixture
def people(bank: Bank) -> Planners:
    return planners()


def test_the_night_of_a_change_is_the_next_window_from_its_first_day_on(
    bank: Bank, people: Planners
) -> None:
    draft_window(people)
    night = expected_night(draft(bank))
    assert (night.starts_at, night.site) == (OPENS, "AMS")
    assert expected_night(draft(bank, earliest_on="2026-11-10")).starts_at == OPENS
    later = expected_night(draft(bank, earliest_on="2026-11-25"))
    assert later.starts_at == datetime(2026, 11, 24, 23, tzinfo=UTC)
    assert later.ends_at == datetime(2026, 11, 25, 23, tzinfo=UTC)
    sooner = expected_night(draft(bank, latest_on="2026-11-10"))
    assert sooner.ends_at == datetime(2026, 11, 10, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "inside"),
    [
        ({}, True),
        ({"strength": "approval"}, True),
        ({"strength": "advisory"}, False),
        ({"kind": "payday"}, False),
        ({"applications": ["CARD"]}, True),
        ({"families": ["source"]}, True),
        ({"families": ["db2"]}, False),
        ({"allows": ["security"]}, False),
        ({"allows": ["standard"]}, True),
        ({"dates": ["2026-11-24"]}, False),
    ],
)
def test_a_change_goes_into_a_freeze_that_holds_for_it(
    bank: Bank, people: Planners, more: dict[str, Any], inside: bool
) -> None:
    draft_window(people)
    make_rule("FRZ", people, **more)
    assert goes_into_freeze(draft(bank, category="security")) is inside


def test_the_calendar_sees_a_stored_change_as_it_sees_the_change(bank: Bank) -> None:
    change = draft(bank, category="security")
    assert works_of([change.pk], "AMS") == {
        change.pk: Work("AMS", frozenset({"CARD"}), frozenset({"source"}), frozenset({"security"}))
    }


def add_freeze_rule(bank: Bank) -> None:
    make_user("lead.security", "technical_lead@family:security")
    make_user("service", "service_owner@application:CARD")
    policy = ApprovalPolicy.objects.get(is_active=True)
    rows = [
        {k: v for k, v in rule.governed_values().items() if k not in ("id", "policy")}
        for rule in policy.rules.all()
    ]
    rows.append(
        {
            "code": "F1", "reason": "It goes into a freeze.", "slot": "freeze",
            "label": "Change manager in a freeze", "eligible": ["change_manager"],
            "in_freeze": True,
        }
    )  # fmt: skip
    policies.edit_policy(pk=policy.pk, actor=actor(bank.manager), values={}, parts={"rules": rows})


def slots(change: ChangeRequest) -> set[str]:
    return set(Approval.objects.filter(about=change.subject).values_list("slot", flat=True))


def test_a_freeze_asks_for_the_signatures_that_the_policy_wants_then(
    bank: Bank, people: Planners
) -> None:
    make_user("chair", "cab_chair")
    add_freeze_rule(bank)
    draft_window(people)
    assert "freeze" not in slots(submitted(bank))
    make_rule("FRZ", people, strength="approval")
    assert "freeze" in slots(submitted(bank))


def test_a_night_at_the_edge_of_a_freeze_is_told_with_its_points(
    bank: Bank, people: Planners
) -> None:
    draft_window(people)
    make_rule("FRZ", people)
    found = RiskAssessment.objects.get(about=submitted(bank).subject)
    term = next(term for term in found.terms if term["code"] == "timing")
    assert term["points"] == pytest.approx(6)
    assert term["sentence"] == "Its night lies at the edge of a freeze."
