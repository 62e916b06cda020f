"""Each gate as a table: what is wrong → what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.domain.roles import ROLE_CODES
from apps.gates.catalogue import GATE_BY_CODE, GATES
from apps.gates.domain.evaluation import evaluate_all, hard_blockers
from apps.gates.domain.facts import BackoutFacts, CheckFacts, ExhibitFacts, OrderFacts, PackageFacts
from apps.gates.domain.verdict import Verdict
from tests.gates.facts import (
    APPROVER,
    AUTHOR,
    GOOD,
    NOW,
    OPENS,
    OPERATOR,
    REQUESTER,
    VALIDATOR,
    change,
    spoiled,
    step,
    use,
)

PLAN = GOOD.backout
CHECK = GOOD.checks[0]
assert PLAN is not None


def test_codes_are_unique_and_ordered() -> None:
    assert [gate.code for gate in GATES] == sorted(GATE_BY_CODE)


def test_every_gate_says_what_people_need() -> None:
    for gate in GATES:
        assert gate.title
        assert gate.help.endswith(".")
        assert set(gate.waivable_by) <= ROLE_CODES
        assert gate.owner_role in ("package_owner", "release_coordinator")


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.code)
def test_a_good_package_meets_it(gate: Any) -> None:
    assert gate.evaluate(GOOD) == Verdict(True)


@pytest.mark.parametrize(
    ("code", "level"), [(c, "soft" if c == "G16" else "hard") for c in GATE_BY_CODE]
)
def test_levels(code: str, level: str) -> None:
    assert GATE_BY_CODE[code].level(GOOD) == level


@pytest.mark.parametrize(
    ("band", "level"), [("low", "soft"), ("medium", "hard"), ("critical", "hard")]
)
def test_who_tested_is_asked_harder_from_medium_risk_on(band: str, level: str) -> None:
    assert GATE_BY_CODE["G06"].level(replace(GOOD, risk_band=band)) == level


UAT = "User acceptance test"
BY_REQUESTER = ExhibitFacts("CHG1001", UAT, REQUESTER)


@pytest.mark.parametrize(
    ("tests", "met"),
    [
        ((), None),
        ((ExhibitFacts("CHG1001", UAT, VALIDATOR),), True),
        ((ExhibitFacts("CHG1001", UAT, None),), True),
        ((BY_REQUESTER,), False),
        ((replace(BY_REQUESTER, is_assumed=True),), False),
        ((BY_REQUESTER, ExhibitFacts("CHG1001", UAT, VALIDATOR)), True),
        ((BY_REQUESTER, ExhibitFacts("CHG1001", "Unit test", AUTHOR)), False),
        ((replace(BY_REQUESTER, change="CHG9"),), True),
    ],
    ids=["none", "independent", "laboratory", "own", "assumed", "beside an independent one",
         "beside another kind", "of another change"],
)  # fmt: skip
def test_who_asked_for_a_change_does_not_test_it(
    tests: tuple[ExhibitFacts, ...], met: bool | None
) -> None:
    found = GATE_BY_CODE["G06"].evaluate(replace(GOOD, tests=tests))
    assert found.met is met
    if met is False:
        (finding,) = found.findings
        assert finding.text == (
            "Rita asked for CHG1001 and ran its user acceptance test: who wants a change does "
            "not judge whether it works."
        )
        assert finding.who == "a tester"


def test_what_is_asked_again_at_the_start() -> None:
    assert [gate.code for gate in GATES if gate.also_at_start] == ["G01", "G02", "G10", "G19"]


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
        spoiled(activities=(step("A1"), step("A2", irreversible=True))),
        ["A1 Step A1 has no way back."],
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
    [("G08", spoiled(activities=(step("A1", alters=False),))), ("G16", spoiled(window=None))],
)
def test_where_a_gate_does_not_apply(code: str, facts: PackageFacts) -> None:
    assert GATE_BY_CODE[code].evaluate(facts) == Verdict(None)
