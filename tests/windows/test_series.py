"""Series of windows: what they draft, and what they leave alone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.windows.models import ReleaseWindow, WindowSeries
from apps.windows.selectors import prospects
from apps.windows.services import planning, series
from tests.support import commit_now, refused, refused_by_database
from tests.windows.worlds import (
    BATCH,
    BEFORE,
    OPENS,
    Planners,
    make_rule,
    make_series,
    planners,
    series_values,
    window_in,
)

pytestmark = pytest.mark.django_db
AMSTERDAM = "Europe/Amsterdam"


def draft(made: WindowSeries, people: Planners, at: datetime = BEFORE) -> series.Drafted:
    with clock.at(at):
        return series.draft_windows(pk=made.pk, actor=people.actors["release_coordinator"])


def test_a_series_drafts_its_windows_once() -> None:
    people = planners()
    weekly = make_series(people)
    assert draft(weekly, people).made == ("WKLY-261107", "WKLY-261114", "WKLY-261121",
                                          "WKLY-261128")  # fmt: skip
    again = draft(weekly, people)
    commit_now()
    assert again == series.Drafted()
    window = ReleaseWindow.objects.get(code="WKLY-261121")
    assert (window.opens_at, window.zone, window.state) == (OPENS, AMSTERDAM, "draft")
    assert window.effective_cutoff == OPENS + timedelta(minutes=390)
    assert window.scope_lock_at == OPENS - timedelta(days=5)
    assert EvidenceEntry.objects.filter(action="window_series.drafted").count() == 1
    # What comes into the horizon is drafted by the portal itself.
    with clock.at(BEFORE + timedelta(days=7)):
        assert series.draft_due_series() == 1
    with refused_by_database(match="windows_one_of_a_series_a_day"):
        planning.create_window.__wrapped__(
            actor=people.actors["release_manager"],
            values={"code": "X", "name": "X", "site": people.site, "opens_at": OPENS,
                    "closes_at": OPENS + timedelta(hours=1)},
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE windows_releasewindow SET series_id = %s, series_day = '2026-11-21',"
                " evidence_seq = 2 WHERE code = 'X'",
                [weekly.pk],
            )


def test_only_windows_that_nobody_touched_follow_their_series() -> None:
    people = planners()
    weekly = make_series(people)
    draft(weekly, people)
    actor = people.actors["release_manager"]
    codes = ReleaseWindow.objects.in_bulk(field_name="code")
    with clock.at(BEFORE):
        planning.edit_window(pk=codes["WKLY-261107"].pk, actor=actor, values={"bridge": "7711"})
        planning.open_window(pk=codes["WKLY-261114"].pk, actor=actor)
        series.edit_series(
            pk=weekly.pk, actor=actor, values={"closes_time": time(5)},
            parts={"cutoffs": [{**BATCH, "clock": time(4)}]},
        )  # fmt: skip
    done = draft(weekly, people)
    commit_now()
    assert done.refreshed == ("WKLY-261121", "WKLY-261128")
    assert done.kept == ("WKLY-261107", "WKLY-261114")
    closes = dict(ReleaseWindow.objects.values_list("code", "closes_at"))
    assert closes["WKLY-261121"] == OPENS + timedelta(hours=7)
    assert closes["WKLY-261114"] == OPENS - timedelta(days=7) + timedelta(hours=8)
    assert draft(weekly, people).refreshed == ()


def test_a_collision_and_a_freeze_are_drafted_and_told() -> None:
    people = planners()
    other = window_in("open", people)
    make_rule("AUTUMN", people)
    weekly = make_series(people)
    assert "WKLY-261121" in draft(weekly, people).made
    with clock.at(BEFORE), CaptureQueriesContext(connection) as queries:
        coming = {each.code: each for each in prospects(weekly)}
    assert len(queries) <= 6
    collides = coming["WKLY-261121"]
    assert [span.rule.code for span in collides.spans] == ["AUTUMN"]
    assert list(collides.meets) == [other]
    assert not coming["WKLY-261128"].spans and not coming["WKLY-261128"].meets
    with clock.at(BEFORE), refused("overlap", "closed_calendar"):
        planning.open_window(
            pk=ReleaseWindow.objects.get(code="WKLY-261121").pk,
            actor=people.actors["release_manager"],
        )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"horizon_days": None}, "recurrence"),
        ({"recurrence": "FREQ=HOURLY"}, "recurrence"),
        ({"recurrence": ""}, "recurrence"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"horizon_days": 4000}, "horizon_days"),
        ({"first_day": date(1, 1, 1)}, "first_day"),
        ({"first_day": None}, "first_day"),
        ({"left_out": ["24 December"]}, "left_out"),
        ({"may_overlap": True}, "overlap_reason"),
        ({"code": "weekly window"}, "code"),
        ({"opens_time": None}, "opens_time"),
        ({"state": "draft"}, "state"),
    ],
)
def test_bad_input_names_its_field(values: dict[str, Any], field: str) -> None:
    people = planners()
    with refused() as refusal:
        make_series(people, **values)
    assert {blocker.field for blocker in refusal.value.blockers} == {field}
    assert refusal.value.status == 400


def test_a_rule_of_a_hundred_thousand_windows_drafts_none() -> None:
    people = planners()
    endless = make_series(people, recurrence="FREQ=DAILY;COUNT=100000", horizon_days=None)
    with refused("too_many"):
        draft(endless, people)
    assert not ReleaseWindow.objects.exists()


def test_only_planners_keep_and_draft_series() -> None:
    people = planners()
    stranger = people.actors["stranger"]
    with refused("role_missing"):
        series.create_series(actor=stranger, values=series_values(people))
    made = make_series(people)
    with refused("role_missing"):
        series.draft_windows(pk=made.pk, actor=stranger)


def test_a_series_is_kept_in_the_console_and_through_the_interface() -> None:
    people = planners()
    client = Client()
    client.force_login(people.coordinator)
    weekly = make_series(people)
    with clock.at(BEFORE):
        page = client.get(f"/admin/windows/windowseries/{weekly.pk}/change/")
        assert page.status_code == 200 and "WKLY-261107" in page.content.decode()
        moved = client.post(
            f"/admin/windows/windowseries/{weekly.pk}/move/draft_windows/", {"evidence_seq": 1},
            follow=True,
        )  # fmt: skip
        assert "4 windows drafted." in moved.content.decode()
        told = client.get(f"/api/v1/window-series/{weekly.pk}/prospects/").json()
        made = client.post(
            "/api/v1/window-series/",
            {"code": "MNTH", "name": "Monthly", "site": "AMS", "recurrence": "FREQ=DAILY",
             "first_day": "2026-11-01", "opens_time": "22:00", "closes_time": "06:00",
             "cutoffs": [{"kind": "batch_start", "label": "X", "clock": "07:00"}]},
            content_type="application/json",
        )  # fmt: skip
    assert [(each["code"], each["meets"]) for each in told][:1] == [("WKLY-261107", [])]
    assert told[0]["window"] is not None
    assert made.status_code == 400
    assert "has no end" in made.json()["detail"]
