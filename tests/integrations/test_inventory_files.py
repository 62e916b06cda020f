"""The two file formats: what they mean, and what they say about bad input."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from apps.integrations.adapters import csv_inventory, json_inventory
from apps.integrations.adapters.csv_inventory.mapping import (
    ASSET_TYPES,
    RELATIONS,
    asset_key,
    edge_for,
    unmapped,
)
from apps.integrations.adapters.files import MAX_BYTES, MAX_LINE_BYTES
from apps.integrations.adapters.formats import READERS
from apps.inventory.domain.relations import RELATION_KINDS
from apps.inventory.domain.rows import AssetKey
from tests.integrations.files import DEMO, Read, Write

ASSETS = "asset_type,name,origin,path,note\n"
RELATIONS_HEADER = "from_type,from_name,relation,to_type,to_name,occurrences,confidence,evidence\n"


def csv_problems(*paths: Path) -> list[str]:
    return Read(csv_inventory.read(paths)).problems


def json_problems(*paths: Path) -> list[str]:
    return Read(json_inventory.read(paths)).problems


# Meaning


def test_every_word_of_the_sample_inventory_is_in_the_tables() -> None:
    import csv

    with (DEMO / "carddemo_assets.csv").open() as file:
        types = {row["asset_type"] for row in csv.DictReader(file)}
    with (DEMO / "carddemo_relations.csv").open() as file:
        kinds = {row["relation"] for row in csv.DictReader(file)}
    assert types == set(ASSET_TYPES)
    assert kinds == set(RELATIONS)
    assert {edge.kind for edge in RELATIONS.values()} <= set(RELATION_KINDS)


def test_the_sample_inventory_keeps_its_identities() -> None:
    paths = [DEMO / "carddemo_assets.csv", DEMO / "carddemo_relations.csv"]
    told = Read(csv_inventory.read(paths))
    assert told.problems == told.notices == []
    known = {row.key for row in told.assets}
    assert len(known) == len(told.assets) == 539
    edges = {(row.source, row.kind, row.target, row.key) for row in told.relations}
    assert len(edges) == len(told.relations) == 1255
    assert {end for row in told.relations for end in (row.source, row.target)} <= known


@pytest.mark.parametrize(
    ("asset_type", "name", "key"),
    [
        ("jcl-job", "CLOSEFIL", ("job", "-", "CLOSEFIL")),
        ("sched-job-ca7", "CLOSEFIL", ("scheduler_entry", "CA7", "CLOSEFIL")),
        ("sched-job-controlm", "DAILY/CLOSEFIL", ("scheduler_entry", "DAILY", "CLOSEFIL")),
        ("sched-folder", "DAILY", ("scheduler_entry", "CONTROL-M", "DAILY")),
        ("pds-member", "IMS.PROCLIB(DFSVSMDB)", ("control_card", "IMS.PROCLIB", "DFSVSMDB")),
        ("program", "CBACT01C", ("program_batch", "-", "CBACT01C")),
        ("program", "COSGN00C", ("program_cics", "-", "COSGN00C")),
        ("bms-mapset", "COSGN00", ("cics_mapset", "-", "COSGN00")),
        ("bms-symbolic-map", "COSGN00", ("copybook", "-", "COSGN00")),
    ],
)
def test_equal_names_stay_distinct(asset_type: str, name: str, key: tuple[str, str, str]) -> None:
    assert asset_key(asset_type, name, frozenset({"COSGN00C"})) == AssetKey(*key)


def test_runs_after_is_triggers_reversed_with_the_schedule_id_as_key(write: Write) -> None:
    path = write(
        "r.csv",
        RELATIONS_HEADER
        + "sched-job-ca7,POSTTRAN,RUNS-AFTER,sched-job-ca7,CBPAUP0J,1,literal,x:schid=030\n",
    )
    (edge,) = Read(csv_inventory.read([path])).relations
    assert (edge.source.name, edge.kind, edge.target.name) == ("CBPAUP0J", "triggers", "POSTTRAN")
    assert edge.key == "030"


def test_an_unknown_relation_is_told_once_and_imported_as_refers_to(write: Write) -> None:
    line = "program,A,EATS LUNCH,program,B,1,flow-insensitive,\n"
    path = write("r.csv", RELATIONS_HEADER + line + line.replace("B", "C"))
    told = Read(csv_inventory.read([path]))
    assert [(row.kind, row.key, row.confirmed, row.confidence) for row in told.relations] == [
        ("refers_to", "eats_lunch", False, 70)
    ] * 2
    (notice,) = told.notices
    assert "EATS LUNCH" in notice
    assert told.problems == []
    assert edge_for("EATS LUNCH", "") is None
    assert unmapped("X" * 99).key == "x" * 40


def test_the_register_of_the_demo() -> None:
    told = Read(json_inventory.read([DEMO / "northgate_register.json"]))
    assert told.problems == []
    assert (len(told.assets), len(told.relations)) == (167, 296)
    (library,) = (row for row in told.assets if row.key.type == "loadlib")
    assert library.attributes == {"lla_managed": True}


# Bad files


def test_a_byte_order_mark_and_windows_line_ends_are_fine(write: Write) -> None:
    path = write("a.csv", b"\xef\xbb\xbf" + (ASSETS + "program,A,defined,,\n").replace(
        "\n", "\r\n").encode())  # fmt: skip
    assert csv_problems(path) == []
    data = json.dumps({"assets": [{"code": "A", "type": "job"}]}).encode()
    assert json_problems(write("a.json", b"\xef\xbb\xbf" + data)) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "a.csv:1: The file is empty."),
        ("\n\n", "a.csv:1: The file is empty."),
        ("<DEFTABLE/>", "a.csv:1: header: The columns are"),
        ("name,asset_type\nA,program\n", "this file has name,asset_type"),
        ("asset_type;name;origin;path;note\n", "this file has asset_type;name"),
        (ASSETS + "program,A,defined\n", "a.csv:2: 5 columns are expected; this row has 3"),
        (ASSETS + "program,A,defined,,,,\n", "a.csv:2: 5 columns are expected; this row has 7"),
        (ASSETS + "program,A,defined,,\nprogram,B,def", "a.csv:3: 5 columns"),
        (ASSETS + 'program,"A,defined,,\n', "a.csv:2: Broken CSV"),
        (ASSETS + 'program,"A"B,defined,,\n', "a.csv:2: Broken CSV"),
        (ASSETS + "program,,defined,,\n", "a.csv:2: name: The name is missing"),
        (ASSETS + "floppy,A,defined,,\n", "a.csv:2: asset_type: There is no asset type 'floppy'"),
        (ASSETS + "program,A\x00,defined,,\n", "a.csv:2: The line holds a NUL"),
        ((ASSETS + "program,Ä,defined,,\n").encode("latin-1"), "a.csv:2: This is not UTF-8"),
        ((ASSETS + "program,A,,,\n").encode("utf-16"), "a.csv:1: This is not UTF-8 (it looks"),
        (ASSETS + "program," + "A" * MAX_LINE_BYTES, "a.csv:2: The line is longer"),
        (RELATIONS_HEADER + "program,A,,program,B,1,,\n", "a.csv:2: relation: The relation is"),
        (RELATIONS_HEADER + "floppy,A,CALLS,tape,B,1,,\n", "a.csv:2: to_type: There is no"),
    ],
)
def test_a_bad_csv_file_is_told_line_by_line(write: Write, content: str | bytes, told: str) -> None:
    problems = csv_problems(write("a.csv", content))
    assert any(told in problem for problem in problems), problems


def test_every_bad_line_is_told_and_good_ones_are_read(write: Write) -> None:
    raw = (ASSETS + "program,A,,,\nprogram,Ä,,,\nprogram\nprogram,B,,,\n").encode("latin-1")
    told = Read(csv_inventory.read([write("a.csv", raw)]))
    assert [row.key.name for row in told.assets] == ["A", "B"]
    assert [problem.split(": ")[0] for problem in told.problems] == ["a.csv:3", "a.csv:4"]


def test_a_quoted_line_end_keeps_the_line_numbers(write: Write) -> None:
    path = write("a.csv", ASSETS + 'program,A,defined,,"two\nlines"\nfloppy,B,,,\n')
    assert csv_problems(path)[0].startswith("a.csv:4:")


@pytest.mark.parametrize("problems", [csv_problems, json_problems])
def test_more_than_a_hundred_megabytes_are_refused_unread(
    write: Write, problems: Callable[..., Sequence[str]]
) -> None:
    path = write("big", ASSETS)
    with path.open("ab") as file:
        file.truncate(MAX_BYTES + 1_000_000)
    assert problems(path) == [
        "big:1: The file has 101 MB; 100 MB are read at once. Split it into several files."
    ]


@pytest.mark.parametrize("problems", [csv_problems, json_problems])
def test_a_file_that_is_not_there(problems: Callable[..., Sequence[str]], tmp_path: Path) -> None:
    assert "There is no file" in problems(tmp_path / "nowhere")[0]
    assert "There is no file" in problems(tmp_path)[0]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "a.json:1: The file is empty."),
        ("[]", "a.json:1: '{' is expected here, not '['."),
        ("{", "a.json:1: Broken JSON"),
        ('{"things": []}', '"assets" and "relations" are expected, not "things"'),
        ('{"assets": {}}', "'[' is expected here, not '{'"),
        ('{"assets": [\n{"code": "A", "type": "job"},\n{"code"', "a.json:3: Broken JSON"),
        ('{"assets": []\n', "a.json:2: '}' is expected here, not the end."),
        ('{"assets": []}\n{}', "a.json:2: There is more text after the end."),
        ('{"assets": [\n1]}', "a.json:2: An object is expected here."),
        ('{"assets": [{"code": "A"}]}', "a.json:1: type: This is missing."),
        ('{"assets": [{"code": 7, "type": "job"}]}', "a.json:1: code: A text is expected"),
        ('{"assets": [{"code": "A", "type": "job", "confidence": 1.5}]}', "confidence: A whole"),
        ('{"assets": [{"code": "A", "type": "job", "n": NaN}]}', "NaN is no JSON number"),
        ('{"assets": [' + "[" * 200_000, "nested too deeply"),
        ('{"assets": [' + "9" * 5_000 + "]}", "Broken JSON"),
        (
            '{"relations": [{"src": "A", "kind": "calls", "dst": "B"}]}',
            "src: There is no asset 'A'",
        ),
        ('{"assets": [\n\n{"code": "Ä'.encode("latin-1"), "a.json:3: This is not UTF-8"),
    ],
)
def test_a_bad_json_file_is_told_by_line(write: Write, content: str | bytes, told: str) -> None:
    problems = json_problems(write("a.json", content))
    assert any(told in problem for problem in problems), problems


def test_a_code_that_two_assets_share_needs_its_type(write: Write) -> None:
    assets = [{"code": "A", "type": "job"}, {"code": "A", "type": "program_batch"}]
    edge = {"src": "A", "src_type": "job", "kind": "executes", "dst": "A"}
    path = write("a.json", json.dumps({"relations": [edge], "assets": assets}))
    assert json_problems(path) == [
        "a.json:1: dst: 'A' names 2 assets (job, program_batch); add dst_type."
    ]
    edge["dst_type"] = "program_batch"
    path = write("a.json", json.dumps({"relations": [edge], "assets": assets}))
    (relation,) = Read(json_inventory.read([path])).relations
    assert (relation.source.type, relation.target.type) == ("job", "program_batch")
    assert relation.attributes == {}


@pytest.mark.parametrize("code", sorted(READERS))
def test_every_reader_tells_an_empty_a_binary_and_a_missing_file(write: Write, code: str) -> None:
    known = READERS[code]
    paths = [
        write("empty" + known.extensions[0], "  \n"),
        write("binary" + known.extensions[0], ("JOB NAMES AND MORE " * 9).encode("cp037")),
        Path("nowhere"),
    ]
    told = Read(known.read(paths)).problems
    assert [text for text in ("is empty", "EBCDIC", "no file") if text not in str(told)] == []
    assert len(told) == 3
