"""A plan of a night, and what follows from it: the decision, the commit, the point of no return.

Names and formulas: G is when the evidence for go/no-go is complete, C the commit point (the first
irreversible step), B(t) the time it takes to undo what has been started before t, D the time a
decision takes, V the time to verify after a backout, K the cut-off, S the safety share.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from apps.releases.domain.planner.network import Network
from apps.releases.domain.planner.solver import EFFORT, Schedule, settled, shortest
from apps.releases.domain.planner.work import Night, Obstacle, Role, Work, obstacles

#: Utilisation from which a band begins; above 1 a window is overfull.
BANDS: tuple[tuple[float, str], ...] = ((1.0, "blocked"), (0.9, "red"), (0.75, "amber"))
#: What a plan of each risk has to fit (domain policy): forward, with a checkpoint, or strictly.
FIT_BY_RISK: Mapping[str, str] = {
    "low": "F1", "medium": "F2c", "high": "F2", "critical": "F2"
}  # fmt: skip
NEVER = -1


class Unplannable(ValueError):
    """There is no plan at all; `obstacles` say why, each with its remedy."""

    def __init__(self, found: Sequence[Obstacle]) -> None:
        super().__init__(" ".join(each.text for each in found))
        self.obstacles = tuple(found)


@dataclass(frozen=True, slots=True)
class Slot:
    """When a step runs: whole minutes after opening. `slack` is by how much it may start later
    before the end of the plan moves, as far as precedence alone tells."""

    work: Work
    start: int
    slack: int

    @property
    def end(self) -> int:
        return self.start + self.work.minutes

    @property
    def is_critical(self) -> bool:
        return self.slack == 0


@dataclass(frozen=True)
class Backout:
    """B(t): how long undoing takes of what was started before minute t.

    `starts` are the distinct starts of the steps in order, `minutes` B just after each of them.
    """

    starts: tuple[int, ...]
    minutes: tuple[int, ...]

    def at(self, minute: int) -> int:
        """B(t) in minutes: steps that start at `minute` itself do not count yet."""
        position = bisect_left(self.starts, minute)
        return self.minutes[position - 1] if position else 0

    @property
    def whole(self) -> int:
        """B(∞): undoing everything."""
        return self.minutes[-1] if self.minutes else 0


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether the plan ends in time. `short` is by how many minutes it does not (0: it fits)."""

    code: str
    text: str
    short: int

    @property
    def holds(self) -> bool:
        return self.short == 0


@dataclass(frozen=True)
class Plan:
    """The plan of `works` in `night`. Every number is derived from `schedule`."""

    night: Night
    works: tuple[Work, ...]
    schedule: Schedule
    effort: float = field(default=EFFORT, repr=False)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The steps by start, then label."""
        found = [
            Slot(work, self.schedule.starts[work.key], self._network.slack(work.key))
            for work in self.works
        ]
        return tuple(sorted(found, key=lambda slot: (slot.start, slot.work.label)))

    @property
    def makespan(self) -> int:
        """M: when the last step ends."""
        return self.schedule.makespan

    @property
    def critical_path(self) -> int:
        """L: the length of the longest chain of steps, people and systems left aside."""
        return self._network.length

    @cached_property
    def go_ready(self) -> int:
        """G: when the last step is done that the go/no-go decision waits for."""
        ends = [slot.end for slot in self.slots if slot.work.role is Role.VALIDATE]
        if ends:
            return max(ends)
        decisions = [slot.start for slot in self.slots if slot.work.role is Role.DECIDE]
        return max(decisions, default=self.makespan)

    @cached_property
    def commit(self) -> int | None:
        """C: when the first step starts that cannot be undone; None when all of it can."""
        return min((slot.start for slot in self.slots if slot.work.irreversible), default=None)

    @cached_property
    def checkpoint(self) -> int | None:
        """G': until when one may stop before data is changed; None when nothing changes data."""
        return min(
            (s.start for s in self.slots if s.work.changes_data or s.work.irreversible),
            default=None,
        )

    @cached_property
    def backout(self) -> Backout:
        starts = sorted({slot.start for slot in self.slots})
        minutes: list[int] = []
        begun = 0
        for start in starts:
            now = [slot.work.key for slot in self.slots if slot.start <= start]
            adds = any(s.work.backout_minutes for s in self.slots[begun : len(now)])
            begun = len(now)
            if adds or not minutes:
                minutes.append(backout_minutes(self.works, now, self.night, effort=self.effort))
            else:
                minutes.append(minutes[-1])
        return Backout(tuple(starts), tuple(minutes))

    @cached_property
    def no_return(self) -> int:
        """PNR: the last minute at which a decision to back out still ends before the cut-off,
        max{t : t + D + ⌈B(t)(1+S)⌉ + V ≤ K}; `NEVER` when not even the first one is."""
        night = self.night
        latest = night.cutoff - night.decide_minutes - night.verify_minutes
        # t + B(t) only grows, so that the first minute from behind is the last one.
        return next(
            (t for t in range(latest, NEVER, -1) if t + self._safe(self.backout.at(t)) <= latest),
            NEVER,
        )

    @property
    def deadline(self) -> int:
        """Until when people may decide: the point of no return, or the commit before it."""
        return self.no_return if self.commit is None else min(self.no_return, self.commit)

    @property
    def margin(self) -> int:
        """PNR - G: how long the decision may wait. Negative: we learn too late that it failed."""
        return self.no_return - self.go_ready

    @property
    def utilisation(self) -> float:
        """U = (G + D + B(∞)(1+S) + V) / K: the share of the window that the plan may need."""
        night = self.night
        needed = (
            self.go_ready
            + night.decide_minutes
            + self.backout.whole * (1 + night.safety)
            + night.verify_minutes
        )
        return float(needed) / night.cutoff if night.cutoff > 0 else math.inf

    @property
    def band(self) -> str:
        """The band of the utilisation; exactly full is red, more is blocked."""
        use = self.utilisation
        if use > BANDS[0][0]:
            return BANDS[0][1]
        return next((name for limit, name in BANDS[1:] if use >= limit), "green")

    @cached_property
    def fits(self) -> Mapping[str, Fit]:
        """F1 forward, F2 strict, F2c with a checkpoint, by code."""
        cutoff = self.night.cutoff
        forward = math.ceil(self.makespan * (1 + self.night.safety)) - cutoff
        checkpoint = self.go_ready if self.checkpoint is None else self.checkpoint
        return {
            fit.code: fit
            for fit in (
                Fit("F1", "Everything is done before the cut-off.", max(0, forward)),
                Fit("F2", "What fails at the very last check can still be undone.",
                    self._too_late(self.go_ready)),
                Fit("F2c", "What is found before data changes can still be undone.",
                    self._too_late(min(checkpoint, self.go_ready))),
            )
        }  # fmt: skip

    def fit_for(self, risk_band: str) -> tuple[Fit, ...]:
        """What a plan of this risk has to fit: forward always, and its way back by its risk."""
        wanted = FIT_BY_RISK.get(risk_band, "F2")
        return tuple(self.fits[code] for code in dict.fromkeys(("F1", wanted)))

    @cached_property
    def bottleneck(self) -> tuple[str, int] | None:
        """(resource, minutes of margin) that one unit more would gain most; None if none gains."""
        gains = []
        for resource in sorted({name for work in self.works for name in work.needs}):
            more = dict(self.night.capacity) | {resource: self.night.capacity.get(resource, 0) + 1}
            other = plan(replace(self.night, capacity=more), self.works, effort=self.effort)
            gains.append((other.margin - self.margin, self.makespan - other.makespan, resource))
        gain, sooner, resource = max(gains, key=lambda each: each[:2], default=(0, 0, ""))
        return (resource, gain) if gain > 0 or (gain == 0 and sooner > 0) else None

    def load(self, resource: str) -> float:
        """The share of the window in which the resource is at work."""
        units = self.night.capacity.get(resource, 0) * self.night.cutoff
        used = sum(work.minutes * work.needs.get(resource, 0) for work in self.works)
        return used / units if units > 0 else math.inf if used else 0.0

    def _safe(self, minutes: int) -> int:
        """⌈B(1+S)⌉; S is a decimal, so that no dust of a binary fraction costs a minute."""
        return math.ceil(minutes * (1 + self.night.safety))

    def _too_late(self, decided: int) -> int:
        """By how many minutes a backout that is decided on from `decided` ends behind K."""
        night = self.night
        back = self._safe(self.backout.at(decided)) + night.verify_minutes
        return max(0, decided + night.decide_minutes + back - night.cutoff)

    @cached_property
    def _network(self) -> Network:
        return Network(self.works)


def plan(night: Night, works: Iterable[Work], *, effort: float = EFFORT) -> Plan:
    """The shortest plan of `works` in `night`, its steps as early as that allows.

    Raises Unplannable with every obstacle: a cycle, or a resource that has too little capacity.
    """
    planned = tuple(works)
    found = tuple(obstacles(planned, night.capacity))
    if found:
        raise Unplannable(found)
    schedule = shortest(planned, night.capacity, effort=effort)
    return Plan(night, planned, settled(planned, night.capacity, schedule, effort=effort), effort)


def backout_minutes(
    works: Sequence[Work], begun: Iterable[Hashable], night: Night, *, effort: float = EFFORT
) -> int:
    """The shortest time in which what was begun can be undone.

    Steps are undone in the reverse of their order; a step that needs no undoing only passes the
    order on. Undoing takes the people and systems that doing took.
    """
    network = Network(works)
    undone = {key for key in begun if network.works[key].backout_minutes}
    followers = _followers_among(network, undone)
    return shortest(
        [
            Work(
                key=key,
                label=work.label,
                minutes=work.backout_minutes,
                after=followers[key],
                needs=work.needs,
            )
            for key, work in network.works.items()
            if key in undone
        ],
        night.capacity,
        effort=effort,
    ).makespan


def _followers_among(
    network: Network, kept: set[Hashable]
) -> Mapping[Hashable, frozenset[Hashable]]:
    """The steps of `kept` that follow each step directly or through steps that are not kept."""
    found: dict[Hashable, frozenset[Hashable]] = {}
    for key in reversed(network.order):
        found[key] = frozenset[Hashable]().union(
            *({each} if each in kept else found[each] for each in network.behind[key])
        )
    return found
