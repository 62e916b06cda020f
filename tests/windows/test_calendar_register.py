"""The register of calendar rules: what it refuses, and what comes out of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.inventory.services import registers
from apps.inventory.services.relations import relate_asset
from apps.windows.models import CalendarRule
from apps.windows.selectors import spans_between
from apps.windows.services import calendar
from tests.inventory.factories import keeper, make_application, make_asset
from tests.support import commit_now, refused, refused_by_database
from tests.windows.worlds import BEFORE, OPENS, Planners, draft_window, make_rule, planners

pytestmark = pytest.mark.django_db
NIGHT = (OPENS, OPENS + timedelta(hours=8))
LIST = "/admin/windows/calendarrule/"


@pytest.fixture
def people() -> Planners:
    return planners()


def test_a_rule_is_entered_with_its_entry_and_takes_the_zone_of_its_site(people: Planners) -> None:
    rule = make_rule("FRZ", people)
    commit_now()
    assert rule.zone == "Europe/Amsterdam"
    assert EvidenceEntry.objects.filter(subject=rule.subject, seq=1).count() == 1
    (span,) = spans_between(*NIGHT)
    assert span.rule.told == "Autumn freeze (FRZ)"
    assert span.starts_at == datetime(2026, 11, 18, 23, 0, tzinfo=UTC)
    assert span.ends_at == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "field", "text"),
    [
        ({"dates": []}, "recurrence", "Enter a recurrence or dates"),
        ({"dates": ["soon"]}, "dates", "Enter 2026-12-24, or"),
        ({"dates": ["2026-12-24/2026-12-20"]}, "dates", "ends before it begins"),
        ({"recurrence": "FREQ=HOURLY"}, "recurrence", "Enter weekdays"),
        ({"recurrence": "FREQ=DAILY"}, "recurrence", "Enter its last day"),
        ({"recurrence": "FREQ=WEEKLY;BYDAY=FR;COUNT=3"}, "recurrence", "last day in its own"),
        ({"recurrence": "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"}, "recurrence", "Enter the first day"),
        (
            {"recurrence": "FR", "first_day": date(2026, 12, 1), "last_day": date(2026, 11, 1)},
            "", "last day is before",
        ),
        ({"kind": "holiday", "before_days": 1}, "kind", "not moved"),
        ({"kind": "holiday", "families": ["db2"]}, "kind", "Leave its scope empty"),
        ({"kind": "holiday", "recurrence": "MO,TU"}, "recurrence", "more than 60 holidays"),
        ({"before_days": 21}, "before_days", "20"),
        ({"site": None}, "zone", "Enter one"),
        ({"zone": "Mars/Base"}, "zone", "Mars/Base"),
        ({"applications": ["NOPE"]}, "applications", "no application NOPE"),
        ({"services": ["SVC:NOPE"]}, "services", "no business service SVC:NOPE"),
        ({"families": ["cobol"]}, "families", "cobol"),
        ({"allows": ["everything"]}, "allows", "everything"),
        ({"reason": ""}, "reason", "blank"),
        ({"kind": "party"}, "kind", "party"),
    ],
)  # fmt: skip
def test_a_bad_field_is_named_with_its_remedy(
    people: Planners, values: dict[str, Any], field: str, text: str
) -> None:
    with refused() as caught:
        make_rule("FRZ", people, **values)
    found = [b for b in caught.value.blockers if b.field == field]  # type: ignore[attr-defined]
    assert any(text in b.text for b in found), caught.value


def test_only_managers_keep_the_calendar(people: Planners) -> None:
    rule = make_rule("FRZ", people)
    for who in ("release_coordinator", "stranger"):
        with refused("role_missing"):
            calendar.edit_rule(pk=rule.pk, actor=people.actors[who], values={"is_active": False})


def test_no_side_door_changes_a_rule(people: Planners) -> None:
    rule = make_rule("FRZ", people)
    commit_now()
    with refused_by_database():
        CalendarRule.objects.filter(pk=rule.pk).update(strength="advisory")


def test_a_rule_that_is_not_in_force_makes_no_span(people: Planners) -> None:
    rule = make_rule("FRZ", people)
    calendar.edit_rule(
        pk=rule.pk, actor=people.actors["release_manager"], values={"is_active": False}
    )
    assert spans_between(*NIGHT) == ()


def test_a_rule_about_a_service_is_for_what_supports_it(people: Planners) -> None:
    by = keeper()
    card = make_application("CARD", by=by)
    registers.create_business_service(
        actor=by,
        values={"code": "SVC:ATM", "name": "Cash", "tier": "tier0", "owner": people.manager},
    )
    service = make_asset("SVC:ATM", "business_service", by=by)
    program = make_asset("ATMPGM", "program_cics", by=by, application=card)
    relate_asset(pk=program.pk, actor=by, kind="supports", target=service.pk, key="")
    make_rule("FRZ", people, services=["SVC:ATM"])
    (span,) = spans_between(*NIGHT)
    assert span.rule.scope.applications == {"CARD"}


@pytest.mark.parametrize("count", [1, 3])
def test_the_spans_cost_the_same_for_every_number_of_rules(
    people: Planners, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        make_rule(f"FRZ{number}", people, applications=[])
    with django_assert_num_queries(1):
        assert len(spans_between(*NIGHT)) == count


def test_the_scope_of_a_window_locks_five_business_days_before_it(people: Planners) -> None:
    make_rule("NL", people, kind="holiday", strength="advisory", dates=["2026-11-16"])
    window = draft_window(people)
    # Saturday: Friday to Tuesday are four business days, Monday is none, the fifth is a Friday.
    assert window.scope_lock_at == datetime(2026, 11, 13, 21, 0, tzinfo=UTC)


def test_a_manager_enters_a_rule_on_its_page_and_sees_what_comes(people: Planners) -> None:
    client = Client()
    client.force_login(people.manager)
    assert client.get(f"{LIST}add/").status_code == 200
    entered = {
        "code": "ME", "name": "Month end", "kind": "month_end", "strength": "advisory",
        "reason": "The books close.", "is_active": "on", "site": str(people.site.pk), "zone": "",
        "recurrence": "FREQ=MONTHLY;BYMONTHDAY=-1", "dates": "", "roll": "before",
        "before_days": 2, "after_days": 2, "allows": "emergency, standard", "applications": "",
        "services": "", "families": "",
    }  # fmt: skip
    with clock.at(BEFORE):
        response = client.post(f"{LIST}add/", entered)
        assert response.status_code == 302, response.content.decode()[-2000:]
        rule = CalendarRule.objects.get(code="ME")
        assert rule.allows == ["emergency", "standard"]
        page = client.get(f"{LIST}{rule.pk}/change/").content.decode()
    assert "Thu 26 Nov 00:00" in page
    assert "Thu 3 Dec 00:00" in page
