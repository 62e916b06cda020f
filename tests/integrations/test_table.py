"""Tables in our own words, as CSV and as XLSX."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from apps.integrations.adapters import table
from apps.integrations.adapters.table import workbook
from apps.inventory.domain.rows import AssetKey, BuildRow, VersionRow
from tests.integrations.files import Read, Write

ASSETS = "type,name,qualifier,environment,level,installed_at\n"


def read(write: Write, *contents: str | bytes, suffix: str = "csv") -> Read:
    return Read(
        table.read([write(f"t{n}.{suffix}", text) for n, text in enumerate(contents, start=1)])
    )


def book(*sheets: Sequence[Sequence[Any]]) -> bytes:
    made = Workbook()
    for number, rows in enumerate(sheets):
        sheet = made.active if number == 0 else made.create_sheet()
        assert sheet is not None
        for row in rows:
            sheet.append(row)
    raw = io.BytesIO()
    made.save(raw)
    return raw.getvalue()


def versions(told: Read) -> list[VersionRow]:
    return [row for row in told.rows if isinstance(row, VersionRow)]


def test_an_asset_has_a_row_for_each_environment(write: Write) -> None:
    told = read(
        write,
        ASSETS + "program_batch,A,,PROD,01.14,2026-11-21T22:00+01:00\nprogram_batch,A,,SIT,01.15,\n"
        "copybook,B,,,,\n",
    )
    assert [row.key.name for row in told.assets] == ["A", "B"]
    assert [(v.environment, v.level) for v in versions(told)] == [
        ("PROD", "01.14"),
        ("SIT", "01.15"),
    ]
    assert versions(told)[0].installed_at == datetime(2026, 11, 21, 21, tzinfo=UTC)
    assert told.problems == []


def test_rows_of_one_asset_must_agree(write: Write) -> None:
    header = "type,name,description,environment,level\n"
    told = read(write, header + "job,A,one,PROD,1\njob,A,two,SIT,2\n")
    assert told.problems == ["t1.csv:3: This says of job A something else than line 2 of t1.csv."]


def test_relations_and_builds(write: Write) -> None:
    told = read(
        write,
        "kind,source_type,source,target_type,target,confidence\ncalls,program_batch,A,subprogram,B,80\n",
        "program,level,part,part_level\nA,01.14,CPY,01.03\n",
    )
    (edge,) = told.relations
    assert (edge.kind, edge.confidence, edge.confirmed) == ("calls", 80, False)
    (build,) = (row for row in told.rows if isinstance(row, BuildRow))
    assert (build.program, build.part) == (
        AssetKey("any_program", "-", "A"),
        AssetKey("any_source", "-", "CPY"),
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "t1.csv:1: The file is empty."),
        ("a,b\n", "t1.csv:1: header: These columns are needed for assets: name, type; or"),
        ("type;name\n", "This table has type;name."),
        ("type,name,colour\n", "A table of assets does not have 'colour'."),
        ("type,name,name\n", "A table of assets does not have one column twice."),
        ("type,name\n,A\njob\n", "t1.csv:2: type: This is missing."),
        ("type,name\n,A\njob\n", "t1.csv:3: 2 columns are expected; this row has 1."),
        ("type,name,confidence\njob,A,lots\n", "'lots' is not a whole percentage, 0 to 100."),
        (ASSETS + "job,A,,PROD,,\n", "level: An environment and a level are told together."),
        (ASSETS + "job,A,,PROD,1,Tuesday\n", "'Tuesday' is not a time such as"),
        ("<DEFTABLE/>", "This table has <deftable/>."),
        ("type,name\njob,Ä\n".encode("latin-1"), "t1.csv:2: This is not UTF-8"),
    ],
)
def test_a_bad_table_is_told_by_line(write: Write, content: str | bytes, told: str) -> None:
    problems = read(write, content).problems
    assert any(told in problem for problem in problems), problems


def test_each_sheet_of_a_workbook_is_a_table(write: Write) -> None:
    told = read(
        write,
        book(
            [["Type", "Name", "Confidence"], ["job", "A", 90], [], ["job", "B", None]],
            [["source_type", "source", "kind", "target_type", "target"],
             ["job", "A", "triggers", "job", "B"]],
        ),
        suffix="xlsx",
    )  # fmt: skip
    assert [(row.key.name, row.confidence) for row in told.assets] == [("A", 90), ("B", None)]
    assert told.edges == {("-/A", "triggers", "-/B", "")}
    assert told.relations[0].place.file == "t1.xlsx [Sheet1]"
    assert told.problems == []


def test_a_level_typed_as_a_number_is_told_because_it_lost_its_zero(write: Write) -> None:
    told = read(
        write,
        book([["type", "name", "environment", "level"], ["job", "A", "PROD", 1.10]]),
        suffix="xlsx",
    )
    assert told.problems == [
        "t1.xlsx [Sheet]:2: level: 1.1 is a number in this cell. Format the column as text."
    ]


def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED_BYTES", 1_000_000)
    raw = io.BytesIO()
    with ZipFile(raw, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    assert len(raw.getvalue()) < 10_000
    (problem,) = read(write, raw.getvalue(), suffix="xlsx").problems
    assert "The workbook unpacks to 5 MB" in problem


def test_a_zip_of_many_parts_is_refused(write: Write) -> None:
    raw = io.BytesIO()
    with ZipFile(raw, "w") as archive:
        for number in range(1_100):
            archive.writestr(f"{number}", b"")
    assert "in 1,100 parts" in read(write, raw.getvalue(), suffix="xlsx").problems[0]


@pytest.mark.parametrize(
    "content", [b"not a workbook", b"PK\x03\x04 cut short", b"\xd0\xcf\x11\xe0"]
)
def test_what_is_no_workbook_is_told(write: Write, content: bytes) -> None:
    assert "This is no XLSX workbook" in read(write, content, suffix="xlsx").problems[0]


def test_a_zip_that_is_no_workbook_is_told(write: Write) -> None:
    raw = io.BytesIO()
    with ZipFile(raw, "w") as archive:
        archive.writestr("readme.txt", b"hello")
    assert "The workbook is broken" in read(write, raw.getvalue(), suffix="xlsx").problems[0]


def test_entities_in_a_workbook_are_refused(write: Write) -> None:
    clean = book([["type", "name"], ["job", "A"]])
    raw = io.BytesIO()
    with ZipFile(io.BytesIO(clean)) as source, ZipFile(raw, "w") as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                content = b'<!DOCTYPE w [<!ENTITY a "x">]>' + content
            target.writestr(member, content)
    told = read(write, raw.getvalue(), suffix="xlsx")
    assert told.assets == []
    assert "The workbook is broken" in told.problems[0]
