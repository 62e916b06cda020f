"""Calendars of others, read. No database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from apps.integrations.adapters.calendars import CALENDARS, Defaults, Read, RuleRow, SeriesRow

FOLDER = Path(__file__).parent.parent / "data" / "windows"
AMSTERDAM = Defaults("Europe/Amsterdam")


def event(*lines: str, uid: str = "1@x", name: str = "Quiet weeks") -> str:
    body = (f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"SUMMARY:{name}", *lines)
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", *body,
                        "END:VEVENT", "END:VCALENDAR", ""))  # fmt: skip


def read(text: str, code: str = "icalendar") -> Read:
    return CALENDARS[code].read(text, AMSTERDAM)


def one(*lines: str) -> dict[str, object]:
    found = read(event(*lines))
    assert found.problems == []
    return dict(found.rows[0].values)


def test_whole_days_are_a_rule() -> None:
    values = one("DTSTART;VALUE=DATE:20261214", "DTEND;VALUE=DATE:20270104",
                 "CATEGORIES:FREEZE,HARD")  # fmt: skip
    assert (values["kind"], values["strength"]) == ("freeze", "hard")
    assert values["dates"] == ["2026-12-14/2027-01-03"]


def test_a_yearly_day_is_a_recurrence_with_its_last_day() -> None:
    values = one("DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY;COUNT=2", "CATEGORIES:HOLIDAY")
    assert values["recurrence"] == "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"
    assert (values["kind"], values["last_day"]) == ("holiday", date(2028, 2, 29))


def test_a_recurring_time_is_a_series_on_its_wall_clock() -> None:
    values = one("DTSTART;TZID=Europe/Amsterdam:20261107T220000", "DURATION:PT8H",
                 "RRULE:FREQ=WEEKLY;UNTIL=20271231T000000Z",
                 "EXDATE;TZID=Europe/Amsterdam:20261226T220000")  # fmt: skip
    assert values["recurrence"] == "FREQ=WEEKLY;BYDAY=SA;UNTIL=20271231T000000Z"
    assert (values["opens_time"], values["closes_time"]) == (time(22), time(6))
    assert (values["more_days"], values["left_out"]) == (0, ["2026-12-26"])


def test_a_single_time_is_a_window() -> None:
    values = one("DTSTART:20261121T210000Z", "DTEND:20261122T050000Z")
    assert values["opens_at"] == datetime(2026, 11, 21, 21, tzinfo=UTC)


def test_a_cancelled_event_is_left_out() -> None:
    found = read(event("DTSTART;VALUE=DATE:20261214", "STATUS:CANCELLED"))
    assert (found.rows, found.skipped) == ([], 1)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("DTSTART;TZID=Europe/Atlantis:20261121T220000", "DURATION:PT1H"), "no time zone"),
        (("DTSTART:20261121T220000", "DURATION:PT1H"), "float"),
        (("DTSTART:20261121T220000Z", "DTEND:20261121T210000Z"), "before it begins"),
        (("DTSTART:nonsense",), "cannot be read"),
        (("SUMMARY2:x",), "cannot be read"),
        (("DTSTART;VALUE=DATE:20261214", "RDATE;VALUE=DATE:20261216"), "RDATE"),
        (("DTSTART;VALUE=DATE:99991214",), "no year"),
        (("DTSTART;VALUE=DATE:20261214", "RRULE:FREQ=DAILY;COUNT=100000"), "COUNT"),
    ],
)
def test_a_bad_event_is_told_with_its_line(lines: tuple[str, ...], told: str) -> None:
    (problem,) = read(event(*lines)).problems
    assert problem.line == 4
    assert told in problem.text


@pytest.mark.parametrize("code", CALENDARS)
@pytest.mark.parametrize("text", ["", "nonsense", "a,b\n1,2\n", "\x00", "BEGIN:VCALENDAR"])
def test_what_is_no_calendar_enters_nothing(code: str, text: str) -> None:
    found = read(text, code)
    assert not found.rows


def test_too_many_events_are_told() -> None:
    day = "BEGIN:VEVENT\nUID:{0}\nSUMMARY:x\nDTSTART;VALUE=DATE:20261214\nEND:VEVENT\n"
    text = "BEGIN:VCALENDAR\n" + "".join(day.format(n) for n in range(2_100))
    assert "at most 2,000" in read(text).problems[-1].text


def test_the_cycles_of_openstack() -> None:
    text = (FOLDER / "openstack_release_weeks.csv").read_text()
    found = read(text, "release_weeks")
    assert found.problems == []
    rules = {row.code: row.values for row in found.rows}
    assert rules["OS-GAZPACHO-FF"]["name"] == "Feature freeze of gazpacho"
    assert rules["OS-GAZPACHO-FF"]["strength"] == "approval"
    assert max(map(len, rules)) <= 20
    assert not any("election" in str(values["name"]) for values in rules.values())
    broken = text.replace("2026-", "26-", 1)
    (problem,) = read(broken, "release_weeks").problems
    assert "2026-09-28" in problem.text and problem.line > 1


def test_the_slots_of_wikimedia() -> None:
    text = (FOLDER / "wikimedia_recurring_windows.csv").read_text()
    found = read(text, "slots")
    assert found.problems == []
    quiet = next(row for row in found.rows if isinstance(row, RuleRow))
    assert (quiet.values["recurrence"], quiet.values["strength"]) == ("FR,SA,SU", "hard")
    series = [row for row in found.rows if isinstance(row, SeriesRow)]
    morning = next(r for r in series if r.values["name"] == "UTC morning backport window")
    assert (morning.values["recurrence"], morning.values["closes_time"]) == ("MO,TU,WE", time(1))
    assert len({row.code for row in found.rows}) == len(found.rows)
    assert any(not row.values["is_active"] for row in series)
    broken = text.replace("schedule,mon,08,0.5", "schedule,mon,25,0.5")
    (problem,) = read(broken, "slots").problems
    assert problem.line == 8
