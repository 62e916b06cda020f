"""The shortest plan that precedence and resources allow.

Constraint programming (OR-Tools CP-SAT) rather than a priority rule: with a rule alone, adding
work can make a plan shorter (Graham's anomaly), and nobody trusts such a plan. A priority rule
gives the first answer, which is also the answer when the effort is used up; then the plan carries
the bound that no plan can beat.

Equal input gives an equal plan, on a busy machine too: steps are taken by label, the solver has
one worker, a fixed seed, and its effort is counted in deterministic units, not in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import chain

from ortools.sat.python import cp_model

from apps.releases.domain.planner.network import Network
from apps.releases.domain.planner.work import Work

#: Deterministic units of CP-SAT; one takes about a second on an idle core.
EFFORT = 2.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """When each step starts; `makespan` is when the last one ends, and no plan ends before
    `bound`."""

    starts: Mapping[Hashable, int]
    makespan: int
    bound: int

    @property
    def is_proven(self) -> bool:
        return self.makespan == self.bound


def shortest(
    works: Sequence[Work],
    capacity: Mapping[str, int],
    *,
    effort: float = EFFORT,
    known: Mapping[Hashable, int] | None = None,
) -> Schedule:
    """A plan of the smallest makespan. There must be no `obstacles` to one.

    `known` are starts of which the caller knows that they are possible: the answer is no worse.
    """
    problem = _Problem(works, capacity)
    first = min(chain(problem.by_rules(), [known] if known else []), key=problem.makespan)
    makespan, bound = problem.makespan(first), problem.lower_bound()
    if makespan <= bound:
        return Schedule(first, makespan, makespan)
    model = _Model(problem, makespan)
    model.minimise_makespan(at_least=bound)
    answer = model.solve(first, effort)
    if answer is None:
        return Schedule(first, makespan, bound)
    starts, proven_bound = answer
    return Schedule(starts, problem.makespan(starts), max(bound, proven_bound))


def settled(
    works: Sequence[Work],
    capacity: Mapping[str, int],
    schedule: Schedule,
    *,
    effort: float = EFFORT,
) -> Schedule:
    """A plan as short as `schedule` whose steps end early: the smallest sum of finish times.

    Without this, a step without slack to lose could lie anywhere, and the time of the decision
    would be an accident.
    """
    problem = _Problem(works, capacity)
    model = _Model(problem, schedule.makespan)
    model.minimise_finish_times()
    answer = model.solve(schedule.starts, effort)
    if answer is None:
        return schedule
    return Schedule(answer[0], schedule.makespan, schedule.bound)


class _Problem(Network):
    """The steps as precedence sees them, and the resources that they share."""

    def __init__(self, works: Sequence[Work], capacity: Mapping[str, int]) -> None:
        super().__init__(works)
        self.capacity = {
            resource: max(capacity.get(resource, 0), self._pinned_peak(resource))
            for resource in sorted({name for work in works for name in work.needs})
        }

    def makespan(self, starts: Mapping[Hashable, int]) -> int:
        return max((starts[key] + work.minutes for key, work in self.works.items()), default=0)

    def users(self, resource: str) -> list[Work]:
        """The steps that take some of the resource for some time."""
        return [w for w in self.works.values() if w.minutes and w.needs.get(resource, 0)]

    def lower_bound(self) -> int:
        """The longest chain, or the busiest resource with the shortest way to it and from it."""
        return max(chain([self.length], map(self._load_bound, self.capacity)))

    def by_rules(self) -> Iterator[dict[Hashable, int]]:
        """Plans by well-known priority rules: most urgent first, in three senses of the word."""
        urgent: tuple[Callable[[Hashable], float], ...] = (
            lambda key: -self.tails[key],
            lambda key: -(self.heads[key] + self.tails[key]),
            lambda key: -self.tails[key] + self.works[key].minutes,
        )
        for rule in urgent:
            yield self._in_series(rule)

    def _in_series(self, urgency: Callable[[Hashable], float]) -> dict[Hashable, int]:
        """Serial schedule generation: the most urgent step that may begin, as early as it fits."""
        starts = {key: w.pinned for key, w in self.works.items() if w.pinned is not None}
        used: dict[str, list[tuple[int, int, int]]] = {name: [] for name in self.capacity}
        for key, start in starts.items():
            self._take(self.works[key], start, used)
        rank = {key: number for number, key in enumerate(self.order)}
        missing = {
            key: sum(before not in starts for before in self.after[key])
            for key in self.order
            if key not in starts
        }
        free = [(urgency(key), rank[key], key) for key, count in missing.items() if not count]
        heapify(free)
        while free:
            key = heappop(free)[-1]
            work = self.works[key]
            ready = max(
                chain([work.earliest], (self._end(before, starts) for before in self.after[key]))
            )
            starts[key] = self._first_fit(work, ready, used)
            self._take(work, starts[key], used)
            for follower in self.behind[key]:
                if follower in missing:
                    missing[follower] -= 1
                    if not missing[follower]:
                        heappush(free, (urgency(follower), rank[follower], follower))
        return starts

    def _end(self, key: Hashable, starts: Mapping[Hashable, int]) -> int:
        return starts[key] + self.works[key].minutes

    def _take(self, work: Work, start: int, used: dict[str, list[tuple[int, int, int]]]) -> None:
        for resource, units in work.needs.items():
            used[resource].append((start, start + work.minutes, units))

    def _first_fit(
        self, work: Work, ready: int, used: Mapping[str, list[tuple[int, int, int]]]
    ) -> int:
        """The first minute from `ready` on at which every need of the step is free throughout."""
        start = ready
        while work.minutes:
            waits = [
                until
                for resource, units in work.needs.items()
                if units
                and (until := _busy_until(
                    used[resource], start, start + work.minutes, self.capacity[resource] - units
                )) is not None
            ]  # fmt: skip
            if not waits:
                break
            start = max(waits)
        return start

    def _load_bound(self, resource: str) -> int:
        users = self.users(resource)
        if not users:
            return 0
        work = sum(user.minutes * user.needs[resource] for user in users)
        before = min(self.heads[user.key] for user in users)
        behind = min(self.tails[user.key] - user.minutes for user in users)
        return before + -(-work // self.capacity[resource]) + behind

    def _pinned_peak(self, resource: str) -> int:
        """What runs already runs, even where more people are at work than the roster knows."""
        pinned = [
            (work.pinned, work.pinned + work.minutes, work.needs[resource])
            for work in self.works.values()
            if work.pinned is not None and resource in work.needs
        ]
        return max(
            (sum(u for s, e, u in pinned if s <= start < max(e, s + 1)) for start, _, _ in pinned),
            default=0,
        )


def _busy_until(
    taken: Sequence[tuple[int, int, int]], start: int, end: int, room: int
) -> int | None:
    """When to try again, if somewhere in [start, end) more than `room` units are taken."""
    inside = [each for each in taken if each[0] < end and each[1] > start]
    for moment in sorted({start, *(s for s, _, _ in inside if s > start)}):
        here = [each for each in inside if each[0] <= moment < each[1]]
        if sum(units for _, _, units in here) > room:
            return min(until for _, until, _ in here)
    return None


class _Model:
    """The same problem in CP-SAT, every start within what `makespan` leaves it."""

    def __init__(self, problem: _Problem, makespan: int) -> None:
        self._problem = problem
        self._makespan = makespan
        self._model = cp_model.CpModel()
        self._starts: dict[Hashable, cp_model.IntVar] = {}
        intervals: dict[Hashable, cp_model.IntervalVar] = {}
        for number, (key, work) in enumerate(problem.works.items()):
            first = problem.heads[key]
            last = first if work.pinned is not None else makespan - problem.tails[key]
            start = self._model.new_int_var(first, max(first, last), f"s{number}")
            self._starts[key] = start
            intervals[key] = self._model.new_fixed_size_interval_var(
                start, work.minutes, f"i{number}"
            )
        for key, predecessors in problem.after.items():
            if problem.works[key].pinned is None:
                for before in predecessors:
                    self._model.add(self._starts[key] >= self._end(before))
        for resource, capacity in problem.capacity.items():
            users = problem.users(resource)
            demands = [user.needs[resource] for user in users]
            if sum(demands) > capacity:
                self._model.add_cumulative([intervals[u.key] for u in users], demands, capacity)

    def minimise_makespan(self, *, at_least: int) -> None:
        makespan = self._model.new_int_var(at_least, self._makespan, "makespan")
        for key in self._starts:
            self._model.add(makespan >= self._end(key))
        self._model.minimize(makespan)

    def minimise_finish_times(self) -> None:
        """The makespan is a limit on every start already."""
        self._model.minimize(sum(self._starts.values()))

    def solve(
        self, hint: Mapping[Hashable, int], effort: float
    ) -> tuple[dict[Hashable, int], int] | None:
        """(starts, bound of what is minimised), or None when the effort found no better plan."""
        for key, start in self._starts.items():
            self._model.add_hint(start, hint[key])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        # Time-tabling proves more plans of this kind within the effort than a linear relaxation.
        solver.parameters.linearization_level = 0
        solver.parameters.max_deterministic_time = effort
        if solver.solve(self._model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return None
        starts = {key: solver.value(start) for key, start in self._starts.items()}
        return starts, round(solver.best_objective_bound)

    def _end(self, key: Hashable) -> cp_model.LinearExprT:
        return self._starts[key] + self._problem.works[key].minutes
