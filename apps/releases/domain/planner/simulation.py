"""How likely a plan ends in time: the night again and again, with durations as they were before.

A trial draws the duration of every step, runs the steps in the order of the plan as early as
precedence, people and systems allow, and then undoes what was begun when the evidence for
go/no-go was complete. Everything is whole numbers, and draws come from `random.Random(seed)`,
whose sequence Python keeps: equal inputs, seed and number of trials give equal numbers anywhere.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from math import isqrt
from random import Random
from typing import Any

from apps.releases.domain.planner.network import Network
from apps.releases.domain.planner.plan import Plan
from apps.releases.domain.planner.work import Role

#: Fewer recorded durations than these tell nothing: then the planned one counts.
FEWEST = 5
#: Quantiles of a history are kept at these percentages.
PERCENTS = tuple(range(0, 101, 10))
#: Durations are kept as thousandths of the planned one.
WHOLE = 1_000
#: A correlation (in thousandths) below this is taken for chance.
WEAKEST = 50
MOST_CONTRIBUTORS = 3


@dataclass(frozen=True, slots=True)
class History:
    """What steps of one type and team took, as shares of what was planned.

    `count` is of how many; `quantiles` are the shares, in thousandths, at `PERCENTS`, and empty
    where `count` is below `FEWEST`.
    """

    count: int
    quantiles: tuple[int, ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> History:
        """From (planned, actual) minutes; pairs without planned minutes do not count."""
        shares = sorted(actual * WHOLE // planned for planned, actual in pairs if planned > 0)
        if len(shares) < FEWEST:
            return cls(len(shares))
        last = len(shares) - 1
        return cls(len(shares), tuple(_between(shares, last * p, 100) for p in PERCENTS))

    @property
    def is_used(self) -> bool:
        return bool(self.quantiles)

    def at(self, percent: int, planned: int) -> int | None:
        """Minutes that `percent` of such steps did not exceed, were `planned` minutes planned; a
        multiple of ten percent. None where there are too few."""
        if not self.quantiles:
            return None
        share = self.quantiles[PERCENTS.index(percent)]
        return max(1, (planned * share + WHOLE // 2) // WHOLE)

    def minutes(self, planned: int, draw: Callable[[], float]) -> int:
        """A duration: the planned one by a share between two quantiles, at least a minute."""
        if not self.quantiles or not planned:
            return planned
        steps = (len(self.quantiles) - 1) * WHOLE
        share = _between(self.quantiles, int(draw() * steps), WHOLE)
        return max(1, (planned * share + WHOLE // 2) // WHOLE)


def _between(values: Sequence[int], position: int, unit: int) -> int:
    """The value at `position / unit`, linear between its neighbours."""
    index, rest = divmod(position, unit)
    if not rest:
        return values[index]
    return values[index] + (values[index + 1] - values[index]) * rest // unit


@dataclass(frozen=True, slots=True)
class Timed:
    """A step as it is drawn: `before` and `behind` are positions in the order of the plan;
    `basis` names its history, and `back` are (planned minutes, basis) of what undoes it."""

    label: str
    minutes: int
    basis: str
    before: tuple[int, ...] = ()
    needs: tuple[tuple[str, int], ...] = ()
    earliest: int = 0
    validates: bool = False
    decides: bool = False
    back: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that the numbers rest on, the steps in the order of the plan."""

    cutoff: int
    decide_minutes: int
    verify_minutes: int
    capacity: tuple[tuple[str, int], ...]
    steps: tuple[Timed, ...]
    histories: tuple[tuple[str, History], ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Inputs:
        return cls(
            cutoff=told["cutoff"],
            decide_minutes=told["decide_minutes"],
            verify_minutes=told["verify_minutes"],
            capacity=_pairs(told["capacity"]),
            steps=tuple(
                Timed(
                    **{
                        **step,
                        "before": tuple(step["before"]),
                        "needs": _pairs(step["needs"]),
                        "back": _pairs(step["back"]),
                    }
                )
                for step in told["steps"]
            ),
            histories=tuple(
                (name, History(kept["count"], tuple(kept["quantiles"])))
                for name, kept in told["histories"]
            ),
        )


def _pairs(rows: Iterable[Sequence[Any]]) -> tuple[tuple[Any, Any], ...]:
    return tuple((row[0], row[1]) for row in rows)


def inputs_of(
    plan: Plan,
    basis: Mapping[Hashable, str],
    back: Mapping[Hashable, Sequence[tuple[int, str]]],
    histories: Mapping[str, History],
) -> Inputs:
    """The plan, and by which history each step and each way back is drawn."""
    network = Network(plan.works)
    rank = {key: number for number, key in enumerate(network.order)}
    starts = plan.schedule.starts
    order = sorted(plan.works, key=lambda work: (starts[work.key], rank[work.key]))
    position = {work.key: number for number, work in enumerate(order)}
    used = {
        *(basis.get(work.key, "") for work in order),
        *(name for work in order for _, name in back.get(work.key, ())),
    } - {""}
    return Inputs(
        cutoff=plan.night.cutoff,
        decide_minutes=plan.night.decide_minutes,
        verify_minutes=plan.night.verify_minutes,
        capacity=tuple(sorted(plan.night.capacity.items())),
        steps=tuple(
            Timed(
                label=work.label,
                minutes=work.minutes,
                basis=basis.get(work.key, ""),
                before=tuple(sorted(position[key] for key in network.after[work.key])),
                needs=tuple(sorted(work.needs.items())),
                earliest=work.earliest,
                validates=work.role is Role.VALIDATE,
                decides=work.role is Role.DECIDE,
                back=tuple(back.get(work.key, ())),
            )
            for work in order
        ),
        histories=tuple((name, histories.get(name, History(0))) for name in sorted(used)),
    )


@dataclass(frozen=True, slots=True)
class Contributor:
    """A step on whose duration the end hangs: Spearman's rank correlation, in thousandths."""

    label: str
    correlation: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of `trials`: counts of trials, and minutes after opening.

    `in_time` ended before the cut-off; in `can_return` the last check could fail and everything
    would still be undone and verified before it.
    """

    trials: int
    in_time: int
    can_return: int
    p50: int
    p80: int
    p95: int
    contributors: tuple[Contributor, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Outcome:
        contributors = tuple(Contributor(**each) for each in told["contributors"])
        return cls(**{**told, "contributors": contributors})


def simulate(
    inputs: Inputs,
    *,
    seed: int,
    trials: int,
    progress: Callable[[int], None] = lambda done: None,
) -> Outcome:
    """Run the night `trials` times. `progress` is told now and then how many are done."""
    run, random = _Night(inputs), Random(seed)  # noqa: S311 - repeatable, which is the point
    ends: list[int] = []
    drawn: list[list[int]] = []
    in_time = can_return = 0
    for number in range(trials):
        minutes = run.draw(random.random)
        starts, finishes = run.forward(minutes)
        end = max(finishes, default=0)
        go = run.go_ready(starts, finishes, end)
        back = run.backward(starts, go, random.random)
        ends.append(end)
        drawn.append([minutes[position] for position in run.varied])
        in_time += end <= inputs.cutoff
        later = inputs.decide_minutes + back + inputs.verify_minutes
        can_return += go + later <= inputs.cutoff
        if number % 100 == 99:
            progress(number + 1)
    ordered = sorted(ends)
    return Outcome(
        trials=trials,
        in_time=in_time,
        can_return=can_return,
        p50=_percentile(ordered, 50),
        p80=_percentile(ordered, 80),
        p95=_percentile(ordered, 95),
        contributors=_contributors(run, drawn, ends),
    )


class _Night:
    """A list scheduler: steps take their turn in the order of the plan, nobody overtakes."""

    def __init__(self, inputs: Inputs) -> None:
        self.steps = inputs.steps
        self._histories = dict(inputs.histories)
        self._planned = History(0)
        self._by_step = [self._histories.get(step.basis, self._planned) for step in self.steps]
        used = {name for step in self.steps for name, _ in step.needs}
        self._units = {name: units for name, units in inputs.capacity if name in used}
        self._behind: list[list[int]] = [[] for _ in self.steps]
        for position, step in enumerate(self.steps):
            for before in step.before:
                self._behind[before].append(position)
        self.varied = [
            position
            for position, step in enumerate(self.steps)
            if len(set(self._by_step[position].quantiles)) > 1 and step.minutes
        ]

    def draw(self, draw: Callable[[], float]) -> list[int]:
        pairs = zip(self._by_step, self.steps, strict=True)
        return [history.minutes(step.minutes, draw) for history, step in pairs]

    def forward(self, minutes: Sequence[int]) -> tuple[list[int], list[int]]:
        """(starts, ends) by position."""
        free = {name: [0] * units for name, units in self._units.items()}
        starts: list[int] = []
        ends: list[int] = []
        for position, step in enumerate(self.steps):
            ready = max([step.earliest, *(ends[before] for before in step.before)])
            starts.append(_take(free, step.needs, ready, minutes[position]))
            ends.append(starts[-1] + minutes[position])
        return starts, ends

    def go_ready(self, starts: Sequence[int], ends: Sequence[int], end: int) -> int:
        """When the evidence for go/no-go is complete, as `Plan.go_ready` has it."""
        checks = [ends[n] for n, step in enumerate(self.steps) if step.validates]
        decisions = [starts[n] for n, step in enumerate(self.steps) if step.decides]
        return max(checks or decisions or [end])

    def backward(self, starts: Sequence[int], moment: int, draw: Callable[[], float]) -> int:
        """How long undoing takes of what began before `moment`, in the reverse order.

        Every way back is drawn in every trial, so that what one trial does not undo changes
        nothing in the draws of the next.
        """
        free = {name: [0] * units for name, units in self._units.items()}
        ends = [0] * len(self.steps)
        for position in range(len(self.steps) - 1, -1, -1):
            step = self.steps[position]
            back = sum(
                self._histories.get(basis, self._planned).minutes(planned, draw)
                for planned, basis in step.back
            )
            ready = max((ends[follower] for follower in self._behind[position]), default=0)
            if back and starts[position] < moment:
                ready = _take(free, step.needs, ready, back) + back
            ends[position] = ready
        return max(ends, default=0)


def _take(
    free: Mapping[str, list[int]], needs: Sequence[tuple[str, int]], ready: int, minutes: int
) -> int:
    """The first minute from `ready` at which every need is free; each is taken from then on. What
    takes no time waits for nobody, as in the plan."""
    if not minutes:
        return ready
    start = ready
    for name, units in needs:
        # The lists are kept in order: the unit at `units - 1` is the last one that is waited for.
        if units:
            start = max(start, free[name][units - 1])
    for name, units in needs:
        there = free[name]
        del there[:units]
        at = bisect_right(there, start + minutes)
        there[at:at] = [start + minutes] * units
    return start


def _percentile(ordered: Sequence[int], percent: int) -> int:
    """The nearest rank: the smallest value that `percent` of all do not exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else 0


def _contributors(
    run: _Night, drawn: Sequence[Sequence[int]], ends: Sequence[int]
) -> tuple[Contributor, ...]:
    by_end = _ranks(ends)
    found = [
        Contributor(
            run.steps[position].label,
            _correlation(_ranks([trial[column] for trial in drawn]), by_end),
        )
        for column, position in enumerate(run.varied)
    ]
    strong = [each for each in found if each.correlation >= WEAKEST]
    strong.sort(key=lambda each: (-each.correlation, each.label))
    return tuple(strong[:MOST_CONTRIBUTORS])


def _ranks(values: Sequence[int]) -> list[int]:
    """Twice the rank of each value, so that the mean rank of equal ones is a whole number."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0] * len(values)
    passed = 0
    for _, group in groupby(order, key=values.__getitem__):
        same = list(group)
        for index in same:
            ranks[index] = 2 * passed + len(same) + 1
        passed += len(same)
    return ranks


def _correlation(one: Sequence[int], other: Sequence[int]) -> int:
    """Pearson's of two lists of ranks, in thousandths; 0 where one of them does not vary."""
    mean = len(one) + 1
    both = sum((a - mean) * (b - mean) for a, b in zip(one, other, strict=True))
    spread = sum((a - mean) ** 2 for a in one) * sum((b - mean) ** 2 for b in other)
    return both * WHOLE // isqrt(spread) if spread else 0
