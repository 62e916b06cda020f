"""Each rule of completeness: where it fires, what it lists and proposes, and where it is silent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from apps.releases.domain.completeness import RULES
from apps.releases.domain.completeness.evaluation import find_all
from apps.releases.domain.completeness.facts import (
    ChangeFacts,
    CheckFacts,
    ExhibitFacts,
    Facts,
    words_in,
)
from apps.releases.domain.completeness.rule import listed
from apps.releases.domain.completeness.steps import next_label
from apps.releases.domain.findings import SEVERITIES, Detected
from tests.releases.scope import (
    CHANGE,
    PACKAGE,
    Edge,
    ask,
    asset,
    facts,
    fix_labels,
    line,
    missing,
    only,
    step,
    the_rule,
)

COPYBOOK = asset("CVACT01Y", "copybook")
READER, WRITER = asset("CBACT01C"), asset("CBACT04C")
SCREEN, DETAIL = asset("COPAUS1C", "program_cics"), asset("COPAUS2C", "program_cics")
MAP = asset("COPAU01", "cics_mapset")
REGION_1, REGION_2 = asset("CICSCRA1", "cics_region"), asset("CICSCRA2", "cics_region")
PACKAGED, DBRM = asset("CARDCOLL.COPAUS2C", "db2_package"), asset("COPAUS2C.DBRM", "db2_dbrm")
TABLE = asset("CARDDEMO.AUTHFRDS", "db2_table")
JOB = asset("INTCALC", "job")
MASTER, GENERATION = asset("PROD.ACCTDATA", "vsam"), asset("PROD.SYSTRAN", "gdg")
DBD, PSB_ONLINE = asset("DBPAUTP0", "ims_dbd"), asset("PSBPAUTB", "ims_psb")
PSB_LOAD = asset("PSBPAUTL", "ims_psb")
TRANSFER = asset("NDM:DWHEXPORT", "interface")
ENTRY = asset("CTM:DAILY-CARD-CYCLE", "scheduler_entry")
SERVICE, STATEMENTS = asset("SVC:CARD-AUTH", "business_service"), asset("SVC:STATEMENTS", "service")


def test_there_are_seventeen_rules_in_the_order_of_their_codes() -> None:
    assert [rule.code for rule in RULES] == [f"C{number:02}" for number in range(1, 18)]
    assert [rule.code for rule in RULES if rule.severity == "soft"] == ["C12", "C16", "C17"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_says_what_people_need(rule: Any) -> None:
    assert rule.title
    assert rule.condition.endswith(".")
    assert rule.requirement.endswith(".")
    assert rule.symptom
    assert rule.severity in SEVERITIES
    assert (rule.waivable_by == "nobody") == (rule.severity == "hard" and rule.code != "C01")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_an_empty_package_misses_nothing(rule: Any) -> None:
    assert ask(rule.code, facts()) == []


def test_a_rule_that_crashes_is_a_hard_finding_and_the_others_are_asked() -> None:
    class Broken:
        code, title = "C99", "Broken rule"
        condition = requirement = symptom = waivable_by = ""
        severity = "soft"

        def find(self, facts: Facts) -> Iterator[Detected]:
            raise KeyError("nothing")

    about = facts(COPYBOOK, edges=[(READER, "copies", COPYBOOK)])
    broken, other = find_all(about, [Broken(), the_rule("C01")])  # type: ignore[list-item]
    assert (broken.rule, broken.severity) == ("C99", "hard")
    assert broken.text == "C99 Broken rule could not be evaluated."
    assert broken.packages == (PACKAGE,)
    assert other.rule == "C01"


def test_many_names_are_counted_in_a_text_and_all_kept_in_the_finding() -> None:
    users = [asset(f"PROG{number:03}") for number in range(30)]
    found = only("C01", facts(COPYBOOK, edges=[(user, "copies", COPYBOOK) for user in users]))
    assert found.text.endswith("PROG019 and 10 more.")
    assert missing(found) == [user.name for user in users]
    assert len(found.assets) == 31
    assert listed(["A"]) == "A"
    assert listed([]) == ""


class TestC01Copybooks:
    USED = ((READER, "copies", COPYBOOK), (WRITER, "copies", COPYBOOK))

    def test_every_program_that_copies_it_is_listed_and_added_as_recompile(self) -> None:
        found = only("C01", facts(COPYBOOK, edges=self.USED))
        assert missing(found) == ["CBACT01C", "CBACT04C"]
        assert found.text == (
            "2 programs that copy CVACT01Y would keep its old layout: CBACT01C and CBACT04C."
        )
        (fix,) = found.fixes
        assert (fix.kind, fix.label) == ("add_assets", "Add 2 programs as recompile")
        assert fix.rows == tuple(
            {"change": str(CHANGE), "asset": str(each.id), "action": "change"}
            for each in (READER, WRITER)
        )

    def test_it_keeps_its_identity_while_the_list_shrinks(self) -> None:
        more = only("C01", facts(COPYBOOK, edges=self.USED))
        less = only("C01", facts(COPYBOOK, READER, edges=self.USED))
        assert missing(less) == ["CBACT04C"]
        assert less.text.startswith("1 program that copies CVACT01Y ")
        assert more.key == less.key
        assert more.about == (f"package:{PACKAGE}", str(COPYBOOK.id))

    @pytest.mark.parametrize("action", ["change", "new", "rebind_only", "convert", "delete"])
    def test_a_program_counts_whatever_happens_to_it(self, action: str) -> None:
        about = facts(COPYBOOK, line(READER, action), edges=self.USED[:1])
        assert ask("C01", about) == []

    def test_a_copybook_is_followed_into_the_one_that_copies_it(self) -> None:
        outer = asset("CVOUTER", "copybook")
        about = facts(COPYBOOK, edges=[(outer, "copies", COPYBOOK), (READER, "copies", outer)])
        assert missing(only("C01", about)) == ["CBACT01C"]

    @pytest.mark.parametrize("status", ["retired", "unmanaged", "planned"])
    def test_what_does_not_run_or_is_not_ours_is_not_asked_for(self, status: str) -> None:
        user = replace(READER, status=status)
        assert ask("C01", facts(COPYBOOK, edges=[(user, "copies", COPYBOOK)])) == []

    def test_a_copybook_that_copies_itself_does_no_harm(self) -> None:
        assert ask("C01", facts(COPYBOOK, edges=[(COPYBOOK, "copies", COPYBOOK)])) == []

    def test_a_change_without_a_package_is_asked_too(self) -> None:
        found = only("C01", facts(COPYBOOK, edges=self.USED, steps=None))
        assert found.about == (f"change:{CHANGE}", str(COPYBOOK.id))
        assert (found.packages, found.changes) == ((), (CHANGE,))


class TestC02StaticCallers:
    STATIC = {"link": "static"}

    def test_a_static_caller_is_linked_anew_and_so_is_its_own(self) -> None:
        outer = asset("CBOUTER")
        found = only(
            "C02",
            facts(
                READER,
                edges=[(WRITER, "calls", READER, self.STATIC), (outer, "calls", WRITER,
                                                                self.STATIC)],
            ),
        )  # fmt: skip
        assert missing(found) == ["CBACT04C", "CBOUTER"]
        assert fix_labels(found) == ["Add 2 callers as relink"]

    @pytest.mark.parametrize("attributes", [{"link": "dynamic"}, {}])
    def test_a_dynamic_call_and_one_of_unknown_kind_are_silent(self, attributes: Any) -> None:
        assert ask("C02", facts(READER, edges=[(WRITER, "calls", READER, attributes)])) == []

    def test_a_caller_in_the_scope_is_enough(self) -> None:
        about = facts(READER, WRITER, edges=[(WRITER, "calls", READER, self.STATIC)])
        assert ask("C02", about) == []


class TestC03ProgramsWithSql:
    BOUND = ((DETAIL, "binds", PACKAGED), (PACKAGED, "built_from", DBRM))

    def test_the_dbrm_and_the_bind_are_asked_for(self) -> None:
        found = only("C03", facts(DETAIL, edges=self.BOUND))
        assert missing(found) == ["COPAUS2C.DBRM", "BIND_PACKAGE CARDCOLL.COPAUS2C"]
        assert "-805 or -818" in found.text
        assert fix_labels(found) == ["Add COPAUS2C.DBRM", "Add BIND_PACKAGE step"]
        (row,) = found.fixes[1].rows
        assert (row["type"], row["targets"]) == ("BIND_PACKAGE", [str(PACKAGED.id)])

    @pytest.mark.parametrize(
        "bind",
        [
            step("A1", "BIND_PACKAGE", PACKAGED),
            step("A1", "BIND_PACKAGE", says="BIND PACKAGE(CARDCOLL) MEMBER(COPAUS2C)"),
        ],
        ids=["targets it", "names it"],
    )
    def test_a_bind_of_the_package_is_enough(self, bind: Any) -> None:
        assert ask("C03", facts(DETAIL, DBRM, edges=self.BOUND, steps=[bind])) == []

    def test_a_bind_of_another_package_and_one_that_only_backs_out_are_not(self) -> None:
        others = [
            step("A1", "BIND_PACKAGE", asset("CARDCOLL.OTHER", "db2_package")),
            step("A2", "BIND_PACKAGE", PACKAGED, is_backout=True),
        ]
        found = only("C03", facts(DETAIL, DBRM, edges=self.BOUND, steps=others))
        assert missing(found) == ["BIND_PACKAGE CARDCOLL.COPAUS2C"]

    def test_a_copied_dbrm_needs_no_line(self) -> None:
        steps = [step("A1", "COPY_DBRM", DBRM), step("A2", "BIND_PACKAGE", PACKAGED)]
        assert ask("C03", facts(DETAIL, edges=self.BOUND, steps=steps)) == []

    def test_without_a_plan_only_the_dbrm_is_asked_for(self) -> None:
        found = only("C03", facts(DETAIL, edges=self.BOUND, steps=None))
        assert missing(found) == ["COPAUS2C.DBRM"]
        assert fix_labels(found) == ["Add COPAUS2C.DBRM"]

    def test_sql_without_a_recorded_package_asks_for_a_bind_of_the_program(self) -> None:
        program = replace(READER, attributes={"sql": True})
        assert missing(only("C03", facts(program))) == ["BIND_PACKAGE CBACT01C"]

    def test_a_bound_thing_that_is_no_program_is_silent(self) -> None:
        plan = asset("CARDPLAN", "db2_plan")
        assert ask("C03", facts(plan, edges=[(plan, "binds", PACKAGED)])) == []

    def test_a_program_without_sql_is_silent(self) -> None:
        assert ask("C03", facts(READER)) == []


class TestC04Tables:
    USED = ((PACKAGED, "reads", TABLE), (PACKAGED, "writes", TABLE))

    def test_every_package_that_uses_the_table_is_bound_anew(self) -> None:
        other = asset("CARDCOLL.OTHER", "db2_package")
        found = only("C04", facts(TABLE, edges=[*self.USED, (other, "reads", TABLE)]))
        assert missing(found) == ["CARDCOLL.COPAUS2C", "CARDCOLL.OTHER"]
        assert fix_labels(found) == ["Add REBIND"]

    @pytest.mark.parametrize("kind", ["REBIND", "BIND_PACKAGE"])
    def test_either_bind_is_enough(self, kind: str) -> None:
        about = facts(TABLE, edges=self.USED, steps=[step("A1", kind, PACKAGED)])
        assert ask("C04", about) == []

    def test_a_pending_change_needs_reorg_then_runstats(self) -> None:
        steps = [
            step("C1", "DDL", TABLE, says="ALTER TABLE, leaves AREOR"),
            step("C2", "REBIND", PACKAGED),
        ]
        found = only("C04", facts(TABLE, edges=self.USED, steps=steps))
        assert missing(found) == ["REORG", "RUNSTATS"]
        reorg, runstats = found.fixes[0].rows
        assert (reorg["label"], reorg["after"], reorg["before"]) == ("C3", ["C1"], ["C2"])
        assert (runstats["after"], runstats["before"]) == (["C1", "C3"], ["C2"])

    def test_a_table_recorded_as_pending_needs_them_too(self) -> None:
        table = replace(TABLE, attributes={"state": "REORP"})
        assert missing(only("C04", facts(table))) == ["REORG", "RUNSTATS"]

    def test_an_immediate_change_needs_neither(self) -> None:
        steps = [step("C1", "DDL", TABLE, says="ALTER TABLE ADD COLUMN")]
        assert ask("C04", facts(TABLE, steps=steps)) == []

    def test_programs_that_read_it_are_not_packages(self) -> None:
        assert ask("C04", facts(TABLE, edges=[(JOB, "reads", TABLE)])) == []


class TestC05Cics:
    RUN = ((SCREEN, "runs_in", REGION_1), (SCREEN, "runs_in", REGION_2))

    def test_every_region_refreshes_it(self) -> None:
        steps = [step("A1", "NEWCOPY", SCREEN, subsystem="CICSCRA1")]
        found = only("C05", facts(SCREEN, edges=self.RUN, steps=steps))
        assert missing(found) == ["COPAUS1C", "NEWCOPY COPAUS1C in CICSCRA2"]
        assert fix_labels(found) == ["Add 1 NEWCOPY step"]
        (row,) = found.fixes[0].rows
        assert row["title"] == "NEWCOPY COPAUS1C in CICSCRA2"

    def test_one_step_per_region_takes_all_programs(self) -> None:
        edges = [*self.RUN, (DETAIL, "runs_in", REGION_2)]
        found = only("C05", facts(SCREEN, DETAIL, edges=edges))
        first, second = found.fixes[0].rows
        assert first["targets"] == [str(SCREEN.id)]
        assert second["targets"] == [str(SCREEN.id), str(DETAIL.id)]

    def test_a_step_that_names_program_and_regions_is_enough(self) -> None:
        steps = [step("A1", "PHASEIN", says="PHASEIN COPAUS1C in CICSCRA1,CICSCRA2")]
        assert ask("C05", facts(SCREEN, edges=self.RUN, steps=steps)) == []

    def test_a_test_in_the_region_refreshes_nothing(self) -> None:
        steps = [step("A1", "SMOKE_ONLINE", SCREEN, says="Test in CICSCRA1 and CICSCRA2")]
        assert len(ask("C05", facts(SCREEN, edges=self.RUN, steps=steps))) == 1

    def test_the_proposed_steps_satisfy_it(self) -> None:
        found = only("C05", facts(SCREEN, edges=self.RUN))
        steps = [
            step(row["label"], row["type"], SCREEN, says=row["title"])
            for row in found.fixes[0].rows
        ]
        assert ask("C05", facts(SCREEN, edges=self.RUN, steps=steps)) == []

    def test_a_map_set_runs_where_its_programs_run(self) -> None:
        about = facts(MAP, edges=[*self.RUN, (SCREEN, "uses_map", MAP)])
        assert "COPAU01 in CICSCRA1 and CICSCRA2" in only("C05", about).text

    @pytest.mark.parametrize("regions", [["CICSCRA1"], "CICSCRA1, CICSCRA2"])
    def test_regions_may_be_recorded_with_the_program(self, regions: Any) -> None:
        assert (
            "CICSCRA1" in only("C05", facts(replace(SCREEN, attributes={"regions": regions}))).text
        )

    def test_without_recorded_regions_it_asks_for_a_refresh_at_all(self) -> None:
        assert missing(only("C05", facts(SCREEN)))[0] == "COPAUS1C"
        assert ask("C05", facts(SCREEN, steps=[step("A1", "PHASEIN", DETAIL)])) == []

    @pytest.mark.parametrize("action", ["delete", "rebind_only"])
    def test_what_is_not_installed_is_not_refreshed(self, action: str) -> None:
        assert ask("C05", facts(line(SCREEN, action), edges=self.RUN)) == []

    def test_without_a_plan_it_is_silent(self) -> None:
        assert ask("C05", facts(SCREEN, edges=self.RUN, steps=None)) == []


class TestC06Maps:
    def test_every_program_of_the_map_is_in_the_scope(self) -> None:
        used = [(SCREEN, "uses_map", MAP), (DETAIL, "uses_map", MAP)]
        found = only("C06", facts(MAP, SCREEN, edges=used))
        assert missing(found) == ["COPAUS2C"]
        assert fix_labels(found) == ["Add 1 program of the map"]
        assert ask("C06", facts(MAP, SCREEN, DETAIL, edges=used)) == []


class TestC07Lookaside:
    MODULE = replace(READER, lla=True)
    LIBRARY = asset("PROD.LOADLIB", "loadlib", lla=True)
    COPY = step("A1", "COPY_LOAD")

    def test_a_copy_is_followed_by_a_refresh(self) -> None:
        later = step("A2", "SMOKE_JOB", predecessors=("A1",))
        found = only("C07", facts(self.MODULE, steps=[self.COPY, later]))
        assert missing(found) == ["CBACT01C", "LLA_REFRESH"]
        (row,) = found.fixes[0].rows
        assert (row["label"], row["after"], row["before"]) == ("A3", ["A1"], ["A2"])

    def test_a_library_that_the_copy_targets_is_known_too(self) -> None:
        copies = [step("A1", "SCM_EXECUTE", self.LIBRARY), step("A2", "COPY_LOAD")]
        assert missing(only("C07", facts(READER, steps=copies, know=[self.LIBRARY]))) == [
            "LLA_REFRESH"
        ]

    @pytest.mark.parametrize(
        "refresh",
        [
            step("A2", "LLA_REFRESH", predecessors=("A1",)),
            step("W5", "LLA_REFRESH", is_shared=True),
        ],
        ids=["own", "shared by the window"],
    )
    def test_a_refresh_behind_it_is_enough(self, refresh: Any) -> None:
        assert ask("C07", facts(self.MODULE, steps=[self.COPY, refresh])) == []

    def test_a_refresh_before_it_is_not(self) -> None:
        steps = [step("A0", "LLA_REFRESH"), replace(self.COPY, predecessors=("A0",))]
        assert len(ask("C07", facts(self.MODULE, steps=steps))) == 1

    def test_a_module_outside_lla_and_a_plan_that_copies_nothing_are_silent(self) -> None:
        assert ask("C07", facts(READER, steps=[self.COPY], know=[self.LIBRARY])) == []
        idle = [step("A1", "BACKUP_LIB"), step("R1", "COPY_LOAD", is_backout=True)]
        assert ask("C07", facts(self.MODULE, steps=idle)) == []


class TestC08NewJobs:
    def test_a_bare_job_lacks_everything(self) -> None:
        found = only("C08", facts(line(JOB, "new"), line(GENERATION, "new"),
                                  edges=[(JOB, "writes", GENERATION)]))  # fmt: skip
        assert missing(found) == [
            "PROD.SYSTRAN", "GDG_DEFINE", "COPY_JCL", "SECURITY", "SCHED_LOAD", "run book",
            "restart instruction",
        ]  # fmt: skip
        assert found.text == (
            "The new job INTCALC has no JCL in the plan, security permit, scheduler entry, "
            "definition of PROD.SYSTRAN, run book or restart instruction."
        )
        assert fix_labels(found) == [
            "Add 4 steps",
            "Enter run book and restart instruction with the job",
        ]
        assert [row["type"] for row in found.fixes[0].rows] == [
            "GDG_DEFINE", "COPY_JCL", "SECURITY", "SCHED_LOAD",
        ]  # fmt: skip

    def test_a_whole_job_is_silent(self) -> None:
        job = replace(JOB, attributes={"run_book": "RB-7", "restart_step": "STEP15"})
        profile = asset("INTCALC.*", "racf_profile")
        about = facts(
            line(job, "new"),
            edges=[(ENTRY, "schedules", job), (profile, "protects", job)],
            steps=[step("A1", "SCM_EXECUTE")],
        )
        assert ask("C08", about) == []

    def test_without_a_plan_only_its_papers_are_asked_for(self) -> None:
        found = only("C08", facts(line(JOB, "new"), steps=None))
        assert missing(found) == ["run book", "restart instruction"]

    def test_a_changed_job_is_silent(self) -> None:
        assert ask("C08", facts(JOB)) == []


class TestC09DataSets:
    ABSENT = replace(MASTER, status="planned")

    def test_a_data_set_that_is_not_there_is_defined(self) -> None:
        new = replace(GENERATION, status="planned")
        edges = [(JOB, "reads", self.ABSENT), (JOB, "writes", new)]
        found = only("C09", facts(JOB, edges=edges))
        assert missing(found) == ["PROD.ACCTDATA", "PROD.SYSTRAN"]
        assert fix_labels(found) == ["Define 2 data sets"]
        assert [row["type"] for row in found.fixes[0].rows] == ["IDCAMS_DEFINE", "GDG_DEFINE"]

    @pytest.mark.parametrize("told", [{"disp": "(NEW,CATLG,DELETE)"}, {"key": "create"}])
    def test_one_that_the_job_makes_itself_needs_nothing(self, told: Any) -> None:
        edges: list[Edge] = [(JOB, "reads", self.ABSENT), (JOB, "writes", self.ABSENT, told)]
        assert ask("C09", facts(JOB, edges=edges)) == []

    def test_a_define_in_the_plan_is_enough(self) -> None:
        steps = [step("A1", "IDCAMS_DEFINE", says="DEFINE CLUSTER(NAME(PROD.ACCTDATA))")]
        about = facts(JOB, edges=[(JOB, "reads", self.ABSENT)], steps=steps)
        assert ask("C09", about) == []

    def test_a_define_of_another_data_set_is_not(self) -> None:
        steps = [step("A1", "IDCAMS_DEFINE", says="DEFINE CLUSTER in PROD")]
        about = facts(JOB, edges=[(JOB, "reads", self.ABSENT)], steps=steps)
        assert len(ask("C09", about)) == 1

    def test_one_that_is_there_is_silent(self) -> None:
        assert ask("C09", facts(JOB, edges=[(JOB, "reads", MASTER)])) == []


class TestC10Layouts:
    USED = ((JOB, "writes", MASTER), (JOB, "executes", WRITER), (SCREEN, "reads", MASTER))

    def test_the_conversion_and_every_user_are_asked_for(self) -> None:
        found = only("C10", facts(line(MASTER, "convert"), edges=self.USED))
        assert missing(found) == ["COPAUS1C", "INTCALC", "CONVERT_DATA"]
        assert fix_labels(found) == ["Add CONVERT_DATA step", "Add 2 readers and writers"]
        # The job follows its program.
        assert [row["asset"] for row in found.fixes[1].rows] == [str(WRITER.id), str(SCREEN.id)]

    def test_a_job_comes_with_itself_or_with_its_program(self) -> None:
        convert = [step("A1", "CONVERT_DATA", MASTER)]
        for delivered in (JOB, WRITER):
            about = facts(line(MASTER, "convert"), SCREEN, delivered, edges=self.USED,
                          steps=convert)  # fmt: skip
            assert ask("C10", about) == []

    def test_what_another_package_of_the_window_delivers_counts(self) -> None:
        about = facts(
            line(MASTER, "convert"),
            edges=self.USED,
            steps=[step("A1", "CONVERT_DATA", MASTER)],
            same_window_assets=frozenset({WRITER.id, SCREEN.id}),
        )
        assert ask("C10", about) == []

    def test_a_new_length_of_its_copybook_is_a_new_layout(self) -> None:
        copybook = replace(COPYBOOK, attributes={"record_length": 340})
        master = replace(MASTER, attributes={"record_length": 300})
        layout = [(copybook, "layout_of", master)]
        assert missing(only("C10", facts(master, copybook, edges=layout))) == ["CONVERT_DATA"]
        assert ask("C10", facts(master, edges=layout)) == []

    @pytest.mark.parametrize(
        "user", [replace(READER, status="retired"), asset("RPT:CATBAL", "report")],
        ids=["retired", "no program"],
    )  # fmt: skip
    def test_what_opens_it_no_more_or_never_is_not_asked_for(self, user: Any) -> None:
        steps = [step("A1", "CONVERT_DATA", MASTER)]
        about = facts(line(MASTER, "convert"), edges=[(user, "reads", MASTER)], steps=steps)
        assert ask("C10", about) == []

    def test_a_data_set_without_a_recorded_layout_is_silent(self) -> None:
        assert ask("C10", facts(MASTER, edges=self.USED)) == []

    def test_a_data_set_whose_layout_is_not_known_to_change_is_silent(self) -> None:
        about = facts(MASTER, COPYBOOK, edges=[*self.USED, (COPYBOOK, "layout_of", MASTER)])
        assert ask("C10", about) == []


class TestC11Ims:
    REFERRED = ((PSB_ONLINE, "refers_dbd", DBD), (PSB_LOAD, "refers_dbd", DBD))

    def test_every_psb_is_generated_and_activated(self) -> None:
        found = only("C11", facts(DBD, PSB_ONLINE, edges=self.REFERRED))
        assert missing(found) == ["PSBPAUTL", "ACBGEN PSBPAUTB", "ACBGEN PSBPAUTL", "IMS_OLC"]
        assert fix_labels(found) == ["Add PSBPAUTL", "Add ACBGEN and IMS_OLC"]
        acbgen, online_change = found.fixes[1].rows
        assert online_change["after"] == [acbgen["label"]]

    def test_the_generation_of_one_psb_does_not_cover_the_other(self) -> None:
        steps = [
            step("F3", "ACBGEN", DBD, PSB_ONLINE, says="DBDGEN, PSBGEN PSBPAUTB, ACBGEN"),
            step("F4", "IMS_OLC", DBD, predecessors=("F3",)),
        ]
        found = only("C11", facts(DBD, PSB_ONLINE, edges=self.REFERRED, steps=steps))
        assert missing(found) == ["PSBPAUTL", "ACBGEN PSBPAUTL"]
        (row,) = found.fixes[1].rows
        assert (row["label"], row["before"]) == ("F5", ["F4"])

    def test_a_whole_generation_is_silent(self) -> None:
        steps = [
            step("F2", "PSBGEN", PSB_LOAD),
            step("F3", "ACBGEN", PSB_ONLINE, PSB_LOAD),
            step("F4", "IMS_OLC"),
        ]
        assert ask("C11", facts(DBD, PSB_ONLINE, edges=self.REFERRED, steps=steps)) == []

    def test_without_a_plan_only_the_psbs_are_asked_for(self) -> None:
        about = facts(DBD, edges=self.REFERRED, steps=None)
        assert missing(only("C11", about)) == ["PSBPAUTB", "PSBPAUTL"]

    def test_a_dbd_that_nothing_refers_to_is_silent(self) -> None:
        assert ask("C11", facts(DBD)) == []


class TestC12Partners:
    TOLD = ChangeFacts(
        CHANGE, "CHG1", exhibits=(ExhibitFacts("other", "Acknowledgement of DWH, 12 November"),)
    )
    CHECK = step("A1", "DOWNSTREAM_CHECK", TRANSFER)

    def test_the_partner_acknowledges_and_looks(self) -> None:
        found = only("C12", facts(TRANSFER))
        assert found.severity == "soft"
        assert missing(found) == ["NDM:DWHEXPORT", "acknowledgement", "DOWNSTREAM_CHECK"]
        assert fix_labels(found) == [
            "Add DOWNSTREAM_CHECK step", "Attach the partner's acknowledgement to the change",
        ]  # fmt: skip

    def test_both_together_are_enough(self) -> None:
        assert ask("C12", facts(TRANSFER, change=self.TOLD, steps=[self.CHECK])) == []

    def test_each_is_asked_for_alone(self) -> None:
        assert "acknowledgement" in missing(only("C12", facts(TRANSFER, steps=[self.CHECK])))
        assert "DOWNSTREAM_CHECK" in missing(only("C12", facts(TRANSFER, change=self.TOLD)))

    def test_the_layout_of_an_interface_is_one_too(self) -> None:
        queue = asset("CARD.REPLY", "mq_queue")
        edges = [(COPYBOOK, "layout_of", queue), (queue, "transfers_to", TRANSFER)]
        found = only("C12", facts(COPYBOOK, edges=edges))
        assert "the partner of NDM:DWHEXPORT has not acknowledged it" in found.text

    def test_a_copybook_of_our_own_is_silent(self) -> None:
        assert ask("C12", facts(COPYBOOK, edges=[(COPYBOOK, "layout_of", MASTER)])) == []


class TestC13Schedules:
    SIGNED = ChangeFacts(CHANGE, "CHG1", signed=frozenset({"technical_lead:scheduling"}))
    LOAD = step("A1", "SCHED_LOAD", ENTRY)

    def test_it_is_reviewed_and_loaded(self) -> None:
        found = only("C13", facts(ENTRY))
        assert missing(found) == ["no step loads it", "scheduling has not reviewed its order"]
        assert fix_labels(found)[0] == "Add SCHED_LOAD step"

    def test_a_signed_and_loaded_entry_is_silent(self) -> None:
        assert ask("C13", facts(ENTRY, change=self.SIGNED, steps=[self.LOAD])) == []

    def test_an_attached_review_is_as_good_as_a_signature(self) -> None:
        review = ChangeFacts(CHANGE, "CHG1", exhibits=(ExhibitFacts("other", "Scheduling review"),))
        assert ask("C13", facts(ENTRY, change=review, steps=[self.LOAD])) == []

    def test_a_load_behind_the_extension_of_the_plan_is_too_late(self) -> None:
        steps = [step("A0", "PLAN_EXTEND"), replace(self.LOAD, predecessors=("A0",))]
        found = only("C13", facts(ENTRY, change=self.SIGNED, steps=steps))
        assert missing(found) == ["it is loaded after the plan was extended"]
        assert fix_labels(found) == ["Load it before PLAN_EXTEND"]
        other = step("A3", "SCHED_LOAD", asset("CTM:OTHER", "scheduler_entry"))
        assert len(ask("C13", facts(ENTRY, change=self.SIGNED, steps=[*steps, other]))) == 1
        early = replace(self.LOAD, label="A4")
        assert ask("C13", facts(ENTRY, change=self.SIGNED, steps=[*steps, early])) == []

    def test_without_a_plan_it_is_silent(self) -> None:
        assert ask("C13", facts(ENTRY, steps=None)) == []


class TestC14WaysBack:
    ALTERS = step("A1", "COPY_LOAD", alters=True, way_back="COPY_LOAD", says="Copy CBACT01C")

    def test_every_altering_step_has_one(self) -> None:
        manual = step("A2", "BLDINDEX", alters=True)
        found = only("C14", facts(steps=[self.ALTERS, manual]))
        assert found.text == "No backout step reverses A1 and A2."
        first, second = found.fixes[0].rows
        assert (first["type"], first["reverses"]) == ("COPY_LOAD", "A1")
        assert first["title"] == "Take A1 back: Copy CBACT01C"
        assert (second["label"], second["type"], second["reverses"]) == ("A4", "MANUAL", "A2")
        assert found.about == (f"package:{PACKAGE}",)

    def test_a_reversed_step_is_silent(self) -> None:
        back = step("R1", "COPY_LOAD", is_backout=True, reverses="A1", alters=True)
        assert ask("C14", facts(steps=[self.ALTERS, back])) == []

    def test_a_step_that_cannot_be_undone_needs_a_change_that_says_so(self) -> None:
        steps = [replace(self.ALTERS, irreversible=True)]
        found = only("C14", facts(steps=steps))
        assert found.text == "No change says that A1 cannot be undone."
        assert fix_labels(found) == ["Mark the change of A1 as irreversible"]
        said = ChangeFacts(CHANGE, "CHG1", irreversible=True)
        assert ask("C14", facts(steps=steps, change=said)) == []
        two = replace(facts(steps=steps), changes=(ChangeFacts(PACKAGE, "CHG2"), said))
        assert ask("C14", two) == []

    def test_steps_that_the_window_shares_are_not_its_own(self) -> None:
        assert ask("C14", facts(steps=[replace(self.ALTERS, is_shared=True)])) == []


class TestC15Services:
    RISKY: dict[str, Any] = {
        "risk_band": "high",
        "critical_services": (SERVICE.id, STATEMENTS.id),
        "know": [SERVICE, STATEMENTS],
    }
    TRANSACTION = asset("CP00", "cics_transaction")

    def test_every_critical_service_that_is_reached_has_a_check(self) -> None:
        found = only("C15", facts(READER, **self.RISKY))
        assert missing(found) == ["SVC:CARD-AUTH", "SVC:STATEMENTS"]
        (fix,) = found.fixes
        assert (fix.kind, fix.label) == ("add_checks", "Add 2 checks")
        assert fix.rows[0] == {
            "package": str(PACKAGE), "title": "SVC:CARD-AUTH works", "kind": "manual",
            "phase": "go_decision",
        }  # fmt: skip

    def test_a_check_that_names_the_service_covers_it(self) -> None:
        checks = tuple(
            CheckFacts("V1", "manual", "go_decision", words_in(f"{each.name} works"))
            for each in (SERVICE, STATEMENTS)
        )
        assert ask("C15", facts(READER, **self.RISKY, checks=checks)) == []

    def test_a_check_behind_a_step_on_what_supports_the_service_covers_it(self) -> None:
        about = facts(
            READER,
            edges=[(self.TRANSACTION, "supports", SERVICE)],
            steps=[step("A1", "SMOKE_ONLINE", self.TRANSACTION)],
            checks=(CheckFacts("V1", "online_smoke", "go_decision", step="A1"),),
            **self.RISKY,
        )
        assert missing(only("C15", about)) == ["SVC:STATEMENTS"]

    def test_a_check_after_a_backout_covers_nothing(self) -> None:
        check = CheckFacts("X1", "manual", "post_backout", words_in("SVC:CARD-AUTH SVC:STATEMENTS"))
        assert len(ask("C15", facts(READER, **self.RISKY, checks=(check,)))) == 1

    @pytest.mark.parametrize("band", ["", "low", "medium"])
    def test_a_lower_risk_is_silent(self, band: str) -> None:
        assert ask("C15", facts(READER, **{**self.RISKY, "risk_band": band})) == []


class TestC16People:
    def test_every_step_has_an_owner_and_a_deputy(self) -> None:
        steps = [
            step("A1", "COPY_LOAD", owner="", deputy=""),
            step("A2", "SMOKE_JOB", deputy=""),
            step("R1", "COPY_LOAD", owner="", is_backout=True),
        ]
        found = only("C16", facts(steps=steps))
        assert found.text == "3 steps without people; no owner: A1 and R1; no deputy: A2."
        assert fix_labels(found) == ["Name people for A1, R1 and A2"]

    def test_decisions_and_shared_steps_are_not_asked_about(self) -> None:
        steps = [
            step("A1", "GO_NO_GO", owner="", decides=True),
            step("W1", "HOLD_JOB", owner="", is_shared=True),
            step("A2", "SMOKE_JOB"),
        ]
        assert ask("C16", facts(steps=steps)) == []


class TestC17Forecasts:
    CRITICAL = replace(JOB, critical=True)

    def test_a_critical_job_is_measured_before(self) -> None:
        found = only("C17", facts(self.CRITICAL))
        assert missing(found) == ["INTCALC"]
        assert found.severity == "soft"

    def test_a_performance_test_or_check_is_enough(self) -> None:
        tested = ChangeFacts(CHANGE, "CHG1", exhibits=(ExhibitFacts("performance", "INTCALC"),))
        assert ask("C17", facts(self.CRITICAL, change=tested)) == []
        check = CheckFacts("V1", "performance", "in_window")
        assert ask("C17", facts(self.CRITICAL, checks=(check,))) == []

    def test_another_job_is_silent(self) -> None:
        assert ask("C17", facts(JOB)) == []


class TestProposedSteps:
    def test_a_step_is_never_put_before_what_comes_before_it(self) -> None:
        """A smoke test that the copy waits for does not wait for the bind behind the copy."""
        steps = [
            step("A1", "SMOKE_JOB"),
            step("A2", "SCM_EXECUTE", predecessors=("A1",)),
            step("A3", "SMOKE_JOB", predecessors=("A2",)),
        ]
        found = only("C03", facts(replace(READER, attributes={"sql": True}), steps=steps))
        (row,) = found.fixes[0].rows
        assert (row["after"], row["before"]) == (["A2"], ["A3"])

    @pytest.mark.parametrize(
        ("used", "free"),
        [(["A1", "A12", "A1-R", "B70"], "A13"), (["COPY", "A2"], "A3"), ([], "N1")],
    )
    def test_labels_go_on_in_the_style_of_the_plan(self, used: list[str], free: str) -> None:
        assert next_label(used) == free

    def test_a_plan_without_numbered_steps_gets_some(self) -> None:
        found = only("C11", facts(DBD, PSB_ONLINE, edges=[(PSB_ONLINE, "refers_dbd", DBD)]))
        assert [row["label"] for row in found.fixes[0].rows] == ["N1", "N2"]

    @pytest.mark.parametrize("code", ["C03", "C11", "C14"])
    def test_a_fix_is_plain_json(self, code: str) -> None:
        about = facts(
            DBD, PSB_ONLINE, replace(READER, attributes={"sql": True}),
            edges=[(PSB_ONLINE, "refers_dbd", DBD)],
            steps=[step("A1", "COPY_LOAD", alters=True)],
        )  # fmt: skip
        told = [fix.as_dict() for fix in only(code, about).fixes]
        assert json.loads(json.dumps(told)) == told
