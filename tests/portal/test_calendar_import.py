"""Calendars of others, entered: the files of two public projects, and one of our own kind."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from apps.core import clock
from apps.integrations.adapters.calendars import Defaults
from apps.integrations.services.calendars import import_calendar, preview_calendar
from apps.windows.models import CalendarRule, ReleaseWindow, WindowSeries
from apps.windows.services import series
from tests.support import commit_now, refused
from tests.windows.worlds import BEFORE, Planners, planners

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parent.parent / "data" / "windows"
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Northgate//Operations//EN
BEGIN:VEVENT
UID:quiet@northgate
DTSTAMP:20260101T000000Z
SUMMARY:Quiet weeks
DTSTART;VALUE=DATE:20261214
DTEND;VALUE=DATE:20270104
CATEGORIES:FREEZE,HARD
END:VEVENT
BEGIN:VEVENT
UID:night@northgate
DTSTAMP:20260101T000000Z
SUMMARY:Weekly night
DTSTART;TZID=Europe/Amsterdam:20261107T220000
DURATION:PT8H
RRULE:FREQ=WEEKLY
END:VEVENT
BEGIN:VEVENT
UID:test@northgate
DTSTAMP:20260101T000000Z
SUMMARY:Recovery test
DTSTART;TZID=Europe/Amsterdam:20261205T080000
DTEND;TZID=Europe/Amsterdam:20261205T180000
END:VEVENT
END:VCALENDAR
"""


def entered(people: Planners, text: str, code: str = "icalendar", **more: Any) -> Any:
    asked = {"site": people.site, "defaults": Defaults(more.pop("zone", "Europe/Amsterdam"))}
    with clock.at(BEFORE):
        return import_calendar(
            actor=more.pop("who", people.actors["release_manager"]), text=text, format_code=code,
            **asked,
        )  # fmt: skip


def test_a_calendar_is_entered_once() -> None:
    people = planners()
    first = entered(people, ICS)
    commit_now()
    assert [(entry.kind, entry.what) for entry in first.entries] == [
        ("rule", "new"), ("series", "new"), ("window", "new"),
    ]  # fmt: skip
    assert CalendarRule.objects.get().strength == "hard"
    assert WindowSeries.objects.get().recurrence == "FREQ=WEEKLY;BYDAY=SA"
    assert ReleaseWindow.objects.get().state == "draft"
    again = entered(people, ICS)
    assert again.count("same") == 3
    assert CalendarRule.objects.get().evidence_seq == 1
    moved = entered(people, ICS.replace("20270104", "20270111"))
    assert (moved.count("same"), moved.count("changed")) == (2, 1)
    assert CalendarRule.objects.get().dates == ["2026-12-14/2027-01-10"]


def test_one_bad_line_enters_nothing_and_is_named() -> None:
    people = planners()
    with refused() as refusal:
        entered(people, ICS.replace("RRULE:FREQ=WEEKLY", "RRULE:FREQ=HOURLY"))
    assert "Line 12" in refusal.value.blockers[0].text
    assert not CalendarRule.objects.exists()
    with refused("role_missing"):
        entered(people, ICS, who=people.actors["stranger"])
    with refused():
        entered(people, ICS, zone="Europe/Atlantis")
    with refused():
        entered(people, "BEGIN:VCALENDAR\n" * 70_000)


def test_the_calendars_of_openstack_and_wikimedia_are_entered_and_rendered() -> None:
    people = planners()
    weeks = (FOLDER / "openstack_release_weeks.csv").read_text()
    slots = (FOLDER / "wikimedia_recurring_windows.csv").read_text()
    entered(people, weeks, "release_weeks")
    entered(people, slots, "slots", zone="America/Los_Angeles")
    commit_now()
    assert entered(people, slots, "slots", zone="America/Los_Angeles").count("new") == 0
    morning = WindowSeries.objects.get(name="UTC morning backport window")
    with clock.at(BEFORE):
        series.draft_windows(pk=morning.pk, actor=people.actors["release_manager"])
        client = Client()
        client.force_login(people.stranger)
        text = client.get("/calendar/?month=2026-11").content.decode()
        quarter = client.get("/calendar/?month=2026-08&view=quarter").content.decode()
    assert morning.code in text
    assert "No deploys all day" in text and 'fill="url(#hatch-hard)"' in text
    assert "Feature freeze of hibiscus" in quarter


def test_the_page_shows_first_and_enters_then() -> None:
    people = planners()
    client = Client()
    client.force_login(people.manager)
    form = {"format": "icalendar", "site": str(people.site.pk), "zone": "", "kind": "freeze",
            "strength": "advisory", "horizon_days": "28"}  # fmt: skip
    file = SimpleUploadedFile("calendar.ics", ICS.encode())
    with clock.at(BEFORE):
        shown = client.post("/calendar/import/", {**form, "file": file})
        assert shown.status_code == 200 and "Enter all of it" in shown.content.decode()
        assert not CalendarRule.objects.exists()
        done = client.post("/calendar/import/", {**form, "text": ICS, "enter": "1"})
    assert done.status_code == 200 and CalendarRule.objects.exists()
    assert client.post("/calendar/import/", form).status_code == 400
    huge = SimpleUploadedFile("calendar.ics", b"x" * 1_000_001)
    assert client.post("/calendar/import/", {**form, "file": huge}).status_code == 400
    binary = SimpleUploadedFile("calendar.ics", b"\xff\xfe\x00")
    assert client.post("/calendar/import/", {**form, "file": binary}).status_code == 400


def test_a_preview_writes_nothing() -> None:
    people = planners()
    report = preview_calendar(
        text=ICS, format_code="icalendar", site=people.site, defaults=Defaults("Europe/Amsterdam")
    )
    assert report.count("new") == 3
    assert not WindowSeries.objects.exists()


def test_the_command_checks_a_file_and_enters_it(tmp_path: Path) -> None:
    people = planners()
    file = tmp_path / "calendar.ics"
    file.write_text(ICS)

    def told(*words: str) -> str:
        out = StringIO()
        with clock.at(BEFORE):
            call_command("import_calendar", str(file), "--format=icalendar", "--site=AMS", *words,
                         stdout=out, stderr=out, no_color=True)  # fmt: skip
        return out.getvalue()

    manager = f"--user={people.manager.username}"
    assert "Would enter: 3 new." in told("--check", manager)
    assert not CalendarRule.objects.exists()
    assert "Entered: 3 new." in told(manager)
    assert "3 same" in told("--check", manager)
    for words in ((), ("--user=nobody",), (f"--user={people.stranger.username}", "--check")):
        with pytest.raises(CommandError):
            told(*words)
    file.write_text(ICS.replace("RRULE:FREQ=WEEKLY", "RRULE:FREQ=HOURLY"))
    with pytest.raises(CommandError, match="1 line is wrong"):
        told("--check", manager)
