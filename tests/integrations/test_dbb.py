"""Build reports: what programs are made of, and of which levels."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.integrations.adapters import dbb
from apps.integrations.adapters.dbb.reader import member_of
from apps.inventory.domain.rows import AssetKey, BuildRow
from tests.integrations.files import Read, Write

REPORT: dict[str, Any] = {
    "version": 2,
    "records": [
        {"id": "BUILD_RESULT_1", "type": "BUILD_RESULT", "label": "build.20261110.110111.001"},
        {
            "type": "DEPENDENCY_SET",
            "file": "card/cobol/cbtrn02c.cbl",
            "dependencies": [
                {"lname": "CVACT01Y", "library": "SYSLIB", "category": "COPY", "resolved": True,
                 "file": "card/copy/cvact01y.cpy", "hash": "9f1c"},
                {"lname": "CEEDAYS", "category": "CALL", "resolved": False},
                {"lname": "TESTCASE", "category": "ZUNITINC"},
            ],
        },
        {"type": "EXECUTE", "file": "card/cobol/cbtrn02c.cbl", "command": "IGYCRCTL", "rc": 0},
        {"type": "EXECUTE", "file": "card/cobol/cbtrn02c.cbl", "command": "IEWBLINK",
         "options": "MAP,RENT,SSI=0F2CAA66", "rc": 0,
         "outputs": [{"dataset": "CARD.BUILD.LOAD(CBTRN02C)", "deployType": "LOAD"}]},
    ],
}  # fmt: skip


def read(write: Write, report: Any) -> Read:
    text = report if isinstance(report, str | bytes) else json.dumps(report, indent=1)
    return Read(dbb.read([write("BuildReport.json", text)]))


def dependency_set(file: str, *dependencies: dict[str, Any]) -> dict[str, Any]:
    return {
        "records": [{"type": "DEPENDENCY_SET", "file": file, "dependencies": list(dependencies)}]
    }


def test_a_dependency_set_is_what_a_program_is_made_of(write: Write) -> None:
    told = read(write, REPORT)
    assert told.edges == {
        ("-/CBTRN02C", "copies", "-/CVACT01Y", ""),
        ("-/CBTRN02C", "calls", "-/CEEDAYS", ""),
    }
    assert [(r.confidence, r.confirmed, r.origin) for r in told.relations] == [
        (100, True, "dbb"),
        (50, False, "dbb"),
    ]
    assert [row.mentioned for row in told.assets] == [False, True, True]
    assert told.problems == told.notices == []


def test_the_ssi_is_the_level_of_the_program_and_the_hash_that_of_the_part(write: Write) -> None:
    (build,) = (row for row in read(write, REPORT).rows if isinstance(row, BuildRow))
    assert (build.program.name, build.level) == ("CBTRN02C", "0f2caa66")
    assert (build.part.name, build.part_level) == ("CVACT01Y", "9f1c")


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("a/b/cbtrn02c.cbl", ("any_program", "-", "CBTRN02C")),
        ("a/cvact01y.CPY", ("any_source", "-", "CVACT01Y")),
        ("cosgn00.bms", ("cics_mapset", "-", "COSGN00")),
        ("closefil.jcl", ("job", "-", "CLOSEFIL")),
    ],
)
def test_a_file_is_the_asset_of_its_name(file: str, key: tuple[str, str, str]) -> None:
    assert member_of(file) == AssetKey(*key)


def test_copybooks_that_copy_each_other_are_two_edges(write: Write) -> None:
    one = dependency_set("a.cpy", {"lname": "B", "category": "COPY"})
    other = dependency_set("b.cpy", {"lname": "A", "category": "COPY"})
    told = read(write, {"records": one["records"] + other["records"]})
    assert told.edges == {("-/A", "copies", "-/B", ""), ("-/B", "copies", "-/A", "")}


def test_a_program_that_calls_itself_is_an_edge(write: Write) -> None:
    told = read(write, dependency_set("a.cbl", {"lname": "A", "category": "CALL"}))
    assert told.edges == {("-/A", "calls", "-/A", "")}


def test_a_dependency_told_twice_is_one_edge(write: Write) -> None:
    copied = {"lname": "B", "category": "COPY"}
    assert len(read(write, dependency_set("a.cbl", copied, copied)).relations) == 1


def test_an_unknown_category_is_told_once_and_refers(write: Write) -> None:
    told = read(
        write,
        dependency_set(
            "a.cbl",
            {"lname": "B", "category": "NEW THING"},
            {"lname": "C", "category": "NEW THING"},
        ),
    )
    assert {(r.kind, r.key) for r in told.relations} == {("refers_to", "new_thing")}
    assert len(told.notices) == 1


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ("", "BuildReport.json:1: The file is empty."),
        ("{}", "records: The report has no records."),
        ({"records": [{"no": "type"}]}, "type: A record with a type is expected"),
        ({"records": [{"type": "DEPENDENCY_SET"}]}, "file: The file of the dependency set"),
        (dependency_set("a.cbl", {"name": "B"}), "A dependency with an lname is expected"),
        (json.dumps(REPORT)[:-40], "Broken JSON"),
        ("<DEFTABLE/>", "'{' is expected here, not '<'"),
        (json.dumps(REPORT).encode("cp037"), "EBCDIC"),
    ],
)
def test_a_bad_report_is_told(write: Write, report: Any, told: str) -> None:
    problems = read(write, report).problems
    assert any(told in problem for problem in problems), problems
