"""Plans of a night: to the minute where they were reckoned elsewhere, and what always holds."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.releases.domain.planner.plan import NEVER, Unplannable, backout_minutes, plan
from apps.releases.domain.planner.solver import shortest
from apps.releases.domain.planner.work import Role, Work
from tests.releases.planner_cases import CAPACITY, NIGHT, three_packages, two_packages


class TestTheDemoNight:
    def test_two_packages_to_the_minute(self) -> None:
        told = plan(NIGHT, two_packages())
        assert (told.critical_path, told.makespan, told.go_ready, told.commit) == (
            185, 225, 205, 220,
        )  # fmt: skip
        assert (told.backout.whole, told.no_return, told.margin) == (88, 258, 53)
        assert (round(told.utilisation, 3), told.band) == (0.864, "amber")
        assert told.schedule.is_proven
        assert [told.fits[code].holds for code in ("F1", "F2", "F2c")] == [True] * 3

    def test_three_packages_to_the_minute(self) -> None:
        told = plan(NIGHT, three_packages())
        assert (told.critical_path, told.makespan, told.go_ready, told.commit) == (
            225, 230, 210, 225,
        )  # fmt: skip
        assert (told.backout.whole, told.no_return) == (118, 225)
        assert (round(told.utilisation, 3), told.band) == (0.961, "red")

    @pytest.mark.parametrize(
        ("minute", "two", "three"),
        [(20, 18, 18), (40, 43, 33), (60, 43, 58), (160, 83, 108), (180, 88, 118)],
    )
    def test_the_way_back_grows_with_what_was_begun(
        self, minute: int, two: int, three: int
    ) -> None:
        assert plan(NIGHT, two_packages()).backout.at(minute) == two
        assert plan(NIGHT, three_packages()).backout.at(minute) == three

    def test_a_way_back_passes_through_any_number_of_steps_that_need_no_undoing(self) -> None:
        chain = [Work(n, f"S{n:04}", 0, frozenset({n - 1})) for n in range(1, 2_000)]
        first = Work(0, "S0000", 1, backout_minutes=3)
        last = Work(2_000, "S2000", 1, frozenset({1_999}), backout_minutes=4)
        works = [first, *chain, last]
        assert backout_minutes(works, [work.key for work in works], NIGHT) == 7

    def test_without_slack_the_deadline_is_the_commit_point(self) -> None:
        told = plan(NIGHT, three_packages())
        assert told.deadline == told.no_return == told.commit

    def test_the_storage_administrator_is_the_bottleneck(self) -> None:
        bottleneck = plan(NIGHT, two_packages()).bottleneck
        assert bottleneck is not None
        assert bottleneck[0] == "STOR"

    def test_the_order_in_which_steps_are_told_does_not_matter(self) -> None:
        first = plan(NIGHT, two_packages())
        shuffled = two_packages()
        random.Random(7).shuffle(shuffled)
        assert plan(NIGHT, shuffled).schedule.starts == first.schedule.starts

    def test_the_longest_way_of_steps_has_no_slack(self) -> None:
        tight = {s.work.label for s in plan(NIGHT, two_packages()).slots if not s.slack}
        assert tight == {"W1", "W2", "B2", "B4", "B8", "B10", "W7", "W8"}

    def test_the_critical_chain_goes_through_people_too(self) -> None:
        """A2 before B2 and B4 before A4 for the one storage administrator."""
        told = plan(NIGHT, two_packages())
        labels = {slot.work.label for slot in told.slots if slot.work.key in told.chain}
        assert {"W1", "W2", "A2", "B2", "B4", "A4", "A5", "A6", "W7", "W8"} <= labels
        assert labels.isdisjoint({"A1", "A3", "B1", "B3", "W5", "B6"})


class TestNumbers:
    def test_nothing_to_do_fits(self) -> None:
        told = plan(NIGHT, [])
        assert (told.makespan, told.go_ready, told.commit, told.backout.whole) == (0, 0, None, 0)
        assert told.no_return == 390 - 35

    def test_a_night_that_is_too_short_says_by_how_much(self) -> None:
        told = plan(replace(NIGHT, cutoff=240), two_packages())
        assert {fit.code: fit.short for fit in told.fits.values()} == {
            "F1": 8, "F2": 97, "F2c": 0,
        }  # fmt: skip
        assert told.band == "blocked"

    def test_what_is_missing_is_told_in_words(self) -> None:
        short = plan(replace(NIGHT, cutoff=240), two_packages()).shortfalls
        assert short == (
            "The forward plan needs 8 min more than the window has; STOR is the bottleneck.",
            "What fails at the very last check is undone 97 min after the cut-off.",
        )

    def test_a_chain_that_is_too_long_by_itself_is_told(self) -> None:
        short = plan(replace(NIGHT, cutoff=200), two_packages()).shortfalls
        assert "nobody can help: the longest chain of steps alone takes 185 min." in short[0]

    def test_a_plan_that_fits_is_short_of_nothing(self) -> None:
        assert plan(NIGHT, two_packages()).shortfalls == ()

    def test_where_no_decision_is_early_enough_there_is_no_return(self) -> None:
        told = plan(replace(NIGHT, cutoff=30), two_packages())
        assert told.no_return == NEVER

    @pytest.mark.parametrize(
        ("risk", "codes"),
        [("low", ("F1",)), ("medium", ("F1", "F2c")), ("high", ("F1", "F2")), ("", ("F1", "F2"))],
    )
    def test_the_way_back_is_asked_for_by_risk(self, risk: str, codes: tuple[str, ...]) -> None:
        assert tuple(fit.code for fit in plan(NIGHT, two_packages()).fit_for(risk)) == codes

    def test_a_safety_share_costs_no_minute_by_rounding(self) -> None:
        steps = [Work("a", "A", 50, backout_minutes=50, role=Role.VALIDATE)]
        told = plan(replace(NIGHT, cutoff=140, safety=Decimal("0.1")), steps)
        assert told.no_return == 140 - 35 - 55

    def test_a_load_is_a_share_of_the_window(self) -> None:
        assert plan(NIGHT, two_packages()).load("STOR") == pytest.approx(160 / 390)


class TestObstacles:
    def test_a_cycle_is_told_with_its_shortest_way(self) -> None:
        steps = [Work("a", "A", 5, frozenset({"b"})), Work("b", "B", 5, frozenset({"a"}))]
        with pytest.raises(Unplannable, match="A → B → A"):
            plan(NIGHT, steps)

    def test_a_team_without_capacity_is_told(self) -> None:
        with pytest.raises(Unplannable, match="A needs 1 of DRAIN; there is none"):
            plan(NIGHT, [Work("a", "A", 5, needs={"DRAIN": 1})])

    def test_all_obstacles_are_told_at_once(self) -> None:
        steps = [
            Work("a", "A", 5, frozenset({"b"}), {"OPS": 3}),
            Work("b", "B", -5, frozenset({"a"})),
        ]
        with pytest.raises(Unplannable) as refused:
            plan(NIGHT, steps)
        assert {each.kind for each in refused.value.obstacles} == {"cycle", "capacity", "duration"}

    def test_predecessors_that_are_not_planned_do_not_count(self) -> None:
        assert plan(NIGHT, [Work("a", "A", 5, frozenset({"gone"}))]).makespan == 5


class TestWhatRunsAlready:
    def test_it_keeps_its_start(self) -> None:
        steps = [Work("a", "A", 30, needs={"STOR": 1}, pinned=100)]
        assert plan(NIGHT, steps).schedule.starts == {"a": 100}

    def test_what_waits_for_its_people_begins_behind_it(self) -> None:
        steps = [
            Work("a", "A", 30, needs={"STOR": 1}, pinned=100),
            Work("b", "B", 10, needs={"STOR": 1}, earliest=100),
        ]
        assert plan(NIGHT, steps).schedule.starts["b"] == 130

    def test_more_people_at_work_than_the_roster_knows_are_taken_as_they_are(self) -> None:
        steps = [
            Work("a", "A", 30, needs={"STOR": 1}, pinned=100),
            Work("b", "B", 30, needs={"STOR": 1}, pinned=110),
        ]
        assert plan(NIGHT, steps).makespan == 140


class TestEffort:
    def test_a_plan_that_is_known_to_be_possible_is_never_made_longer(self) -> None:
        steps = [Work(n, f"{n}", 10, needs={"OPS": 1}) for n in range(4)]
        known = {0: 0, 1: 0, 2: 10, 3: 10}
        assert shortest(steps, CAPACITY, effort=1e-6, known=known).makespan == 20

    def test_a_solver_that_runs_out_of_effort_tells_its_bound(self) -> None:
        rng = random.Random(3)
        steps = [
            Work(
                n, f"{n:03}", rng.randint(3, 30),
                frozenset(rng.sample(range(n), min(n, 2))),
                {rng.choice(["OPS", "STOR"]): 1, "SCM": rng.randint(0, 1)},
            )
            for n in range(60)
        ]  # fmt: skip
        schedule = shortest(steps, CAPACITY, effort=1e-6)
        assert 0 < schedule.bound <= schedule.makespan
        _assert_feasible(steps, CAPACITY, schedule.starts)

    def test_five_hundred_steps_are_planned(self) -> None:
        rng = random.Random(5)
        steps = [
            Work(
                n, f"{n:03}", rng.randint(1, 15),
                frozenset(rng.sample(range(max(0, n - 20), n), min(n, 2))),
                {rng.choice(list(CAPACITY)): 1},
                backout_minutes=rng.choice([0, 5]),
            )
            for n in range(500)
        ]  # fmt: skip
        told = plan(NIGHT, steps, effort=0.2)
        _assert_feasible(steps, CAPACITY, told.schedule.starts)
        assert told.schedule.bound <= told.makespan
        assert told.no_return <= NIGHT.cutoff


@st.composite
def _plans(draw: st.DrawFn) -> list[Work]:
    count = draw(st.integers(1, 9))
    steps = []
    for n in range(count):
        after = draw(st.sets(st.integers(0, n - 1), max_size=2)) if n else set()
        steps.append(
            Work(
                n, str(n), draw(st.integers(0, 9)), frozenset(after),
                {draw(st.sampled_from(["OPS", "STOR", "CICS"])): 1},
                backout_minutes=draw(st.integers(0, 5)),
                role=draw(st.sampled_from(list(Role))),
            )
        )  # fmt: skip
    return steps


class TestWhatAlwaysHolds:
    @given(_plans())
    @settings(max_examples=60, deadline=None)
    def test_order_and_capacity_are_kept(self, steps: list[Work]) -> None:
        _assert_feasible(steps, CAPACITY, plan(NIGHT, steps).schedule.starts)

    @given(_plans())
    @settings(max_examples=40, deadline=None)
    def test_adding_work_never_shortens_a_plan(self, steps: list[Work]) -> None:
        more = plan(NIGHT, steps)
        fewer = plan(NIGHT, steps[:-1])
        assert fewer.makespan <= more.makespan
        assert fewer.backout.whole <= more.backout.whole

    @given(_plans(), st.sampled_from(["OPS", "STOR", "CICS"]))
    @settings(max_examples=40, deadline=None)
    def test_another_pair_of_hands_never_lengthens_it(
        self, steps: list[Work], resource: str
    ) -> None:
        more = replace(NIGHT, capacity=CAPACITY | {resource: CAPACITY[resource] + 1})
        assert plan(more, steps).makespan <= plan(NIGHT, steps).makespan

    @given(_plans())
    @settings(max_examples=40, deadline=None)
    def test_one_minute_after_the_point_of_no_return_is_too_late(self, steps: list[Work]) -> None:
        told = plan(replace(NIGHT, cutoff=60), steps)
        if told.no_return == NEVER:
            return
        for minute, in_time in ((told.no_return, True), (told.no_return + 1, False)):
            back = -(-told.backout.at(minute) * 11 // 10)
            assert (minute + 15 + back + 20 <= 60) is in_time


def _assert_feasible(
    steps: list[Work], capacity: dict[str, int], starts: dict[object, int]
) -> None:  # type: ignore[type-arg]
    by_key = {work.key: work for work in steps}
    for work in steps:
        for before in work.after:
            assert starts[before] + by_key[before].minutes <= starts[work.key]
    for resource, units in capacity.items():
        for moment in set(starts.values()):
            running = [
                work.needs.get(resource, 0)
                for work in steps
                if starts[work.key] <= moment < starts[work.key] + work.minutes
            ]
            assert sum(running) <= units
