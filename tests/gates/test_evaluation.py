"""Every gate is asked; one that crashes blocks. Cycles are found, the shortest first."""

from __future__ import annotations

import graphlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.gates.catalogue import GATES
from apps.gates.catalogue.g16_capacity import Capacity
from apps.gates.domain.cycles import shortest_cycle
from apps.gates.domain.evaluation import evaluate_all, hard_blockers
from apps.gates.domain.verdict import Verdict
from tests.gates.facts import GOOD, spoiled


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
    results = evaluate_all(GOOD, (*GATES, Crashing()), at_start=True)
    assert [result.code for result in results] == ["G01", "G02", "G10", "G19", "G99"]
    assert (results[-1].met, results[-1].level, results[-1].state) == (False, "hard", "not_met")
    assert [blocker.code for blocker in hard_blockers(results)] == ["gate_g99"]
    assert "could not be evaluated" in caplog.text


def test_a_gate_that_says_no_without_a_reason_blocks() -> None:
    assert len(list(hard_blockers(evaluate_all(GOOD, (Silent(),))))) == 1


def test_every_finding_is_a_reason() -> None:
    results = evaluate_all(spoiled(changes=(), activities=(), backout=None), GATES)
    assert [result.state for result in results] == [
        "not_met", "met", "met", "not_applicable", "met", "not_met", "met",
        "not_applicable",
    ]  # fmt: skip
    assert [blocker.text for blocker in hard_blockers(results)] == [
        "G01 Approvals: The package has no change.",
        "G10 Plan and sequence: The plan has no step.",
    ]


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
