"""What moved against what was authorised: the reports, and the four buckets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from apps.audit.adapters import READERS
from apps.audit.adapters.lines import Wrong
from apps.audit.domain.moved import (
    AS_AUTHORISED,
    NOT_MOVED,
    OTHERWISE,
    UNAUTHORISED,
    Authorised,
    Move,
    counts_of,
    matched,
)

DATA = Path(__file__).parents[1] / "data" / "moved"
ZONE = ZoneInfo("Europe/Amsterdam")
OPENS = datetime(2026, 11, 21, 21, tzinfo=UTC)
LINE = Authorised(
    change=UUID(int=1), change_code="CHG0530", package=UUID(int=2), package_code="RP-1",
    element="CBACT01C", version="01.08", scm_packages=frozenset({"CARD2611B"}), starts_at=OPENS,
    ends_at=OPENS + timedelta(hours=8), word="completed",
)  # fmt: skip
MOVE = Move(7, "CBACT01C", OPENS + timedelta(minutes=41), version="01.08", scm_package="CARD2611B")


def read(code: str, text: str) -> list[Move | Wrong]:
    return list(READERS[code].read(text, ZONE))


def moves(code: str, text: str) -> list[Move]:
    return [row for row in read(code, text) if isinstance(row, Move)]


def wrongs(code: str, text: str) -> list[str]:
    return [str(row) for row in read(code, text) if isinstance(row, Wrong)]


def test_a_package_report_tells_what_executed_packages_moved() -> None:
    text = (DATA / "endevor_packages.txt").read_text()
    told = moves("endevor", text)
    assert [(m.element, m.version, m.scm_package, m.user, m.rc) for m in told] == [
        ("CBACT01C", "01.08", "CARD2611B", "OPSPRD1", 0),
        ("CBACT02C", "01.04", "CARD2611B", "OPSPRD1", 0),
    ]
    assert told[0].moved_at == datetime(2026, 11, 21, 22, 41, tzinfo=ZONE)
    assert (told[0].line, told[0].element_type) == (10, "COBOL")
    assert wrongs("endevor", text) == []


def test_a_job_log_tells_what_was_copied_and_when_the_job_ended() -> None:
    told = moves("job_log", (DATA / "copy_job.txt").read_text())
    assert [(m.element, m.job, m.user, m.rc) for m in told] == [
        ("CBACT01C", "CARDCOPY", "OPSPRD1", 0), ("CBTRN02C", "CARDCOPY", "OPSPRD1", 0),
    ]  # fmt: skip
    assert {m.moved_at for m in told} == {datetime(2026, 11, 22, 0, 0, 41, tzinfo=ZONE)}


def test_a_table_needs_the_element_and_its_time_alone() -> None:
    (told,) = moves("csv", "element,moved_at\nCBACT01C,2026-11-21 22:41\n")
    assert told.moved_at == datetime(2026, 11, 21, 22, 41, tzinfo=ZONE)
    (told,) = moves("csv", "moved_at,element,rc\n2026-11-21T21:41:00Z,CBACT01C,8\n")
    assert (told.moved_at, told.rc) == (datetime(2026, 11, 21, 21, 41, tzinfo=UTC), 8)


@pytest.mark.parametrize(
    ("code", "text", "told"),
    [
        ("csv", "", "Line 1: The columns lack “element” and “moved_at”; they are of element,"),
        ("csv", "element,colour,moved_at\nA,b,2026-11-21 22:41",
         "Line 1: The columns must not have “colour”; they are of element, type,"),
        ("csv", "element,rc,moved_at,rc\n", "Line 1: The columns have twice “rc”;"),
        ("csv", "element;moved_at\nA;2026-11-21 22:41",
         "Line 1: The columns are separated by “;”. Save the table with commas."),
        ("csv", "element\tmoved_at\n", "Line 1: The columns are separated by a tab."),
        ("csv", "element,moved_at,user\nA,2026-11-21 22:41," + "U" * 21,
         "Line 2: “user” is longer than 20 characters."),
        ("csv", "element,moved_at\nCBACT01C", "Line 2: 2 columns are expected; this row has 1."),
        ("csv", "element,moved_at\nCBACT01C,soon", "Line 2: 'soon' is no time"),
        ("csv", "element,moved_at\nCB ACT,2026-11-21 22:41", "Line 2: 'CB ACT' is no name"),
        ("csv", "element,moved_at,rc\nA,2026-11-21 22:41,-1", "Line 2: '-1' is no return code."),
        ("csv", 'element,moved_at\n"A', "Line 2: Broken CSV"),
        ("endevor", "Dear auditor, nothing moved.", "Line 1: This is no package report"),
        ("job_log", "Dear auditor, nothing moved.", "Line 1: This is no job log"),
        ("job_log", " 22.00.00 JOB1 IEF403I COPY - STARTED\n",
         "Line 1: COPY begins and no line before it tells the day."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_by_its_line(code: str, text: str, told: str) -> None:
    assert told in wrongs(code, text)[0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [("21NOV26  22:41", "31FEB26  22:41", "is no time"), ("CBACT01C ", "CB(CT01C ", "is no name"),
     ("OPSPRD1   0000", "OPSPRD1   ABCD", "is no return code")],
)  # fmt: skip
def test_a_broken_line_of_a_package_report_is_named(old: str, new: str, told: str) -> None:
    text = (DATA / "endevor_packages.txt").read_text().replace(old, new, 1)
    (wrong,) = wrongs("endevor", text)
    assert wrong.startswith("Line 10: ")
    assert told in wrong


def test_a_text_of_a_package_report_that_is_too_long_is_named() -> None:
    text = (
        "PACKAGE ID: P1  STATUS: EXECUTED\n"
        f"{'ACTION':9}{'ELEMENT':9}{'TYPE':40}{'VV.LL':7}{'DATE':9}{'TIME':7}{'USERID':9}RC\n"
        f"{'MOVE':9}{'CBX':9}{'T' * 39:40}{'01.01':7}{'21NOV26':9}{'22:41':7}{'OPS':9}0000\n"
    )
    assert wrongs("endevor", text) == ["Line 3: “type” is longer than 20 characters."]


@pytest.mark.parametrize(
    ("move", "bucket", "why"),
    [
        (MOVE, AS_AUTHORISED, ""),
        (Move(1, "cbact01c", OPENS), AS_AUTHORISED, ""),
        (Move(1, "CBACT01C", OPENS, version="01.09"), OTHERWISE, "Version 01.09 moved"),
        (Move(1, "CBACT01C", OPENS, scm_package="X"), OTHERWISE, "It came in X"),
        (Move(1, "CBACT01C", OPENS - timedelta(minutes=1)), OTHERWISE, "before it began"),
        (Move(1, "CBACT01C", OPENS + timedelta(hours=9)), OTHERWISE, "after it was over"),
        (Move(1, "CBACT01C", OPENS, rc=12), OTHERWISE, "return code 12"),
        (Move(1, "CBSTM03A", OPENS), UNAUTHORISED, "No approved change brings this element."),
    ],
)
def test_every_move_falls_into_one_bucket(move: Move, bucket: str, why: str) -> None:
    match = matched([LINE], [move])[0]
    assert match.bucket == bucket
    assert why in " ".join(match.reasons)


def test_an_authorised_line_that_nothing_moved_is_told() -> None:
    found = matched([LINE], [])
    assert [(m.bucket, m.line) for m in found] == [(NOT_MOVED, LINE)]
    assert counts_of(found)[NOT_MOVED] == 1


def test_of_two_authorised_lines_the_one_it_fits_is_met() -> None:
    from dataclasses import replace

    later = replace(LINE, change_code="CHG0531", version="01.09")
    found = matched([LINE, later], [Move(1, "CBACT01C", OPENS, version="01.09")])
    assert [(m.bucket, m.line) for m in found] == [(AS_AUTHORISED, later), (NOT_MOVED, LINE)]
