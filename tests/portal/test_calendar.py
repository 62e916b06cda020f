"""The calendar page, and the calendars that people read elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from apps.accounts.models import User
from apps.core import clock
from apps.portal import feeds as feeds_module
from apps.releases.services.moving import move_window, preview_window_move
from apps.windows.models import CalendarFeed
from apps.windows.services import series
from apps.windows.services.feeds import create_feed, revoke_feed
from apps.windows.services.late_batch import report_batch
from tests.factories import actor
from tests.support import commit_now, refused
from tests.windows.worlds import (
    BEFORE,
    OPENS,
    Planners,
    draft_window,
    make_rule,
    make_series,
    planners,
    window_in,
)

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(people: Planners, question: str = "") -> str:
    with clock.at(BEFORE):
        answer = signed_in(people.stranger).get(f"/calendar/?month=2026-11{question}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_month_shows_windows_cutoffs_and_hatched_freezes() -> None:
    people = planners()
    window_in("open", people)
    make_rule("AUTUMN", people)
    text = page(people)
    assert "November 2026" in text
    assert "W-2611" in text and "cut-off 04:30" in text
    assert text.count('fill="url(#hatch-hard)"') == 5 + 1  # five days, and the legend
    assert "in 20 d" in text
    assert 'rel="prev"' in text and 'rel="next"' in text


def test_a_window_opens_its_capacity_with_the_cause_of_its_cutoff() -> None:
    people = planners()
    window = window_in("open", people)
    with clock.at(BEFORE):
        report_batch(
            pk=window.pk, actor=people.actors["release_manager"], minutes=20, comment="Long day."
        )
    text = page(people, "&window=W-2611")
    assert "Capacity of W-2611" in text
    assert "CLOSEFIL, 04:50 instead of 04:30: the batch is 20 minutes late (Long day.)" in text


def test_the_quarter_is_a_picture_and_the_same_in_words() -> None:
    people = planners()
    window_in("open", people)
    make_rule("AUTUMN", people)
    text = page(people, "&view=quarter")
    assert "Quarter 4 of 2026" in text
    assert "Windows: 1, times of rules: 1." in text
    assert "Autumn freeze (AUTUMN)" in text


@pytest.mark.parametrize(
    "question",
    ["month=9999-12", "month=0001-01", "month=nonsense&view=week", "site=NOWHERE&window=%00x",
     "month=2199-12&view=quarter", "month=2000-01"],
)  # fmt: skip
def test_what_cannot_be_asked_is_shown_as_something_that_can(question: str) -> None:
    people = planners()
    answer = signed_in(people.stranger).get(f"/calendar/?{question}")
    assert answer.status_code in (200, 400)


def test_more_windows_and_rules_cost_no_more_queries() -> None:
    people = planners()
    client = signed_in(people.stranger)
    costs = []
    for number in (1, 2, 3):
        draft_window(people, code=f"W-{number}", opens_at=OPENS + timedelta(minutes=number))
        make_rule(f"R-{number}", people)
        for view in ("month", "quarter"):
            with clock.at(BEFORE), CaptureQueriesContext(connection) as queries:
                client.get(f"/calendar/?month=2026-11&view={view}&window=W-1")
            costs.append(len(queries))
    assert len(set(costs[2:])) == 1 and costs[-1] <= 14


# Feeds.


def feed_of(user: User, **values: Any) -> tuple[CalendarFeed, str]:
    with clock.at(BEFORE):
        return create_feed(
            actor=actor(user), values={"kind": "person", "name": "my phone", **values}
        )


def read(secret: str) -> Any:
    with clock.at(BEFORE):
        answer = Client().get(f"/calendars/{secret}.ics")
    assert answer.status_code == 200, answer.status_code
    return Calendar.from_ical(answer.content)


def test_a_person_reads_own_windows_and_the_freezes() -> None:
    people = planners()
    window_in("open", people)
    make_rule("AUTUMN", people)
    _feed, secret = feed_of(people.manager)
    commit_now()
    events = read(secret).walk("VEVENT")
    assert [event["SUMMARY"] for event in events] == [
        "W-2611 Q4 release weekend", "Autumn freeze (AUTUMN)",
    ]  # fmt: skip
    # Nothing that people wrote as a reason leaves the portal.
    assert "The shops are full" not in str([event.to_ical() for event in events])
    _feed, strangers = feed_of(people.stranger)
    assert [e["SUMMARY"] for e in read(strangers).walk("VEVENT")] == ["Autumn freeze (AUTUMN)"]


def test_a_change_of_the_window_raises_its_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    people = planners()
    window = window_in("open", people)
    _feed, secret = feed_of(people.stranger, kind="window", window=window)
    before = read(secret).walk("VEVENT")[0]
    with clock.at(BEFORE):
        report_batch(
            pk=window.pk, actor=people.actors["release_manager"], minutes=20, comment="Secret."
        )
    monkeypatch.setattr(feeds_module, "NO_RETURN", lambda window: window.opens_at)
    after = read(secret).walk("VEVENT")[0]
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert "Cut-off 04:50, CLOSEFIL, moved." in after["DESCRIPTION"]
    assert "Secret" not in after.to_ical().decode()
    assert len(after.walk("VALARM")) == 2


def test_a_window_of_a_series_that_moves_stays_one_event_of_its_own() -> None:
    people = planners()
    made = make_series(people)
    manager = people.actors["release_manager"]
    with clock.at(BEFORE):
        series.draft_windows(pk=made.pk, actor=manager)
    _feed, secret = feed_of(people.manager)
    before = {event["UID"]: event for event in read(secret).walk("VEVENT")}
    assert len(before) > 1 and not any("RRULE" in event for event in before.values())
    window = made.windows.order_by("opens_at").first()
    assert window is not None
    moved = {"pk": window.pk, "actor": manager, "opens_at": window.opens_at + timedelta(hours=1)}
    with clock.at(BEFORE):
        told = preview_window_move(**moved).ripple
        assert told is not None
        move_window(**moved, digest=told.digest, comment="The batch needs the evening.")
    after = {event["UID"]: event for event in read(secret).walk("VEVENT")}
    assert after.keys() == before.keys()
    risen = {uid for uid in after if after[uid]["SEQUENCE"] > before[uid]["SEQUENCE"]}
    assert risen == {f"window-{window.pk}@interlock"}


def test_a_dead_address_tells_nothing() -> None:
    people = planners()
    feed, secret = feed_of(people.manager)
    assert secret not in str(vars(CalendarFeed.objects.get()))
    assert Client().get("/calendars/nothing.ics").status_code == 404
    with refused("role_missing"):
        revoke_feed(pk=feed.pk, actor=people.actors["stranger"])
    revoke_feed(pk=feed.pk, actor=people.actors["release_manager"])
    assert Client().get(f"/calendars/{secret}.ics").status_code == 404
    _feed, other = feed_of(people.manager)
    people.manager.is_active = False
    people.manager.save()
    assert Client().get(f"/calendars/{other}.ics").status_code == 404


@pytest.mark.parametrize(
    "values", [{"kind": "window"}, {"kind": "team"}, {"kind": "nothing"}, {"name": ""}]
)
def test_a_feed_is_of_one_thing(values: dict[str, Any]) -> None:
    people = planners()
    with refused() as refusal:
        feed_of(people.manager, **values)
    assert refusal.value.status == 400


def test_the_address_is_shown_once_and_can_be_revoked_by_its_owner_alone() -> None:
    people = planners()
    client = signed_in(people.stranger)
    assert client.get("/my/calendars/").status_code == 200
    made = client.post("/my/calendars/", {"kind": "person", "name": "phone"}).content.decode()
    secret = made.split("/calendars/")[1].split(".ics")[0]
    assert Client().get(f"/calendars/{secret}.ics").status_code == 200
    assert secret not in client.get("/my/calendars/").content.decode()
    assert client.post("/my/calendars/", {"kind": "team", "name": "x"}).status_code == 400
    change = f"/admin/windows/calendarfeed/{CalendarFeed.objects.get().pk}/change/"
    assert client.get(change).status_code == 200
    assert signed_in(people.coordinator).get(change).status_code == 404
