"""Control-M tables: the real one edge by edge, folders in folders, and XML that is refused."""

from __future__ import annotations

import pytest

from apps.integrations.adapters import controlm, csv_inventory
from apps.integrations.adapters.controlm.elements import DEPTH_MAX
from apps.inventory.domain.rows import AssetKey
from tests.integrations.files import DATA, DEMO, Read, Write


def read(write: Write, *bodies: str) -> Read:
    texts = [f"<DEFTABLE>\n{body}\n</DEFTABLE>" for body in bodies]
    return raw(write, *texts)


def raw(write: Write, *texts: str | bytes) -> Read:
    return Read(controlm.read([write(f"c{n}.xml", text) for n, text in enumerate(texts, start=1)]))


def job(name: str, *inside: str, member: str = "") -> str:
    memname = f' MEMNAME="{member}"' if member else ""
    return f'<JOB JOBNAME="{name}"{memname}>{"".join(inside)}</JOB>'


def waits(name: str) -> str:
    return f'<INCOND NAME="{name}" ODATE="ODAT" AND_OR="A"/>'


def adds(name: str, sign: str = "+") -> str:
    return f'<OUTCOND NAME="{name}" ODATE="ODAT" SIGN="{sign}"/>'


def folder(name: str, *inside: str) -> str:
    return f'<FOLDER FOLDER_NAME="{name}">{"".join(inside)}</FOLDER>'


def test_the_real_table_tells_the_facts_edge_by_edge() -> None:
    facts = Read(
        csv_inventory.read([DEMO / "carddemo_assets.csv", DEMO / "carddemo_relations.csv"])
    )
    told = Read(controlm.read([DATA / "CardDemo.controlm"]))
    entries = {
        row.key
        for row in facts.assets
        if row.key.type == "scheduler_entry" and row.key.qualifier != "CA7"
    }
    expected = {
        (f"{r.source.qualifier}/{r.source.name}", r.kind, f"{r.target.qualifier}/{r.target.name}",
         r.key)
        for r in facts.relations if r.source in entries
    }  # fmt: skip
    assert {edge[1] for edge in expected} == {"triggers", "schedules", "includes"}
    assert told.edges == expected
    assert len(told.relations) == len(expected) == 42
    assert {row.key for row in told.assets if not row.mentioned} == entries
    assert told.problems == told.notices == []


def test_the_folder_that_holds_a_job_counts_not_the_one_it_came_from() -> None:
    told = Read(controlm.read([DATA / "CardDemo.controlm"]))
    (moved,) = (row for row in told.assets if row.key.name == "TRANEXTR" and not row.mentioned)
    assert moved.key.qualifier == "WEEKLY-TRANSACTIONTYPESDBREFRESH"


def test_a_condition_joins_jobs_of_different_folders_and_files(write: Write) -> None:
    told = read(
        write,
        folder("LATE", job("B", waits("GO"))),
        folder("EARLY", job("A", adds("GO")), job("C", waits("GO"), adds("GO", "-"))),
    )
    assert {edge for edge in told.edges if edge[1] == "triggers"} == {
        ("EARLY/A", "triggers", "LATE/B", ""),
        ("EARLY/A", "triggers", "EARLY/C", ""),
    }


def test_two_conditions_between_two_jobs_are_one_edge(write: Write) -> None:
    told = read(
        write, folder("F", job("A", adds("X"), adds("Y")), job("B", waits("Y"), waits("X")))
    )
    (edge,) = (row for row in told.relations if row.kind == "triggers")
    assert edge.attributes == {"conditions": ["Y", "X"]}


def test_a_condition_that_no_job_adds_is_told(write: Write) -> None:
    told = read(write, folder("F", "\n", job("A", waits("FROM-OUTSIDE"))))
    assert told.notices == ["c1.xml:3: NAME: A waits for 'FROM-OUTSIDE', which no job here adds."]


def test_a_job_that_adds_a_condition_when_it_fails_triggers_too(write: Write) -> None:
    on = '<ON CODE="NOTOK"><DOCOND NAME="ALARM" SIGN="+"/></ON>'
    told = read(write, folder("F", job("A", on), job("B", waits("ALARM"))))
    assert ("F/A", "triggers", "F/B", "") in told.edges


def test_folders_in_folders_qualify_their_jobs(write: Write) -> None:
    told = read(
        write,
        '<SMART_FOLDER FOLDER_NAME="Top" JOBNAME="Top">'
         '<SUB_FOLDER JOBNAME="Night run">' + job("A") + waits("GO") + "</SUB_FOLDER>"
        + job("B", adds("GO")) + "</SMART_FOLDER>",
    )  # fmt: skip
    assert told.edges == {
        ("CONTROL-M/TOP", "includes", "CONTROL-M/TOP/NIGHT_RUN", ""),
        ("CONTROL-M/TOP/NIGHT_RUN", "includes", "TOP/NIGHT_RUN/A", ""),
        ("CONTROL-M/TOP", "includes", "TOP/B", ""),
        ("TOP/B", "triggers", "CONTROL-M/TOP/NIGHT_RUN", ""),
    }


def test_a_folder_in_two_pieces_is_one(write: Write) -> None:
    told = read(write, folder("F", job("A")), folder("F", job("B")))
    assert [row.key.name for row in told.assets] == ["F", "A", "B"]


def test_a_name_twice_in_a_folder_is_told_and_one_entry(write: Write) -> None:
    told = read(write, folder("F", job("A", adds("X")), job("A", adds("Y")), job("B", waits("Y"))))
    assert told.notices == ["c1.xml:2: JOBNAME: F has A twice; both are one entry here."]
    assert ("F/A", "triggers", "F/B", "") in told.edges


def test_a_script_is_no_jcl_member(write: Write) -> None:
    told = read(write, folder("F", job("A", member="load_it.sh"), job("B", member="MEMBER")))
    assert "'load_it.sh' is no JCL member" in told.notices[0]
    assert [row.key for row in told.assets if row.mentioned] == [AssetKey("job", "-", "MEMBER")]


def test_what_stands_in_no_folder_or_has_no_name_is_told_by_line(write: Write) -> None:
    told = read(write, job("A") + "\n" + waits("GO") + "\n" + folder("", "\n", job(""), waits("")))
    assert told.problems == [
        "c1.xml:2: The job A stands outside a folder.",
        "c1.xml:3: The condition GO stands outside a job and a folder.",
        "c1.xml:4: FOLDER_NAME: The folder has no name.",
        "c1.xml:5: JOBNAME: The job has no name.",
        "c1.xml:5: NAME: The condition has no name.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<DEFTABLE>\n<FOLDER", "c1.xml:2: Broken XML"),
        ("<DEFTABLE>\n</FOLDER>", "c1.xml:2: Broken XML: mismatched tag"),
        ("<OTHER/>", "c1.xml:1: DEFFOLDER or DEFTABLE is expected as the outermost element"),
        ("<DEFTABLE>" + "<A>" * DEPTH_MAX, "nested deeper than 100 levels"),
        ("1LJOB,JOB=A,LIST=ALL\n", "This is no XML; it looks like plain text. Choose its format."),
        ('{"data": []}', "This is no XML; it looks like JSON. Choose its format."),
        ("", "c1.xml:1: The file is empty."),
        ("<DEFTABLE>Ä</DEFTABLE>".encode("latin-1"), "c1.xml:1: Broken XML"),
        ("<DEFTABLE> <FOLDER/> </DEFTABLE>".encode("cp037"), "EBCDIC"),
    ],
)
def test_bad_xml_is_told(write: Write, text: str | bytes, told: str) -> None:
    problems = raw(write, text).problems
    assert any(told in problem for problem in problems), problems


@pytest.mark.parametrize(
    "definition",
    [
        '<!DOCTYPE D [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE D SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE D [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_and_definitions_are_refused(write: Write, definition: str) -> None:
    told = raw(write, f"<?xml version='1.0'?>\n{definition}\n<DEFTABLE/>")
    (problem,) = told.problems
    assert problem.startswith("c1.xml:2: A document type definition or an entity is not read")
    assert told.assets == []


def test_two_hundred_thousand_lines_are_read(write: Write) -> None:
    lines = "\n".join(job(f"J{n}", waits(f"C{n}"), adds(f"C{n + 1}")) for n in range(200_000))
    told = read(write, folder("F", adds("C0"), lines))
    assert len(told.relations) == 200_000 * 2
    assert told.problems == []
