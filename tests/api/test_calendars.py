"""Subscribed calendars and calendar files over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.windows.models import CalendarFeed, CalendarRule, ReleaseWindow
from tests.portal.test_calendar_import import ICS
from tests.releases.worlds import Night

pytestmark = pytest.mark.django_db
FEEDS, FILES = "/api/v1/calendar-feeds/", "/api/v1/calendar-imports/"


def test_the_secret_of_a_feed_is_told_once_and_dies_when_it_is_revoked(
    night: Night, call_as: Any
) -> None:
    client = call_as(night.coordinator)
    asked = {"kind": "window", "window": night.window.code, "name": "my phone"}
    made = client.post(FEEDS, asked, format="json")
    assert made.status_code == 201, made.json()
    path = made.json()["address"].partition("/calendars/")[2]
    assert Client().get(f"/calendars/{path}").status_code == 200
    own = f"{FEEDS}{made.json()['id']}/"
    for told in (client.get(FEEDS), client.get(own), client.get(f"{own}history/")):
        assert path.removesuffix(".ics") not in told.content.decode()
    assert call_as(night.manager).get(own).status_code == 404
    assert call_as(night.manager).post(f"{own}moves/revoke/").status_code in (403, 404)
    assert client.post(f"{own}moves/revoke/").status_code == 200
    assert Client().get(f"/calendars/{path}").status_code == 404


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"kind": "team", "name": "x"}, None), ({"kind": "moon", "name": "x"}, "kind"),
     ({"kind": "person", "name": ""}, "name"),
     ({"kind": "person", "name": "x", "secret_sha256": "0"}, "secret_sha256")],
)  # fmt: skip
def test_what_no_feed_can_be_of_is_refused(
    night: Night, call_as: Any, asked: dict[str, str], field: str | None
) -> None:
    answer = call_as(night.coordinator).post(FEEDS, asked, format="json")
    assert answer.status_code == 400
    assert field in {each.get("field") for each in answer.json()["blockers"]}
    assert not CalendarFeed.objects.exists()


def test_a_calendar_file_is_checked_and_then_entered(night: Night, call_as: Any) -> None:
    client = call_as(night.manager)
    asked = {"format": "icalendar", "site": "AMS", "text": ICS}
    told = client.post(FILES, {**asked, "check_only": True}, format="json").json()
    assert [entry["what"] for entry in told["entries"]] == ["new"] * 3
    assert not (told["is_entered"] or CalendarRule.objects.exists())
    bad = ICS.replace("RRULE:FREQ=WEEKLY", "RRULE:FREQ=HOURLY")
    told = client.post(FILES, {**asked, "text": bad, "check_only": True}, format="json").json()
    assert told["problems"][0]["line"] == 12
    refused = client.post(FILES, {**asked, "text": bad}, format="json")
    assert refused.status_code == 400
    assert "Line 12" in refused.json()["blockers"][0]["text"]
    assert client.post(FILES, asked, format="json").json()["is_entered"]
    assert CalendarRule.objects.count() == 1
    assert ReleaseWindow.objects.filter(name="Recovery test", state="draft").exists()


def test_who_keeps_no_calendar_enters_none(night: Night, call_as: Any) -> None:
    asked = {"format": "icalendar", "site": "AMS", "text": ICS}
    answer = call_as(night.operator).post(FILES, asked, format="json")
    assert (answer.status_code, CalendarRule.objects.count()) == (403, 0)
