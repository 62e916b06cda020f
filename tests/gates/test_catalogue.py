"""Each gate as a table: what is wrong → what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from apps.accounts.domain.roles import ROLE_CODES
from apps.gates.catalogue import GATE_BY_CODE, GATES
from apps.gates.domain.evaluation import evaluate_all, hard_blockers
from apps.gates.domain.facts import (
    BackoutFacts,
    BatchFacts,
    CheckFacts,
    ClosedFacts,
    ExhibitFacts,
    FitFacts,
    LessonFacts,
    OrderFacts,
    PackageFacts,
    ScmFacts,
)
from apps.gates.domain.verdict import Verdict
from tests.gates.facts import (
    APPROVER,
    AUTHOR,
    CONTENT,
    GOOD,
    NOW,
    OPENS,
    OPERATOR,
    REQUESTER,
    VALIDATOR,
    attestation,
    change,
    found,
    line,
    person,
    proof,
    spoiled,
    step,
    use,
)

PLAN = GOOD.backout
WINDOW = GOOD.window
CHECK = GOOD.checks[0]
assert PLAN is not None and WINDOW is not None


def test_codes_are_unique_and_ordered() -> None:
    assert [gate.code for gate in GATES] == sorted(GATE_BY_CODE)


def test_every_gate_says_what_people_need() -> None:
    for gate in GATES:
        assert gate.title and gate.evidence_kind
        assert gate.help_text.endswith(".")
        assert isinstance(gate.waivable_by, tuple)
        assert {role.partition("@")[0] for role in gate.waivable_by} <= ROLE_CODES
        assert gate.owner_role == "package_owner" or gate.owner_role in ROLE_CODES
        assert bool(gate.proves) is gate.is_manual


def test_these_gates_nobody_ever_waives() -> None:
    assert [gate.code for gate in GATES if not gate.waivable_by] == [
        "G01", "G02", "G03", "G10", "G20", "G22",
    ]  # fmt: skip


SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.code)
def test_a_good_package_meets_it(gate: Any) -> None:
    assert gate.evaluate(GOOD) == Verdict(None if gate.only_at else True)


SOFT = ("G05", "G12", "G13", "G14", "G16", "G18", "G21")


@pytest.mark.parametrize("code", GATE_BY_CODE)
def test_levels(code: str) -> None:
    assert GATE_BY_CODE[code].level(GOOD) == ("soft" if code in SOFT else "hard")


@pytest.mark.parametrize(
    ("code", "facts", "level"),
    [
        ("G03", spoiled(kind="emergency"), "soft"),
        ("G05", spoiled(findings=(found("K01"),)), "hard"),
        ("G05", spoiled(findings=(found("K05", "soft"),)), "soft"),
        ("G05", spoiled(findings=(found("K01"),), kind="emergency"), "soft"),
        ("G05", spoiled(findings=(found("K02"),), kind="emergency"), "hard"),
        ("G06", spoiled(risk_band="low"), "soft"),
        ("G06", spoiled(risk_band="critical"), "hard"),
        ("G14", spoiled(scope=(line("NEWJOB", "job", "jcl", action="new"),)), "hard"),
        ("G14", spoiled(scope=(line("NIGHT", "scheduler_entry", "scheduler"),)), "hard"),
        ("G17", spoiled(scope=(line("REPORT", "job", "jcl", jobs=("REPORT",)),)), "soft"),
    ],
)
def test_a_level_may_rest_on_the_facts(code: str, facts: PackageFacts, level: str) -> None:
    assert GATE_BY_CODE[code].level(facts) == level


BY_REQUESTER = proof("uat", tester=REQUESTER)
OTHERS = tuple(test for test in GOOD.tests if test.code != "uat")


@pytest.mark.parametrize(
    ("tests", "met"),
    [
        ((proof("uat", tester=None),), True),
        ((BY_REQUESTER,), False),
        ((replace(BY_REQUESTER, is_assumed=True),), False),
        ((BY_REQUESTER, proof("uat")), True),
    ],
    ids=["laboratory", "own", "assumed", "beside an independent one"],
)
def test_who_asked_for_a_change_does_not_test_it(
    tests: tuple[ExhibitFacts, ...], met: bool
) -> None:
    verdict = GATE_BY_CODE["G06"].evaluate(spoiled(tests=(*OTHERS, *tests)))
    assert verdict.met is met
    if met is False:
        (finding,) = verdict.findings
        assert finding.text == (
            "Rita asked for CHG1001 and ran its user acceptance test: who wants a change does "
            "not judge whether it works."
        )
        assert finding.who == "a tester"


def test_what_is_asked_again_at_the_start() -> None:
    assert [gate.code for gate in GATES if gate.is_asked_at("start")] == [
        "G01", "G02", "G03", "G05", "G07", "G10", "G11", "G19", "G20",
    ]  # fmt: skip
    assert [gate.code for gate in GATES if gate.is_asked_at("close")] == ["G22"]


class TestRoster:
    """Owner and deputy of the steps of GOOD are Oscar and Stan of OPS."""

    gate = GATE_BY_CODE["G19"]

    def facts(self, **more: Any) -> PackageFacts:
        return spoiled(activities=(step("A1"), step("A2", **more)))

    def told(self, facts: PackageFacts) -> list[str]:
        return [finding.text for finding in self.gate.evaluate(facts).findings]

    def test_somebody_of_the_team_is_there_while_a_step_is_planned(self) -> None:
        facts = self.facts(on_shift=False)
        assert self.told(facts) == ["Oscar and Stan of OPS are not on shift while A2 is planned."]
        assert self.gate.level(facts) == "hard"

    @pytest.mark.parametrize("more", [{"is_over": True}, {"is_backout": True}])
    def test_nobody_has_to_be_there_for_what_is_not_to_be_done(self, more: Any) -> None:
        assert self.gate.evaluate(self.facts(on_shift=False, **more)).met

    def test_a_team_without_a_roster_is_a_remark_that_stops_nothing(self) -> None:
        facts = self.facts(on_shift=None)
        assert self.told(facts) == ["OPS keeps no roster: who is on shift nobody can tell."]
        assert self.gate.level(facts) == "soft"
        both = replace(facts, activities=(*facts.activities, step("A3", on_shift=False)))
        assert self.gate.level(both) == "hard"
        assert [b.text for b in hard_blockers(evaluate_all(both, [self.gate]))] == [
            "G19 Roster: Oscar and Stan of OPS are not on shift while A3 is planned."
        ]

    @pytest.mark.parametrize(("hours", "met"), [(None, False), (0, True), (4, True), (4.1, False)])
    def test_a_step_is_acknowledged_in_the_last_hours_before_the_start(
        self, hours: float | None, met: bool
    ) -> None:
        at = None if hours is None else NOW - timedelta(hours=hours)
        facts = spoiled(activities=(step("A1", acknowledged_at=at),))
        assert self.gate.evaluate(facts).met
        assert self.gate.evaluate(replace(facts, is_starting=True)).met is met


CASES: list[tuple[str, str, PackageFacts, list[str]]] = [
    ("G01", "no change", spoiled(changes=()), ["The package has no change."]),
    (
        "G01",
        "open slot",
        spoiled(
            changes=(change(approved_for_current_content=False, missing=("Db2 lead: 1 more",)),)
        ),
        ["CHG1001 is not approved for its current content. Open: Db2 lead: 1 more."],
    ),
    (
        "G01",
        "approval ends in the window",
        spoiled(changes=(change(valid_until=OPENS + timedelta(hours=7)),)),
        ["The approval of CHG1001 ends before the window closes."],
    ),
    (
        "G01",
        "on hold",
        spoiled(changes=(change(on_hold=True, on_hold_reason="Freeze"), change(code="CHG1002"))),
        ["CHG1001 is on hold: Freeze"],
    ),
    (
        "G01",
        "standard change suspended",
        spoiled(changes=(change(template="STD-COPY", template_state="suspended"),)),
        ["CHG1001 rests on STD-COPY, which is suspended."],
    ),
    (
        "G01",
        "an emergency without a window counts until now",
        spoiled(window=None, changes=(change(valid_until=GOOD.now - timedelta(seconds=1)),)),
        ["The approval of CHG1001 has ended."],
    ),
    ("G01", "no end of validity", spoiled(changes=(change(valid_until=None),)), []),
    (
        "G02",
        "author implements",
        spoiled(activities=(step("A1", owner=AUTHOR),)),
        ["Dev implements A1 and wrote CHG1001."],
    ),
    (
        "G02",
        "requester is deputy",
        spoiled(activities=(step("A1", deputy=REQUESTER),)),
        ["Rita implements A1 and requested CHG1001."],
    ),
    (
        "G02",
        "approver implements another change only",
        spoiled(
            changes=(change(), change(code="CHG1002", approvers=(OPERATOR,))),
            activities=(step("A1", serves=frozenset({"CHG1001"})),),
        ),
        [],
    ),
    (
        "G02",
        "approver implements the change",
        spoiled(
            changes=(change(), change(code="CHG1002", approvers=(OPERATOR,))),
            activities=(step("A1", serves=frozenset({"CHG1002"})),),
        ),
        ["Oscar implements A1 and approved CHG1002."],
    ),
    (
        "G02",
        "approver validates",
        spoiled(checks=(replace(CHECK, owner=APPROVER),)),
        ["Ada validates V1 and approved CHG1001."],
    ),
    (
        "G02",
        "the one who decides is no implementer",
        spoiled(activities=(step("A1", owner=APPROVER, decides=True, implementers=()),)),
        [],
    ),
    ("G08", "no plan", spoiled(backout=None), ["There is no backout plan."]),
    (
        "G08",
        "not approved",
        spoiled(backout=replace(PLAN, state="reviewed")),
        ["The backout plan is reviewed, not approved."],
    ),
    (
        "G08",
        "empty plan",
        spoiled(backout=BackoutFacts("draft", "none")),
        [
            "The backout plan is draft, not approved.",
            "The backout plan does not say when it is used.",
            "Nobody is named who decides on the backout.",
        ],
    ),
    (
        "G08",
        "high risk without a rehearsal",
        spoiled(risk_band="high"),
        ["The backout was not rehearsed; that is needed for high risk."],
    ),
    (
        "G08",
        "high risk rehearsed",
        spoiled(risk_band="high", backout=replace(PLAN, rehearsed=True)),
        [],
    ),
    (
        "G08",
        "data without rehearsal and restore point",
        spoiled(
            activities=(
                step("A1", type="DDL"),
                step("A2", type="REORG"),
                step("R1", is_backout=True, reverses="A1"),
                step("R2", is_backout=True, reverses="A2"),
            )
        ),
        [
            "The backout was not rehearsed; that is needed for DDL, REORG.",
            "The backout plan names no restore point.",
        ],
    ),
    (
        "G08",
        "a step without a way back",
        spoiled(
            activities=(step("A1"), step("A2", irreversible=True)),
            one_way_changes=frozenset({"CHG1001"}),
        ),
        ["A1 Step A1 has no way back."],
    ),
    (
        "G08",
        "irreversible, and nobody was told so when they approved",
        spoiled(activities=(step("A1", irreversible=True),)),
        ["A1 Step A1 is marked as irreversible, and no change says that a part cannot be undone."],
    ),
    (
        "G09",
        "a change without a check",
        spoiled(
            changes=(change(), change(code="CHG1002")),
            checks=(replace(CHECK, serves=frozenset({"CHG1001"})),),
        ),
        ["CHG1002 has no mandatory check."],
    ),
    (
        "G09",
        "optional and backout checks do not count",
        spoiled(
            checks=(replace(CHECK, mandatory=False), replace(CHECK, phase="post_backout")),
        ),
        ["CHG1001 has no mandatory check.", "No mandatory check is made for the go decision."],
    ),
    (
        "G09",
        "a conversion without totals",
        spoiled(activities=(step("A1", type="CONVERT_DATA"),)),
        ["A1 converts data, and no total or count is compared for the go decision."],
    ),
    (
        "G09",
        "a conversion with totals",
        spoiled(
            activities=(step("A1", type="CONVERT_DATA"),),
            checks=(CheckFacts("V1", "Sum", "control_total", "go_decision", owner=VALIDATOR),),
        ),
        [],
    ),
    (
        "G09",
        "nothing expected",
        spoiled(checks=(replace(CHECK, expected_filled=False),)),
        ["V1 Interest does not say what it expects."],
    ),
    ("G10", "no step", spoiled(activities=()), ["The plan has no step."]),
    (
        "G10",
        "a cycle",
        spoiled(
            activities=(
                step("A1", predecessors=("A3",)),
                step("A2", predecessors=("A1",)),
                step("A3", predecessors=("A2", "W1")),
            )
        ),
        ["The steps wait for each other: A1 → A2 → A3 → A1."],
    ),
    (
        "G10",
        "not in the order of its rules",
        spoiled(unordered=(OrderFacts("F7", "F6", ("O40 Use MQ objects after MQ_DEFINE",)),)),
        ["F6 does not wait for F7, as it has to: O40 Use MQ objects after MQ_DEFINE."],
    ),
    (
        "G10",
        "incomplete steps",
        spoiled(
            activities=(
                step("A1", duration_minutes=0),
                step("A2", owner=None),
                step("A3", deputy=None),
                step("A4", deputy=OPERATOR),
                step("A5", deputy=None, alters=False),
                step("A6", deputy=None, mandatory=False),
            )
        ),
        [
            "A1 has no duration.",
            "A2 has no owner.",
            "A3 has no deputy.",
            "Oscar is owner and deputy of A4.",
        ],
    ),
    (
        "G16",
        "the reserve is touched",
        spoiled(window=replace(GOOD.window, use=(use("changes", 9), use("minutes", 5)))),
        ["W-2611 is booked with 9 changes; it can take 10, 8 of them planned."],
    ),
    (
        "G03",
        "a freeze",
        spoiled(closed=(ClosedFacts("closed", "A freeze closes it.", "Wait.", "the board"),)),
        ["A freeze closes it."],
    ),
    (
        "G04",
        "hard findings only, and of completeness only",
        spoiled(findings=(found("C11"), found("C17", "soft"), found("K01"))),
        ["C11: COPAUS0C would be older."],
    ),
    ("G04", "the way back is asked by G08", spoiled(findings=(found("C14"),)), []),
    (
        "G05",
        "the package that comes first does not give way",
        spoiled(findings=(found("K02", gives_way=False), found("K01", "info"))),
        [],
    ),
    (
        "G05",
        "soft ones until somebody acknowledged them",
        spoiled(findings=(found("K05", "soft"), found("K07", "soft", acknowledged=True))),
        ["K05: COPAUS0C would be older."],
    ),
    (
        "G06",
        "nothing was tested",
        spoiled(tests=(), scope=(line("CBTRN02C", "program_batch", "program"),)),
        [
            "CHG1001 has no passed system integration test of CBTRN02C at 01.05.",
            "CHG1001 has no passed user acceptance test of CBTRN02C at 01.05.",
        ],
    ),
    (
        "G06",
        "built again after the test",
        spoiled(
            tests=(proof("sit", "01.04"), proof("uat")),
            scope=(line("CBTRN02C", "program_batch", "program"),),
        ),
        [
            "CHG1001 has no passed system integration test of CBTRN02C at 01.05. What was tested, "
            "01.04, is not that."
        ],
    ),
    (
        "G06",
        "the version was there later than its test",
        spoiled(
            tests=(proof("sit"), proof("uat", at=NOW)),
            scope=(line("CBTRN02C", "program_batch", "program", built_at=NOW),),
        ),
        [
            "CHG1001 has no passed system integration test of CBTRN02C at 01.05. What was tested, "
            "01.05, is not that."
        ],
    ),
    (
        "G06",
        "a shared copybook and a critical job ask for more",
        spoiled(tests=(proof("sit"), proof("uat"))),
        [
            "CHG1001 has no passed regression test of CVACT01Y at 01.05.",
            "CHG1001 has no passed performance test of POSTTRAN at 01.05.",
        ],
    ),
    (
        "G06",
        "a failed test is none, and low risk asks for any",
        spoiled(changes=(change(risk_band="low"),), tests=(proof("sit", passed=False),)),
        ["CHG1001 has no test that passed."],
    ),
    (
        "G06",
        "what the board approved in advance was tested then",
        spoiled(changes=(change(change_type="standard"),)),
        [],
    ),
    (
        "G07",
        "not frozen, no way back, another window",
        spoiled(
            scm=(
                ScmFacts(
                    "Endevor",
                    "CARD2611A",
                    "In-Edit",
                    NOW,
                    OPENS + timedelta(hours=1),
                    None,
                    backout_enabled=False,
                ),
            )
        ),
        [
            "Endevor package CARD2611A is In-Edit, not approved.",
            "The execution window of Endevor package CARD2611A does not cover W-2611.",
            "Endevor package CARD2611A cannot be backed out.",
        ],
    ),
    (
        "G07",
        "once it is executed its window is over",
        spoiled(scm=(ScmFacts("Endevor", "CARD2611A", "EXECUTED", NOW, None, OPENS),)),
        [],
    ),
    (
        "G07",
        "known from no import",
        spoiled(scm=()),
        ["CARD2611A is known from no import: nobody has attested that it is frozen."],
    ),
    (
        "G07",
        "told of too long ago, and attested",
        spoiled(
            scm=(ScmFacts("Endevor", "CARD2611A", "In-Edit", NOW - timedelta(hours=73)),),
            attestations={"G07": attestation()},
        ),
        [],
    ),
    (
        "G07",
        "a step executes a package that is not named",
        spoiled(scm_package="", activities=(step("A3", type="SCM_EXECUTE"),)),
        ["A3 executes an SCM package, and none is named."],
    ),
    (
        "G08",
        "changed after the review",
        spoiled(backout=replace(PLAN, is_current=False)),
        [
            "The backout plan or its steps changed after the review: what was rehearsed and "
            "approved is another."
        ],
    ),
    (
        "G11",
        "too long, and learnt too late",
        spoiled(fit=FitFacts((("F1", "In time.", 23), ("F2", "Undone.", 44)), 90, 46, 1.4)),
        [
            "W-2611 is 23 min short for F1: In time.",
            "W-2611 is 44 min short for F2: Undone. The point of no return is 44 min before the "
            "evidence for go/no-go.",
        ],
    ),
    (
        "G11",
        "more than the window",
        spoiled(fit=FitFacts((("F1", "In time.", 0),), 90, 120, 1.0421)),
        ["With its way back the plan may need 104% of W-2611."],
    ),
    (
        "G11",
        "no plan at all",
        spoiled(fit=FitFacts(obstacles=(("STOR has nobody.", "Give it people."),))),
        ["W-2611 has no plan: STOR has nobody."],
    ),
    (
        "G12",
        "nobody asked the partners",
        spoiled(attestations={}),
        ["Nobody has attested that the partners of NDM:STMT know."],
    ),
    (
        "G13",
        "nobody told",
        spoiled(attestations={}),
        ["Nobody has attested that users and the service desk know."],
    ),
    (
        "G14",
        "not handed over",
        spoiled(attestations={}),
        ["Nobody has attested that operations took over POSTTRAN."],
    ),
    (
        "G15",
        "security was not asked",
        spoiled(attestations={}, security_changes=frozenset({"CHG1001"})),
        ["Security has not attested CARD.OPER and CHG1001."],
    ),
    (
        "G17",
        "no forecast",
        spoiled(attestations={}),
        ["Nobody has attested how long POSTTRAN will run."],
    ),
    (
        "G18",
        "the other site",
        spoiled(attestations={}),
        ["Nobody has attested that the recovery site follows ACCTDATA."],
    ),
    (
        "G20",
        "something alters while jobs can start",
        spoiled(
            window=replace(WINDOW, in_progress=True),
            activities=(step("A1", state="in_progress"),),
        ),
        ["W1 Hold the cycle is not done: batch jobs could still start."],
    ),
    (
        "G20",
        "held",
        spoiled(
            window=replace(WINDOW, in_progress=True),
            activities=(step("A1", state="in_progress"),),
            batch=BatchFacts((("W1", "Hold the cycle", True),)),
        ),
        [],
    ),
    (
        "G20",
        "held for another business date, or for one that nobody told",
        spoiled(
            window=replace(WINDOW, in_progress=True),
            activities=(step("A1", state="in_progress"),),
            batch=BatchFacts(
                (("W1", "Hold", True), ("W2", "Hold more", True), ("W3", "Hold all", True)),
                {"W1": SUNDAY - timedelta(days=1), "W3": SUNDAY},
                (("DAILY", SUNDAY),),
            ),
        ),
        [
            "W1 Hold: the batch of Sat 21 Nov 2026 is held; next is DAILY of Sun 22 Nov 2026.",
            "W2 Hold more: nobody said for which business date the batch is held; next is DAILY of "
            "Sun 22 Nov 2026.",
        ],
    ),
    (
        "G21",
        "a lesson that nobody saw to",
        spoiled(lessons=(LessonFacts("List every PSB of the DBD.", done=False),)),
        ["List every PSB of the DBD."],
    ),
    (
        "G22",
        "a gap and a change without a document",
        spoiled(state="completed", gaps=("A2 Copy",), tests=()),
        ["The chain of the evidence of A2 Copy has a gap.", "CHG1001 has no test document."],
    ),
    ("G22", "whole", spoiled(state="backed_out"), []),
]


@pytest.mark.parametrize(
    ("code", "what", "facts", "texts"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES]
)
def test_what_a_gate_finds(code: str, what: str, facts: PackageFacts, texts: list[str]) -> None:
    verdict = GATE_BY_CODE[code].evaluate(facts)
    assert [finding.text for finding in verdict.findings] == texts
    assert verdict.met is (not texts)
    assert all(finding.fix and finding.who for finding in verdict.findings)


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("G03", spoiled(window=None)),
        ("G06", spoiled(scope=(), tests=())),
        ("G07", spoiled(scm_package="")),
        ("G08", spoiled(activities=(step("A1", alters=False),))),
        ("G11", spoiled(activities=())),
        ("G12", spoiled(scope=())),
        ("G13", spoiled(risk_band="low")),
        ("G14", spoiled(scope=())),
        ("G15", spoiled(scope=())),
        ("G16", spoiled(window=None)),
        ("G17", spoiled(scope=())),
        ("G18", spoiled(scope=())),
        ("G19", spoiled(activities=())),
        ("G20", spoiled(batch=BatchFacts())),
        ("G21", spoiled(lessons=())),
    ],
)
def test_where_a_gate_does_not_apply(code: str, facts: PackageFacts) -> None:
    assert GATE_BY_CODE[code].evaluate(facts) == Verdict(None)


def test_an_older_program_over_a_newer_one_is_never_waived() -> None:
    verdict = GATE_BY_CODE["G05"].evaluate(spoiled(findings=(found("K01"), found("K02"))))
    assert [finding.is_waivable for finding in verdict.findings] == [True, False]


@pytest.mark.parametrize(("band", "waivable"), [("medium", True), ("high", False)])
def test_a_missing_way_back_is_never_waived_from_high_risk_on(band: str, waivable: bool) -> None:
    verdict = GATE_BY_CODE["G08"].evaluate(spoiled(risk_band=band, backout=None))
    assert [finding.is_waivable for finding in verdict.findings] == [waivable]


def test_a_plan_that_nobody_reckoned_yet_is_open_and_holds_nothing_back() -> None:
    verdict = GATE_BY_CODE["G11"].evaluate(spoiled(fit=None))
    assert (verdict.met, verdict.state) == (None, "open")
    assert verdict.findings[0].text == "The plan of W-2611 is not reckoned yet."


def test_only_forward_fit_is_never_waived() -> None:
    fit = FitFacts((("F1", "In time.", 1), ("F2", "Undone.", 1)), 1, -1, 2.0)
    found_ = GATE_BY_CODE["G11"].evaluate(spoiled(fit=fit)).findings
    assert [finding.is_waivable for finding in found_] == [False, True]


@pytest.mark.parametrize(
    ("told", "band", "state", "text"),
    [
        (None, "medium", "open", "Nobody has attested"),
        (attestation(verified_by=None), "medium", "", ""),
        (attestation(verified_by=None), "high", "submitted", "at high risk a second person"),
        (attestation(verified_by=attestation().by), "high", "submitted", "a second person"),
        (attestation(), "high", "", ""),
        (attestation(holds=False), "low", "", "Olga says no: Seen on the panel."),
        (attestation(content=CONTENT | {"scope": "s0"}), "low", "expired", "the scope changed"),
        (attestation(content=CONTENT | {"backout": "b0"}), "low", "", ""),
        (
            attestation(
                verified_by=None, refused_by=person(9, "Ute"), refused_because="No forecast."
            ),
            "low", "", "Ute does not confirm what Olga attested: No forecast.",
        ),
    ],
    ids=["none", "alone", "alone at high risk", "the same person twice", "two people", "no",
         "stale", "another part changed", "refused"],
)  # fmt: skip
def test_what_an_attestation_is_worth(told: Any, band: str, state: str, text: str) -> None:
    given = {"G17": told} if told else {}
    verdict = GATE_BY_CODE["G17"].evaluate(spoiled(attestations=given, risk_band=band))
    assert verdict.state == state
    assert verdict.met is (not text)
    assert text in "".join(finding.text for finding in verdict.findings)
