"""A plan of a night, and what follows from it: the decision, the commit, the point of no return.

Names and formulas: G is when the evidence for go/no-go is complete, C the commit point (the first
irreversible step), B(t) the time it takes to undo what has been started before t, D the time a
decision takes, V the time to verify after a backout, K the cut-off, S the safety share.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
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
#: How the effort of a plan is divided: finding it, letting its steps end early, and each of the
#: about ten values of B(t) that the point of no return asks for.
_FORWARD_SHARE, _SETTLE_SHARE, _BACKOUT_SHARE = 0.5, 0.25, 0.025


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


@dataclass(frozen=True, slots=True)
class Backout:
    """B(t): how long undoing takes of what was started before minute t.

    `starts` are the distinct starts, in order, of the steps that have to be undone;
    `after(count)` is B once the first `count` of them have passed. It is reckoned when asked for:
    a plan of hundreds of steps needs a few values of it, not all.
    """

    starts: tuple[int, ...]
    after: Callable[[int], int] = field(repr=False)
    #: What was reckoned so far, by count.
    known: Mapping[int, int] = field(default_factory=dict, repr=False)

    def at(self, minute: int) -> int:
        """B(t) in minutes: steps that start at `minute` itself do not count yet."""
        return self.after(bisect_left(self.starts, minute))

    @property
    def whole(self) -> int:
        """B(∞): undoing everything."""
        return self.after(len(self.starts))


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
    """The plan of `works` in `night`. Every number is derived from `schedule`. `undone` holds what
    is known of B(t) already, as `Backout.known` of the same plan told it."""

    night: Night
    works: tuple[Work, ...]
    schedule: Schedule
    effort: float = field(default=EFFORT, repr=False)
    undone: Mapping[int, int] = field(default_factory=dict, repr=False, compare=False)

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
    def chain(self) -> frozenset[Hashable]:
        """The critical chain: the steps of which each has to end before the next can begin, for
        what comes before it or for the people and systems they share, up to the end of the plan.
        """
        ending: dict[int, list[Slot]] = {}
        for slot in self.slots:
            ending.setdefault(slot.end, []).append(slot)
        open_slots = list(ending.get(self.makespan, ()))
        found: set[Hashable] = set()
        while open_slots:
            slot = open_slots.pop()
            if slot.work.key not in found:
                found.add(slot.work.key)
                open_slots += [
                    before
                    for before in ending.get(slot.start, ())
                    if before.work.key in slot.work.after
                    or not before.work.needs.keys().isdisjoint(slot.work.needs)
                ]
        return frozenset(found)

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
        begun = [(slot.start, slot.work.key) for slot in self.slots if slot.work.backout_minutes]
        starts = sorted({start for start, _ in begun})
        known = {0: 0, **self.undone}

        def after(count: int) -> int:
            if count not in known:
                keys = [key for start, key in begun if start <= starts[count - 1]]
                effort = self.effort * _BACKOUT_SHARE
                known[count] = backout_minutes(self.works, keys, self.night, effort=effort)
            return known[count]

        return Backout(tuple(starts), after, known)

    @cached_property
    def no_return(self) -> int:
        """PNR: the last minute at which a decision to back out still ends before the cut-off,
        max{t : t + D + ⌈B(t)(1+S)⌉ + V ≤ K}; `NEVER` when not even the first one is."""
        night, starts = self.night, self.backout.starts
        latest = night.cutoff - night.decide_minutes - night.verify_minutes

        def ends(count: int) -> int:
            """When a backout of the first `count` starts is over, if it begins right after them."""
            return (starts[count - 1] + 1 if count else 0) + self._safe(self.backout.after(count))

        # t + B(t) only grows.
        count = bisect_right(range(len(starts) + 1), latest, key=ends) - 1
        if count < 0:
            return NEVER
        last = latest - self._safe(self.backout.after(count))
        return min(last, starts[count]) if count < len(starts) else last

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
    def with_one_more(self) -> Mapping[str, Plan]:
        """The same night with one unit more of each resource that somebody may have to wait for.
        All of them together have half the effort of this plan."""
        wanted: Counter[str] = Counter()
        for work in self.works:
            wanted.update(work.needs)
        there = self.night.capacity
        scarce = sorted(name for name, units in wanted.items() if units > there.get(name, 0))
        return {
            resource: plan(
                replace(self.night, capacity={**there, resource: there.get(resource, 0) + 1}),
                self.works,
                effort=self.effort / 2 / len(scarce),
                known=self.schedule.starts,
            )
            for resource in scarce
        }

    @cached_property
    def bottleneck(self) -> tuple[str, int] | None:
        """(resource, minutes of margin) that one unit more would gain most; None if none gains."""
        gains = [
            (other.margin - self.margin, self.makespan - other.makespan, resource)
            for resource, other in self.with_one_more.items()
        ]
        gain, sooner, resource = max(gains, key=lambda each: each[:2], default=(0, 0, ""))
        return (resource, gain) if gain > 0 or (gain == 0 and sooner > 0) else None

    @property
    def shortfalls(self) -> tuple[str, ...]:
        """What is missing by how much, a sentence for each of `fits` that does not hold."""
        if self.fits["F1"].holds:
            return self.told_short()
        if math.ceil(self.critical_path * (1 + self.night.safety)) > self.night.cutoff:
            alone = f"the longest chain of steps alone takes {self.critical_path} min"
            return self.told_short(f"; nobody can help: {alone}")
        name = self.bottleneck[0] if self.bottleneck else "no single team"
        return self.told_short(f"; {name} is the bottleneck")

    def told_short(self, limit: str = "") -> tuple[str, ...]:
        """The same without a word about what keeps the plan from being shorter, or with `limit`
        for it: to find out takes other plans."""
        words = {
            "F1": f"The forward plan needs {{}} min more than the window has{limit}.",
            "F2": "What fails at the very last check is undone {} min after the cut-off.",
            "F2c": "What is found before data changes is undone {} min after the cut-off.",
        }
        return tuple(words[f.code].format(f.short) for f in self.fits.values() if not f.holds)

    def until(self, cutoff: int) -> Plan:
        """The same plan with another cut-off: neither the steps nor the way back move."""
        other = replace(self, night=replace(self.night, cutoff=cutoff))
        other.__dict__["backout"] = self.backout
        return other

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


def plan(
    night: Night,
    works: Iterable[Work],
    *,
    effort: float = EFFORT,
    known: Mapping[Hashable, int] | None = None,
) -> Plan:
    """The shortest plan of `works` in `night`, its steps as early as that allows. A plan that the
    `effort`, in the solver's deterministic units, does not prove to be shortest tells its bound; it
    is no longer than one with the `known` starts, which have to be possible.

    Raises Unplannable with every obstacle: a cycle, or a resource that has too little capacity.
    """
    planned = tuple(works)
    found = tuple(obstacles(planned, night.capacity))
    if found:
        raise Unplannable(found)
    schedule = shortest(planned, night.capacity, effort=effort * _FORWARD_SHARE, known=known)
    schedule = settled(planned, night.capacity, schedule, effort=effort * _SETTLE_SHARE)
    return Plan(night, planned, schedule, effort)


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
