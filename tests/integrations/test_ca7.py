"""CA-7 reports: the real one edge by edge, then what printers and transfers do to them."""

from __future__ import annotations

import pytest

from apps.integrations.adapters import ca7, csv_inventory
from apps.inventory.domain.rows import AssetKey
from tests.integrations.files import DATA, DEMO, Read, Write

HEAD = """\
1LJOB,JOB={job},LIST=ALL
JOB={job} LIST=ALL                                  DATE=06.198    PAGE 0001

   JOB    ----JCL----   SYSTEM  USR MAIN PROSE  SCHED  --NUMBER OF-   LAST-RUN
   NAME    ID  MEMBER   -NAME-  -ID -ID- DSNBR  DSNBR  STP DDS RUNS   DATE/TIME

 {job} 255 {member} CARDDEMO  000 ALL  *NONE* 000652 005 000 1058  06198/0700

        --------------------------- JOB INFORMATION ---------------------------
        Y -- REQUIREMNTS TO BE LISTED      {others} -- COMP TRIGGERS OTHER JOBS

"""
TRIGGERED = """\
        --------------------------- TRIGGERED JOBS ----------------------------
"""


def trigger(job: str, schedule: str = "030") -> str:
    return f"           JOB={job} SCHID={schedule}      QTM=0100 LEADTM=0000 SUBMTM=\n"


def listed(job: str, *triggers: str, member: str = "") -> str:
    head = HEAD.format(job=job, member=member or job, others="Y" if triggers else "N")
    return head + (TRIGGERED + "".join(triggers) + "\n" if triggers else "")


def read(write: Write, *texts: str | bytes) -> Read:
    return Read(ca7.read([write(f"r{n}.ca7", text) for n, text in enumerate(texts, start=1)]))


def test_the_real_report_tells_the_facts_edge_by_edge() -> None:
    """The facts keep one schedule id for each pair of jobs; the report has two for one pair.

    Line 569 of the report triggers OPENFIL after WAITSTEP under SCHID 031, in the run of PRTCATBL.
    The facts count it as the fourth occurrence of SCHID 030. The report is right.
    """
    facts = Read(
        csv_inventory.read([DEMO / "carddemo_assets.csv", DEMO / "carddemo_relations.csv"])
    )
    told = Read(ca7.read([DATA / "CardDemo.ca7"]))
    expected = {edge for edge in facts.edges if edge[0].startswith("CA7/")}
    assert {edge[1] for edge in expected} == {"triggers", "schedules"}
    assert told.edges - expected == {("CA7/WAITSTEP", "triggers", "CA7/OPENFIL", "031")}
    assert expected - told.edges == set()
    assert len(told.relations) == len(told.edges)
    entries = {row.key for row in facts.assets if row.key.qualifier == "CA7"}
    assert {row.key for row in told.assets if row.key.qualifier == "CA7"} == entries
    assert told.problems == told.notices == []


def test_jobs_are_no_cycle_under_their_schedule_ids() -> None:
    told = Read(ca7.read([DATA / "CardDemo.ca7"]))
    keys = {edge[3] for edge in told.edges if edge[1] == "triggers"}
    assert keys == {"030", "031", "032"}


def test_an_entry_schedules_the_member_that_the_report_names(write: Write) -> None:
    told = read(write, listed("CLOSEFIL1", member="CLOSEFIL"))
    assert told.edges == {("CA7/CLOSEFIL1", "schedules", "-/CLOSEFIL", "")}
    assert [(row.key, row.mentioned) for row in told.assets] == [
        (AssetKey("scheduler_entry", "CA7", "CLOSEFIL1"), False),
        (AssetKey("job", "-", "CLOSEFIL"), True),
    ]


def test_a_job_listed_again_adds_its_triggers_and_repeats_nothing(write: Write) -> None:
    bare = "1LJOB,JOB=A,LIST=ALL\n\n" + TRIGGERED + trigger("B") + trigger("B", "031") + "\n"
    told = read(write, listed("A", trigger("B")) + listed("B") + bare + listed("B"))
    assert len(told.relations) == 4
    assert ("CA7/A", "triggers", "CA7/B", "031") in told.edges
    assert len(told.assets) == 4
    assert told.problems == []


def test_a_name_that_is_never_listed_is_entered_unsure_and_told(write: Write) -> None:
    told = read(write, listed("A", trigger("GHOST")))
    (ghost,) = (row for row in told.assets if row.key.name == "GHOST")
    assert (ghost.mentioned, ghost.confidence) == (True, 60)
    assert told.notices == ["r1.ca7:13: GHOST is triggered, but the report does not list it."]


def test_what_one_file_triggers_may_be_listed_in_another(write: Write) -> None:
    told = read(write, listed("A", trigger("B")), listed("B"))
    assert told.notices == []


def test_a_page_may_end_inside_the_triggered_jobs(write: Write) -> None:
    page = "".join(HEAD.format(job="A", member="A", others="Y").splitlines(keepends=True)[1:5])
    text = listed("A", trigger("B"), "\f\n", page, trigger("C")) + listed("B") + listed("C")
    told = read(write, text)
    assert told.problems == []
    assert {edge[2] for edge in told.edges if edge[1] == "triggers"} == {"CA7/B", "CA7/C"}


def test_a_masked_command_lists_jobs_by_their_definitions(write: Write) -> None:
    bodies = listed("A", trigger("B")), listed("B")
    text = "1LJOB,JOB=*,LIST=ALL\n" + "".join(body.partition("\n")[2] for body in bodies)
    told = read(write, text.replace("JOB=A LIST", "JOB=* LIST"))
    assert ("CA7/A", "triggers", "CA7/B", "030") in told.edges
    assert told.problems == told.notices == []


def test_a_section_that_is_not_read_is_told_once(write: Write) -> None:
    other = "        ------------ NETWORKS ------------\n        NET=N1\n"
    told = read(write, listed("A") + other + listed("B") + other)
    assert told.notices == ["r1.ca7:12: The section NETWORKS is passed over."]


@pytest.mark.parametrize("lines", [1, 2, 7, 9, 11])
def test_a_report_that_is_cut_in_a_new_job_is_refused(write: Write, lines: int) -> None:
    cut = "".join(listed("B", trigger("A")).splitlines(keepends=True)[:lines])
    told = read(write, listed("A") + cut)
    (problem,) = told.problems
    assert "The report ends inside the listing of B. Transfer all of it." in problem


def test_a_report_that_is_cut_in_a_trigger_is_refused(write: Write) -> None:
    text = listed("A") + listed("B", trigger("A"))
    told = read(write, text[: text.index("SCHID") + 3])
    assert told.problems == [
        "r1.ca7:24: A triggered job (JOB=… SCHID=…) is expected, not 'JOB=A SCH'.",
        "r1.ca7:18: The report ends inside the listing of B. Transfer all of it.",
    ]


def test_every_bad_line_is_told(write: Write) -> None:
    text = listed("A", "   JOB=lower SCHID=1\n", trigger("B"), "   what is this\n") + listed("B")
    assert [problem.split(": ")[0] for problem in read(write, text).problems] == [
        "r1.ca7:13",
        "r1.ca7:15",
    ]


def test_another_member_for_the_same_job_is_refused(write: Write) -> None:
    told = read(write, listed("A", member="M1") + listed("A", member="M2"))
    assert "A was listed with the member M1, now with M2" in told.problems[0]


def test_a_job_that_triggers_itself_is_an_edge_like_any_other(write: Write) -> None:
    told = read(write, listed("A", trigger("A")))
    assert ("CA7/A", "triggers", "CA7/A", "030") in told.edges


def test_two_hundred_thousand_lines_are_read(write: Write) -> None:
    body = "".join(listed(f"J{n:06}", trigger(f"J{n + 1:06}")) for n in range(15_400))
    told = read(write, body + listed("J015400"))
    assert body.count("\n") > 200_000
    assert len(told.relations) == 15_400 + 15_401
    assert told.problems == told.notices == []


def test_bytes_of_a_binary_transfer_are_told_with_the_remedy(write: Write) -> None:
    told = read(write, listed("A").encode("cp037"))
    (problem,) = told.problems
    assert "EBCDIC" in problem and "as text, not as binary" in problem


def test_latin_1_bytes_are_told_by_line(write: Write) -> None:
    text = listed("A").replace("CARDDEMO", "GRÖẞE".replace("ẞ", "ß"))
    (problem,) = read(write, text.encode("latin-1")).problems
    assert problem.startswith("r1.ca7:7: This is not UTF-8 (byte 0xD6")


@pytest.mark.parametrize(
    ("content", "looks"),
    [("<DEFTABLE/>", "XML"), ('{"records": []}', "JSON"), ("name,type\n", "plain text")],
)
def test_another_format_is_recognised(write: Write, content: str, looks: str) -> None:
    (problem,) = read(write, content).problems
    assert f"it looks like {looks}. Choose its format" in problem


def test_an_empty_file_is_told(write: Write) -> None:
    assert read(write, "\n \n").problems == ["r1.ca7:1: The file is empty."]
