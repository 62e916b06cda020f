"""The smaller worlds that journeys begin in."""

from __future__ import annotations

import pytest

from apps.accounts.models import User
from apps.approvals.models import Approval, Decision
from apps.approvals.selectors import obligations_about, waiting_for
from apps.changes.models import ChangeRequest
from apps.inventory.models import Asset, AssetRelation
from apps.portal.demo.stage import ZONE, moment
from apps.windows.selectors import spans_between
from tests.factories import actor
from tests.scenarios import (
    NIGHT_AT,
    a_change_ready_to_approve,
    a_change_with_conditions,
    carddemo_inventory,
    the_calendar,
)
from tests.support import commit_now

pytestmark = pytest.mark.django_db


def test_the_inventory_of_the_sample_application_is_whole() -> None:
    carddemo_inventory()
    commit_now()
    assert Asset.objects.count() == 539
    assert AssetRelation.objects.count() == 1255


def test_the_calendar_tells_what_is_ahead_of_the_night() -> None:
    the_calendar()
    commit_now()
    spans = spans_between(NIGHT_AT, moment("2027-01-01 12:00"))
    ahead = [(span.rule.code, f"{span.starts_at.astimezone(ZONE):%m-%d}") for span in spans]
    assert ahead == [
        ("PAYDAY", "11-25"), ("MONTH-END", "11-26"), ("YEAR-END", "12-14"), ("PAYDAY", "12-24"),
        ("NL-HOLIDAYS", "12-25"), ("MONTH-END", "12-29"), ("NL-HOLIDAYS", "01-01"),
    ]  # fmt: skip


def test_the_calendar_stops_nothing_of_the_night() -> None:
    the_calendar()
    opens, closes = moment("2026-11-21 22:00"), moment("2026-11-22 06:00")
    assert spans_between(opens, closes) == ()


def test_a_change_waits_for_two_signatures() -> None:
    change = a_change_ready_to_approve()
    commit_now()
    waiting = Approval.objects.filter(about=change.subject, state="requested")
    assert change.state == "assessing"
    assert sorted(waiting.values_list("slot", flat=True)) == ["board", "technical_lead:db2"]


def test_a_change_is_approved_by_a_deputy_under_conditions() -> None:
    change = a_change_with_conditions()
    commit_now()
    assert change.state == "approved"
    said = Decision.objects.filter(approval__about=change.subject).order_by("decided_at")
    assert [(d.by.username, d.verdict) for d in said] == [
        ("owner.auth", "recuse"), ("release.deputy", "approve"), ("service.owner", "approve"),
        ("owner.card", "approve_with_conditions"), ("lead.cics", "approve"),
    ]  # fmt: skip
    for_whom = said[3].on_behalf_of
    assert for_whom is not None
    assert for_whom.username == "service.owner"
    conditions = obligations_about(change.subject)
    assert [condition.state for condition in conditions] == ["open", "met"]
    assert {condition.owner.username for condition in conditions} == {"dev.auth2"}


def test_two_changes_wait_for_one_owner_and_may_be_approved_together() -> None:
    a_change_with_conditions()
    waiting = waiting_for(actor(User.objects.get(username="owner.card")))
    changes = ChangeRequest.objects.filter(pk__in=[slot.about.split(":")[1] for slot in waiting])
    assert sorted(changes.values_list("code", "risk_band")) == [
        ("CHG0544", "low"), ("CHG0545", "medium"),
    ]  # fmt: skip
