"""Every gate is asked; one that crashes blocks. Cycles are found, the shortest first."""

from __future__ import annotations

import graphlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.gates.catalogue import GATE_BY_CODE, GATES
from apps.gates.catalogue.g16_capacity import Capacity
from apps.gates.domain.cycles import shortest_cycle
from apps.gates.domain.evaluation import evaluate_all, hard_blockers
from apps.gates.domain.profile import ProfileRow, setting_for
from apps.gates.domain.verdict import Verdict
from tests.gates.facts import GOOD, found, spoiled


class Crashing(Capacity):
    code = "G99"
    also_at_start = True

    def evaluate(self, facts: Any) -> Verdict:
        raise ZeroDivisionError


class Silent(Capacity):
    code = "G98"

    def level(self, facts: Any) -> Any:
        return "hard"

    def evaluate(self, facts: Any) -> Verdict:
        return Verdict(False)


def test_a_gate_that_crashes_blocks(caplog: pytest.LogCaptureFixture) -> None:
    results = evaluate_all(GOOD, (GATE_BY_CODE["G01"], Crashing()), moment="start")
    assert [result.code for result in results] == ["G01", "G99"]
    assert (results[-1].met, results[-1].level, results[-1].state) == (False, "hard", "not_met")
    assert [blocker.code for blocker in hard_blockers(results)] == ["gate_g99"]
    assert "could not be evaluated" in caplog.text


def test_a_gate_that_says_no_without_a_reason_blocks() -> None:
    assert len(list(hard_blockers(evaluate_all(GOOD, (Silent(),))))) == 1


def test_every_finding_is_a_reason() -> None:
    spoilt = spoiled(changes=(), activities=(), backout=None)
    results = evaluate_all(spoilt, GATES, moment="ready")
    assert {r.code for r in results if r.state == "not_met"} == {"G01", "G10"}
    assert [blocker.text for blocker in hard_blockers(results)] == [
        "G01 Approvals: The package has no change.",
        "G10 Plan and sequence: The plan has no step.",
    ]


def test_a_soft_finding_of_a_hard_gate_holds_nothing_back() -> None:
    facts = spoiled(findings=(found("K01"), found("K05", "soft")))
    (result,) = evaluate_all(facts, [GATE_BY_CODE["G05"]])
    assert [blocker.text for blocker in hard_blockers([result])] == [
        "G05 Conflicts: K01: COPAUS0C would be older."
    ]
    assert result.waivable_by == ("release_manager",)


def test_a_gate_tells_which_of_its_findings_nobody_may_waive() -> None:
    facts = spoiled(findings=(found("K01"), found("K02"), found("C05", never="its rule")))
    told = evaluate_all(facts, [GATE_BY_CODE["G04"], GATE_BY_CODE["G05"]])
    assert {f.rule: f.is_waivable for result in told for f in result.findings} == {
        "K01": True, "K02": False, "C05": False,
    }  # fmt: skip


CARD, HIGH = "CARD", "high"
ROWS = (
    ProfileRow("G09", "off", reason="Trial."),
    ProfileRow("G09", "soft", risk_band="medium"),
    ProfileRow("G09", "hard", CARD, HIGH),
    ProfileRow("G09", "soft", "AUTH"),
    ProfileRow("G13", "hard", CARD),
    ProfileRow("G01", "off"),
    ProfileRow("G10", "soft"),
)


@pytest.mark.parametrize(
    ("gate", "applications", "band", "setting"),
    [
        ("G09", {"OTHER"}, "low", "off"),
        ("G09", {"OTHER"}, "medium", "soft"),
        ("G09", {CARD}, HIGH, "hard"),
        ("G09", {"AUTH"}, HIGH, "soft"),
        ("G13", {CARD}, "low", "hard"),
        ("G16", {CARD}, "low", None),
    ],
)
def test_the_most_particular_row_of_a_profile_holds(
    gate: str, applications: set[str], band: str, setting: str | None
) -> None:
    row = setting_for(gate, ROWS, applications, band)
    assert (row and row.setting) == setting


def test_of_two_applications_the_one_that_asks_the_most_counts() -> None:
    rows = [ProfileRow("G13", "off", "AUTH"), ProfileRow("G13", "hard", CARD)]
    row = setting_for("G13", rows, {CARD, "AUTH"}, "low")
    assert row is not None and row.setting == "hard"


def test_a_profile_raises_lowers_and_switches_off_but_not_what_nobody_may_waive() -> None:
    facts = spoiled(checks=(), attestations={}, changes=())
    results = {r.code: r for r in evaluate_all(facts, GATES, profile=ROWS)}
    assert (results["G09"].level, results["G09"].state) == ("soft", "not_met")
    assert results["G01"].holds_back
    assert (results["G10"].level, results["G10"].profile) == ("hard", "")
    off = evaluate_all(facts, GATES, profile=[ProfileRow("G09", "off", reason="Trial.")])
    (switched,) = [r for r in off if r.code == "G09"]
    assert (switched.state, switched.profile) == ("not_applicable", "off for every package: Trial.")


GRAPHS = st.dictionaries(
    st.sampled_from("ABCDEFG"), st.sets(st.sampled_from("ABCDEFG"), max_size=4), max_size=7
)


@given(GRAPHS)
def test_a_cycle_is_found_where_there_is_one(after: dict[str, set[str]]) -> None:
    known = {node: found & after.keys() for node, found in after.items()}
    cycle = shortest_cycle(after)
    assert len(set(cycle)) == len(cycle)
    for node, follower in zip(cycle, (*cycle[1:], *cycle[:1]), strict=True):
        assert node in after[follower]
    try:
        graphlib.TopologicalSorter(known).prepare()
        shortest_known = 0
    except graphlib.CycleError as error:
        shortest_known = len(error.args[1]) - 1
    assert bool(cycle) == bool(shortest_known)
    assert len(cycle) <= shortest_known


def test_the_shortest_cycle_is_named() -> None:
    after = {"A": {"C"}, "B": {"A"}, "C": {"B", "D"}, "D": {"C"}}
    assert shortest_cycle(after) == ("C", "D")
    assert shortest_cycle({"A": {"A"}, "B": {"C"}, "C": {"B"}}) == ("A",)
