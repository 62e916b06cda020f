"""What would gain time in the demo's night, and what may not be recommended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from apps.releases.domain.planner.plan import Plan, plan
from apps.releases.domain.planner.what_if import Around, Veto, WhatIf, what_ifs
from apps.releases.domain.planner.work import Role, Work
from tests.releases.planner_cases import CAPACITY, NIGHT, three_packages, two_packages

TEAMS = frozenset(CAPACITY) - {"SCM"}
X02 = Veto("X02", "CBACT04C in B was built on A's version.")
AROUND = Around(
    teams=TEAMS,
    closes=480,
    early=frozenset({"A1", "B1", "B3"}),
    windows=("W-NEXT",),
    against={("A", ""): (X02,), ("A", "W-NEXT"): (X02,)},
)


@pytest.fixture(scope="module")
def base() -> Plan:
    return plan(NIGHT, two_packages())


@pytest.fixture(scope="module")
def found(base: Plan) -> tuple[WhatIf, ...]:
    return what_ifs(base, AROUND)


def by_subject(found: Sequence[WhatIf]) -> dict[tuple[str, str], WhatIf]:
    return {(each.kind, each.subject): each for each in found if each.kind != "move"}


def test_a_second_storage_administrator_gains_most(found: Sequence[WhatIf]) -> None:
    best = by_subject(found)["capacity", "STOR"]
    assert (best.gain, best.go_ready, best.is_recommended) == (47, 180, True)


def test_a_second_tester_gains_nothing(found: Sequence[WhatIf]) -> None:
    tester = by_subject(found)["capacity", "APPA"]
    assert (tester.gain, tester.is_recommended) == (0, False)


def test_a_subsystem_is_no_team(found: Sequence[WhatIf]) -> None:
    assert ("capacity", "SCM") not in by_subject(found)


@pytest.mark.parametrize("shift", [60, 30, 15, -15, -30, -60])
def test_another_cutoff_moves_the_point_of_no_return(found: Sequence[WhatIf], shift: int) -> None:
    other = by_subject(found)["cutoff", f"{shift:+d}"]
    assert (other.gain, other.no_return) == (shift, 258 + shift)


def test_a_cutoff_behind_the_end_of_the_window_is_vetoed(base: Plan) -> None:
    later = by_subject(what_ifs(base, replace(AROUND, closes=420)))["cutoff", "+60"]
    assert [veto.rule for veto in later.vetoes] == ["window"]


def test_a_cutoff_behind_the_first_job_on_what_changes_is_vetoed(base: Plan) -> None:
    found = by_subject(what_ifs(base, replace(AROUND, batch=(430, "POSTTRAN"))))
    assert str(found["cutoff", "+60"].vetoes[0]) == "batch: POSTTRAN runs on what changes by then."
    assert not found["cutoff", "+30"].vetoes


def test_a_package_that_others_are_built_on_is_vetoed_with_the_rule(
    found: Sequence[WhatIf],
) -> None:
    drop = by_subject(found)["drop", "A"]
    assert drop.gain > 0 and not drop.is_recommended
    assert str(drop.vetoes[0]) == "X02: CBACT04C in B was built on A's version."


def test_a_package_that_nobody_needs_may_be_dropped(found: Sequence[WhatIf]) -> None:
    drop = by_subject(found)["drop", "B"]
    assert drop.is_recommended and not drop.vetoes


def test_moving_a_package_gains_what_dropping_it_does(found: Sequence[WhatIf]) -> None:
    moves = {each.subject: each for each in found if each.kind == "move"}
    assert moves["B"].gain == by_subject(found)["drop", "B"].gain
    assert moves["A"].vetoes == (X02,)
    assert moves["B"].text == "Move B to W-NEXT"


def test_a_step_that_waits_for_none_may_run_before_the_window(found: Sequence[WhatIf]) -> None:
    early = {each.subject for each in found if each.kind == "pre_stage"}
    assert early == {"A1", "B1"}, "B3 waits for others"


def test_what_ran_early_still_has_to_be_undone() -> None:
    steps = [
        Work("m", "M", 20, needs={"CICS": 1}, backout_minutes=10),
        Work("t", "T", 10, frozenset({"m"}), {"APPA": 1}, role=Role.VALIDATE),
    ]
    night = replace(NIGHT, cutoff=100)
    found = what_ifs(plan(night, steps), Around(early=frozenset({"m"})))
    early = next(each for each in found if each.kind == "pre_stage")
    assert (early.go_ready, early.no_return, early.gain) == (10, 100 - 35 - 11, 20)


def test_a_check_is_split_only_to_the_use_of_two_people() -> None:
    steps = [Work("t", "T", 25, needs={"OPS": 1}, role=Role.VALIDATE),
             Work("d", "D", 5, frozenset({"t"}), {"RM": 1}, role=Role.DECIDE)]  # fmt: skip
    split = [each for each in what_ifs(plan(NIGHT, steps), Around()) if each.kind == "split"]
    assert [(each.text, each.gain) for each in split] == [("Split T between two people", 12)]
    alone = replace(NIGHT, capacity=CAPACITY | {"OPS": 1})
    split = [each for each in what_ifs(plan(alone, steps), Around()) if each.kind == "split"]
    assert [each.gain for each in split] == [0]


def test_the_only_package_of_a_night_is_not_dropped() -> None:
    alone = [work for work in two_packages() if work.package in ("", "A")]
    assert not [each for each in what_ifs(plan(NIGHT, alone), AROUND) if each.kind == "drop"]


def test_the_best_comes_first_and_what_is_vetoed_last(base: Plan) -> None:
    found = what_ifs(plan(NIGHT, three_packages()), AROUND)
    order = [(bool(each.vetoes), -each.gain) for each in found]
    assert order == sorted(order)
    assert found[-1].vetoes


def test_equal_input_gives_equal_answers(base: Plan, found: Sequence[WhatIf]) -> None:
    assert what_ifs(plan(NIGHT, two_packages()), AROUND) == found
