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
from apps.integrations.adapters.inventory import Inventory
from apps.inventory.domain.relations import RELATION_KINDS
from apps.inventory.domain.rows import AssetKey, AssetRow, Problem, RelationRow

DATA = Path(__file__).parents[2] / "apps/portal/demo/data"
ASSETS = "asset_type,name,origin,path,note\n"
RELATIONS_HEADER = "from_type,from_name,relation,to_type,to_name,occurrences,confidence,evidence\n"
Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def rows(inventory: Inventory) -> tuple[list[AssetRow], list[RelationRow], list[Problem]]:
    everything = [*inventory.assets, *inventory.relations]
    return (
        [row for row in everything if isinstance(row, AssetRow)],
        [row for row in everything if isinstance(row, RelationRow)],
        [row for row in everything if isinstance(row, Problem)],
    )


def csv_problems(*paths: Path) -> list[str]:
    return [str(problem) for problem in rows(csv_inventory.read(paths))[2] if problem.fatal]


def json_problems(*paths: Path) -> list[str]:
    return [str(problem) for problem in rows(json_inventory.read(paths))[2]]


# Meaning


def test_every_word_of_the_sample_inventory_is_in_the_tables() -> None:
    import csv

    with (DATA / "carddemo_assets.csv").open() as file:
        types = {row["asset_type"] for row in csv.DictReader(file)}
    with (DATA / "carddemo_relations.csv").open() as file:
        kinds = {row["relation"] for row in csv.DictReader(file)}
    assert types == set(ASSET_TYPES)
    assert kinds == set(RELATIONS)
    assert {edge.kind for edge in RELATIONS.values()} <= set(RELATION_KINDS)


def test_the_sample_inventory_keeps_its_identities() -> None:
    paths = [DATA / "carddemo_assets.csv", DATA / "carddemo_relations.csv"]
    assets, relations, problems = rows(csv_inventory.read(paths))
    assert problems == []
    assert len({row.key for row in assets}) == len(assets) == 539
    edges = {(row.source, row.kind, row.target, row.key) for row in relations}
    assert len(edges) == len(relations) == 1255
    known = {row.key for row in assets}
    assert {end for row in relations for end in (row.source, row.target)} <= known


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
    (edge,) = rows(csv_inventory.read([path]))[1]
    assert (edge.source.name, edge.kind, edge.target.name) == ("CBPAUP0J", "triggers", "POSTTRAN")
    assert edge.key == "030"


def test_an_unknown_relation_is_told_once_and_imported_as_refers_to(write: Write) -> None:
    line = "program,A,EATS LUNCH,program,B,1,flow-insensitive,\n"
    path = write("r.csv", RELATIONS_HEADER + line + line.replace("B", "C"))
    _assets, relations, problems = rows(csv_inventory.read([path]))
    assert [(row.kind, row.key, row.confirmed) for row in relations] == [
        ("refers_to", "eats_lunch", False)
    ] * 2
    (notice,) = problems
    assert not notice.fatal
    assert "EATS LUNCH" in str(notice)
    assert edge_for("EATS LUNCH", "") is None
    assert unmapped("X" * 99).key == "x" * 40


def test_the_register_of_the_demo() -> None:
    assets, relations, problems = rows(json_inventory.read([DATA / "northgate_register.json"]))
    assert problems == []
    assert (len(assets), len(relations)) == (167, 296)
    (library,) = (row for row in assets if row.key.type == "loadlib")
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
        ("", "a.csv:1: header: The columns are"),
        ("\n\n", "a.csv:1: header: The columns are"),
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
    assets, _relations, problems = rows(csv_inventory.read([write("a.csv", raw)]))
    assert [row.key.name for row in assets] == ["A", "B"]
    assert [problem.place.line for problem in problems if problem.fatal] == [3, 4]


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
        ("", "a.json:1: '{' is expected here, not the end."),
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
    (relation,) = rows(json_inventory.read([path]))[1]
    assert (relation.source.type, relation.target.type) == ("job", "program_batch")
    assert relation.attributes == {}
