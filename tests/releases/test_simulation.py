"""The night again and again: what comes out, and that it comes out again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.releases.domain.planner.plan import Plan, plan
from apps.releases.domain.planner.simulation import (
    FEWEST,
    History,
    Inputs,
    Outcome,
    inputs_of,
    simulate,
)
from apps.releases.domain.planner.work import Role, Work
from tests.releases.planner_cases import CAPACITY, NIGHT, two_packages

#: From a tenth faster to half as long again.
UNEVEN = History.of((100, actual) for actual in (90, 95, 100, 110, 125, 150))


def inputs(of: Plan, histories: Mapping[str, History] | None = None) -> Inputs:
    """Every step by the history of its label, its way back as planned."""
    basis = {work.key: work.label for work in of.works}
    back = {w.key: [(w.backout_minutes, "")] for w in of.works if w.backout_minutes}
    return inputs_of(of, basis, back, histories or {})


@pytest.fixture(scope="module")
def demo() -> Plan:
    return plan(NIGHT, two_packages())


class TestHistories:
    def test_fewer_than_five_durations_tell_nothing(self) -> None:
        few = History.of([(10, 20)] * (FEWEST - 1))
        assert (few.count, few.is_used, few.minutes(10, lambda: 0.5)) == (4, False, 10)

    def test_quantiles_are_shares_of_what_was_planned(self) -> None:
        history = History.of([(10, 10), (20, 10), (10, 20), (40, 30), (8, 10)])
        assert (history.count, history.quantiles[0], history.quantiles[-1]) == (5, 500, 2000)
        assert history.quantiles[5] == 1000

    @pytest.mark.parametrize(("draw", "minutes"), [(0.0, 50), (0.5, 100), (0.9999, 200)])
    def test_a_duration_is_drawn_between_the_shortest_and_the_longest(
        self, draw: float, minutes: int
    ) -> None:
        history = History.of([(10, 10), (20, 10), (10, 20), (40, 30), (8, 10)])
        assert history.minutes(100, lambda: draw) == pytest.approx(minutes, abs=1)

    def test_no_step_takes_less_than_a_minute(self) -> None:
        assert History.of([(100, 0)] * 5).minutes(10, lambda: 0.5) == 1

    def test_a_step_that_was_planned_without_time_does_not_count(self) -> None:
        assert History.of([(0, 5)] * 9).count == 0


class TestPlannedDurations:
    def test_they_give_the_plan_itself(self, demo: Plan) -> None:
        out = simulate(inputs(demo), seed=7, trials=20)
        assert (out.p50, out.p80, out.p95) == (demo.makespan,) * 3
        assert (out.in_time, out.can_return, out.contributors) == (20, 20, ())

    def test_a_backout_that_no_longer_fits_is_told(self, demo: Plan) -> None:
        """G 205 + D 15 + B 88 + V 20 = 328; the safety share is what is simulated."""
        for cutoff, fits in ((328, 20), (327, 0)):
            shorter = replace(inputs(demo), cutoff=cutoff)
            assert simulate(shorter, seed=7, trials=20).can_return == fits

    def test_an_end_after_the_cutoff_is_told(self, demo: Plan) -> None:
        late = replace(inputs(demo), cutoff=demo.makespan - 1)
        assert simulate(late, seed=7, trials=20).in_time == 0


class TestSpread:
    def test_the_numbers_are_the_same_for_a_seed_whatever_the_machine(self, demo: Plan) -> None:
        """Written down once: a change of them is a change of what auditors can repeat."""
        out = simulate(inputs(demo, {"B4": UNEVEN, "B3": UNEVEN}), seed=7, trials=500)
        assert out.as_dict() == GOLDEN

    def test_another_seed_gives_other_numbers(self, demo: Plan) -> None:
        about = inputs(demo, {"B4": UNEVEN})
        outcomes = {simulate(about, seed=seed, trials=200).p80 for seed in range(6)}
        assert len(outcomes) > 1

    def test_the_step_on_which_the_end_hangs_is_named_first(self, demo: Plan) -> None:
        about = inputs(demo, {"B4": UNEVEN, "A1": UNEVEN, "A6": UNEVEN})
        out = simulate(about, seed=1, trials=500)
        assert out.contributors[0].label == "B4"
        assert "A1" not in [each.label for each in out.contributors]

    def test_at_most_three_are_named(self, demo: Plan) -> None:
        out = simulate(inputs(demo, {w.label: UNEVEN for w in demo.works}), seed=1, trials=300)
        assert len(out.contributors) == 3

    def test_progress_is_told(self, demo: Plan) -> None:
        told: list[int] = []
        simulate(inputs(demo), seed=1, trials=250, progress=told.append)
        assert told == [100, 200]


def test_inputs_and_outcome_survive_being_kept(demo: Plan) -> None:
    about = inputs(demo, {"B4": UNEVEN})
    kept = json.loads(json.dumps(about.as_dict()))
    again = Inputs.from_dict(kept)
    assert again == about
    out = simulate(again, seed=3, trials=50)
    assert Outcome.from_dict(json.loads(json.dumps(out.as_dict()))) == out
    assert out == simulate(about, seed=3, trials=50)


def test_no_float_is_kept(demo: Plan) -> None:
    def leaves(value: Any) -> Any:
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list | tuple):
            return [leaf for each in value for leaf in leaves(each)]
        return [value]

    about = inputs(demo, {"B4": UNEVEN})
    kept = [about.as_dict(), simulate(about, seed=3, trials=50).as_dict()]
    assert not [leaf for leaf in leaves(kept) if isinstance(leaf, float)]


def test_a_night_without_steps_is_over_at_once() -> None:
    out = simulate(inputs(plan(NIGHT, [])), seed=1, trials=3)
    assert (out.p95, out.in_time, out.can_return) == (0, 3, 3)


@st.composite
def _plans(draw: st.DrawFn) -> list[Work]:
    return [
        Work(
            n, str(n), draw(st.integers(0, 9)),
            frozenset(draw(st.sets(st.integers(0, n - 1), max_size=2)) if n else ()),
            {draw(st.sampled_from(["OPS", "STOR"])): 1},
            role=draw(st.sampled_from(list(Role))),
        )
        for n in range(draw(st.integers(1, 9)))
    ]  # fmt: skip


@given(_plans())
@example(
    [
        Work(0, "0", 0, needs={"STOR": 1}),
        Work(1, "1", 5, frozenset({0}), {"STOR": 1}),
        Work(2, "2", 0, frozenset({1}), {"STOR": 1}, role=Role.DECIDE),
        Work(3, "3", 7, needs={"STOR": 1}),
        Work(4, "4", 0, frozenset({0, 3}), {"STOR": 1}),
    ]
)
@settings(max_examples=60, deadline=None)
def test_with_planned_durations_no_night_is_longer_than_its_plan(steps: list[Work]) -> None:
    of = plan(replace(NIGHT, capacity=CAPACITY), steps)
    assert simulate(inputs(of), seed=1, trials=1).p95 <= of.makespan


GOLDEN = {
    "trials": 500,
    "in_time": 500,
    "can_return": 500,
    "p50": 227,
    "p80": 247,
    "p95": 262,
    "contributors": ({"label": "B4", "correlation": 1000},),
}
