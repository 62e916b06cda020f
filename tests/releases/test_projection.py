"""The demo's night at 00:40: where it will end, how far it has come, and what would help."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from apps.releases.domain.planner.plan import plan
from apps.releases.domain.planner.projection import (
    Planned,
    Progress,
    Projection,
    live_what_ifs,
    paces_of,
    project,
    remaining,
)
from apps.releases.domain.planner.what_if import Around, Veto, WhatIf
from apps.releases.domain.planner.work import Work
from tests.releases.planner_cases import CAPACITY, NIGHT, two_packages

NOW = 160
#: Label: start and end, in minutes after 22:00.
DONE = {"W1": (2, 6), "A1": (0, 6), "B1": (0, 7), "W2": (6, 12), "A3": (7, 30), "B2": (12, 52),
        "B3": (30, 71), "W5": (71, 75), "B6": (75, 88)}  # fmt: skip
X02 = Veto("X02", "CBACT04C in B was built on A's version.")
C10 = Veto("C10", "CBACT04C in B would read DISCGRP, which only A converts.")
AROUND = Around(teams=frozenset(CAPACITY) - {"SCM"}, closes=480, against={("A", ""): (X02, C10)})


def team_of(work: Work) -> str:
    return next(name for name in work.needs if name != "SCM")


def progress_of(works: list[Work], percent: int = 80) -> dict[object, Progress]:
    told: dict[object, Progress] = {}
    for work in works:
        start, end = DONE.get(work.label, (None, None))
        told[work.key] = Progress(team_of(work), start, end)
    told["B4"] = Progress("STOR", 52, percent=percent)
    return told


def night_at(now: int = NOW, percent: int = 80) -> Projection:
    works = two_packages()
    baseline = {
        slot.work.key: Planned(slot.start, slot.work.minutes) for slot in plan(NIGHT, works).slots
    }
    return project(NIGHT, works, progress_of(works, percent), baseline, now)


@pytest.fixture(scope="module")
def found() -> Projection:
    return night_at()


@pytest.fixture(scope="module")
def told(found: Projection) -> dict[tuple[str, str], WhatIf]:
    return {(each.kind, each.subject): each for each in live_what_ifs(found, AROUND)}


def test_the_evidence_comes_eleven_minutes_behind_the_point_of_no_return(
    found: Projection,
) -> None:
    assert (found.go_ready, found.no_return, found.margin) == (149 + 120, 138 + 120, -11)
    assert (found.planned_go, found.level) == (205, "red")


def test_the_conversion_ends_at_the_pace_that_it_reports(found: Projection) -> None:
    ends = {slot.work.key: slot.end for slot in found.plan.slots}
    assert ends["B4"] == 187


def test_earned_value_tells_how_far_the_night_has_come(found: Projection) -> None:
    told = found.earned
    assert (told.planned_value, told.earned_value, told.at_completion) == (259, 197, 374)
    assert (told.earned_schedule, told.schedule_variance, told.spi) == (113, -47, 0.71)


def test_what_is_done_and_what_runs_keeps_its_times(found: Projection) -> None:
    starts = found.plan.schedule.starts
    assert {key: starts[key] for key in DONE} == {key: start for key, (start, _) in DONE.items()}
    assert min(start for key, start in starts.items() if key not in {*DONE, "B4"}) >= NOW


def test_undoing_what_has_begun_by_now_takes_less_than_undoing_everything(
    found: Projection,
) -> None:
    assert (found.backout_now, found.plan.backout.whole) == (63, 88)


@pytest.mark.parametrize(
    ("what", "go", "no_return", "margin"),
    [
        (("capacity", "STOR"), 249, 280, 31),
        (("cutoff", "+30"), 269, 288, 19),
        (("capacity", "APPB"), 269, 258, -11),
        (("drop", "A"), 237, 280, 43),
    ],
)
def test_what_would_help_now(
    told: dict[tuple[str, str], WhatIf], what: tuple[str, str], go: int, no_return: int, margin: int
) -> None:
    each = told[what]
    assert (each.go_ready, each.no_return, each.margin) == (go, no_return, margin)


def test_the_rest_of_a_package_that_others_rest_on_is_vetoed_all_the_same(
    told: dict[tuple[str, str], WhatIf],
) -> None:
    drop = told["drop", "A"]
    assert drop.text == "Drop the rest of A"
    assert [veto.rule for veto in drop.vetoes] == ["X02", "C10"]
    assert not drop.is_recommended and list(told.values())[-1].vetoes


def test_the_best_that_may_be_done_comes_first(told: dict[tuple[str, str], WhatIf]) -> None:
    allowed = [each for each in told.values() if not each.vetoes]
    assert [each.gain for each in allowed] == sorted((e.gain for e in allowed), reverse=True)


def test_equal_facts_give_an_equal_projection(found: Projection) -> None:
    assert night_at().plan.schedule == found.plan.schedule


@pytest.mark.parametrize(
    ("share", "elapsed", "pace", "left"),
    [
        (Fraction(80, 100), 108, Fraction(1), 27),
        (Fraction(14, 100), 20, Fraction(1), 65),
        (Fraction(0), 100, Fraction(1), 9),
        (Fraction(0), 20, Fraction(3, 2), 108),
    ],
)
def test_what_is_left_of_a_step_follows_its_report_or_else_its_plan(
    share: Fraction, elapsed: int, pace: Fraction, left: int
) -> None:
    assert remaining(85, elapsed, share, pace) == left


@pytest.mark.parametrize(("silent", "left"), [(0, 27), (5, 22), (60, 1)])
def test_a_report_grows_old_without_the_step_ending_later(silent: int, left: int) -> None:
    assert remaining(85, 108 + silent, Fraction(80, 100), Fraction(1), silent) == left


@pytest.mark.parametrize(
    ("took", "pace"),
    [(35, Fraction(1)), (70, Fraction(100, 65)), (900, Fraction(2)), (0, Fraction(4, 5))],
)  # fmt: skip
def test_a_team_is_as_slow_as_it_was_but_within_bounds(took: int, pace: Fraction) -> None:
    work = Work("a", "A", 35)
    assert paces_of([work], {"a": Progress("STOR", 0, took)})["STOR"] == pace


def test_a_step_that_is_undone_needs_no_way_back_and_earns_nothing() -> None:
    works = [Work("a", "A", 10, backout_minutes=30), Work("b", "B", 10, frozenset({"a"}))]
    told = {"a": Progress("OPS", 0, 10, is_undone=True), "b": Progress("OPS")}
    found = project(NIGHT, works, told, {"a": Planned(0, 10), "b": Planned(10, 10)}, 20)
    assert (found.plan.backout.whole, found.earned.earned_value) == (0, 0)


def test_a_night_in_time_is_green_and_a_late_one_amber() -> None:
    works = [Work("a", "A", 30)]
    baseline = {"a": Planned(0, 30)}
    on_time = project(NIGHT, works, {"a": Progress("OPS", 0, 30)}, baseline, 40)
    late = project(NIGHT, works, {"a": Progress("OPS", 15)}, baseline, 40)
    assert (on_time.level, late.level, late.late) == ("green", "amber", 15)


def test_once_it_is_decided_only_the_cutoff_counts(found: Projection) -> None:
    ended = {
        key: each if each.ended else replace(each, started=270, ended=280)
        for key, each in found.progress.items()
    }
    decided = project(NIGHT, two_packages(), ended, found.baseline, 285)
    assert decided.is_decided and decided.level == "amber"
