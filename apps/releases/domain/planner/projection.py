"""Where a night that runs will end: the plan again from this minute on, and how far it has come.

What is done stays as it was, what runs ends at the pace that it shows, and what is left takes as
much longer as its team has taken so far. People decide by this plan. Earned value (earned schedule,
by Lipke) is told beside it, because it tells the trend.

Names: PV and EV are planned and earned minutes, BAC all of them, ES the minute for which EV was
planned, SV = ES - now, SPI = ES / now. K_fwd is until when the decision may wait if what is behind
it has to end before the cut-off. All times are whole minutes after the opening.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from apps.releases.domain.planner.plan import Plan, plan
from apps.releases.domain.planner.solver import EFFORT
from apps.releases.domain.planner.what_if import Around, WhatIf, what_ifs
from apps.releases.domain.planner.work import Night, Role, Work

#: A team is taken to have done this much as planned before the night: a first slow step of three
#: minutes says little about the next hour. k = 3 steps of ten minutes.
PRIOR_MINUTES = 30
#: Nobody is taken to be faster or slower than that, whatever a short record says.
SLOWEST, FASTEST = Fraction(2), Fraction(4, 5)
#: From this share on, what a step reports tells more than its plan.
TELLING = Fraction(15, 100)
#: Of a step that has used up its time without a word, this share is taken to be left.
LEAST_LEFT = Fraction(1, 10)
#: A margin below this many minutes is amber.
NARROW = 30
#: A finish later than planned by more than this, or this share of the plan, is amber.
LATE_MINUTES, LATE_SHARE = 10, Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is. `started` and `ended` are None before they happen, `percent` is what was
    last reported, at the minute `reported` (None: just now); of an undone step nothing has to be
    undone any more."""

    team: str
    started: int | None = None
    ended: int | None = None
    percent: int = 0
    reported: int | None = None
    is_undone: bool = False

    @property
    def share(self) -> Fraction:
        """The share that is done, 0 to 1."""
        if self.ended is not None:
            return Fraction(1)
        return Fraction(self.percent, 100) if self.started is not None else Fraction(0)


@dataclass(frozen=True, slots=True)
class Planned:
    """When a step was to run, as it was confirmed."""

    start: int
    minutes: int

    @property
    def end(self) -> int:
        return self.start + self.minutes

    def share_by(self, minute: Fraction | int) -> Fraction:
        """The share that was to be done by then."""
        if self.minutes <= 0:
            return Fraction(minute >= self.start)
        return min(Fraction(1), max(Fraction(0), Fraction(minute - self.start) / self.minutes))


@dataclass(frozen=True)
class Projection:
    """The night from `now` on. `plan` holds what is done and what runs at their own times."""

    now: int
    plan: Plan
    progress: Mapping[Hashable, Progress]
    baseline: Mapping[Hashable, Planned]
    paces: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def go_ready(self) -> int:
        return self.plan.go_ready

    @property
    def no_return(self) -> int:
        return self.plan.no_return

    @property
    def finish(self) -> int:
        return self.plan.makespan

    @cached_property
    def planned_go(self) -> int:
        """When the evidence was to be complete, as confirmed."""
        checks = {work.key for work in self.plan.works if work.role is Role.VALIDATE}
        ends = [each.end for key, each in self.baseline.items() if key in checks]
        return max(ends, default=self.planned_finish)

    @cached_property
    def planned_finish(self) -> int:
        return max((each.end for each in self.baseline.values()), default=self.finish)

    @cached_property
    def behind_decision(self) -> int:
        """How long it takes from the decision to the end of the plan."""
        ends = [slot.end for slot in self.plan.slots if slot.work.role is Role.DECIDE]
        return self.finish - max(ends) if ends else 0

    @property
    def forward_limit(self) -> int:
        """K_fwd = K - (D + what is planned behind the decision)."""
        night = self.plan.night
        return night.cutoff - night.decide_minutes - self.behind_decision

    @property
    def limit(self) -> int:
        """Until when the evidence has to be there: the point of no return, or K_fwd before it."""
        return min(self.no_return, self.forward_limit)

    @property
    def margin(self) -> int:
        """Negative: we learn too late that it failed."""
        return self.limit - self.go_ready

    @cached_property
    def is_decided(self) -> bool:
        """Whether every decision of the night is made; without one, whether its checks are."""
        roles = {work.role for work in self.plan.works}
        last = Role.DECIDE if Role.DECIDE in roles else Role.VALIDATE
        keys = [work.key for work in self.plan.works if work.role is last]
        return bool(keys) and all(self.progress[key].ended is not None for key in keys)

    @property
    def late(self) -> int:
        """Minutes by which the plan ends later than confirmed; negative when earlier."""
        return self.finish - self.planned_finish

    @property
    def allowance(self) -> int:
        """Up to how many minutes late nobody has to be told."""
        return max(LATE_MINUTES, floor(self.planned_finish * LATE_SHARE))

    @property
    def level(self) -> str:
        """green, amber or red."""
        if self.finish > self.plan.night.cutoff or (self.margin < 0 and not self.is_decided):
            return "red"
        is_narrow = self.margin < NARROW and not self.is_decided
        return "amber" if is_narrow or self.late > self.allowance else "green"

    @cached_property
    def earned(self) -> Earned:
        return earned(self.baseline, self.progress, self.now)

    @property
    def backout_now(self) -> int:
        """How long undoing takes of what has begun by now."""
        return self.plan.backout.at(self.now + 1)


def project(
    night: Night,
    works: Sequence[Work],
    progress: Mapping[Hashable, Progress],
    baseline: Mapping[Hashable, Planned],
    now: int,
    *,
    effort: float = EFFORT,
) -> Projection:
    """Plan what is left of the night from `now` on. `progress` tells of every step of `works`.

    Raises Unplannable with every obstacle, as `plan` does.
    """
    paces = paces_of(works, progress)
    ahead = under_way(works, progress, paces, now)
    return Projection(now, plan(night, ahead, effort=effort), progress, baseline, paces)


def paces_of(works: Iterable[Work], progress: Mapping[Hashable, Progress]) -> dict[str, Fraction]:
    """PF = (Σ actual + 30) / (Σ planned + 30) of the steps that a team has done, in bounds."""
    actual: defaultdict[str, int] = defaultdict(int)
    wanted: defaultdict[str, int] = defaultdict(int)
    for work in works:
        told = progress[work.key]
        actual[told.team] += 0
        if told.started is not None and told.ended is not None:
            actual[told.team] += told.ended - told.started
            wanted[told.team] += work.minutes
    return {team: _bounded(taken, wanted[team]) for team, taken in actual.items()}


def _bounded(taken: int, wanted: int) -> Fraction:
    pace = Fraction(taken + PRIOR_MINUTES, wanted + PRIOR_MINUTES)
    return min(SLOWEST, max(FASTEST, pace))


def under_way(
    works: Iterable[Work],
    progress: Mapping[Hashable, Progress],
    paces: Mapping[str, Fraction],
    now: int,
) -> tuple[Work, ...]:
    """The steps as they have to be planned at `now`."""
    return tuple(_ahead(work, progress[work.key], paces, now) for work in works)


def _ahead(work: Work, told: Progress, paces: Mapping[str, Fraction], now: int) -> Work:
    pace = paces.get(told.team, Fraction(1))
    if told.started is None:
        return replace(work, minutes=ceil(work.minutes * pace), earliest=max(now, work.earliest))
    if told.ended is not None:
        back = 0 if told.is_undone else work.backout_minutes
        return replace(
            work, minutes=told.ended - told.started, pinned=told.started, backout_minutes=back
        )
    elapsed = max(0, now - told.started)
    silent = 0 if told.reported is None else min(elapsed, max(0, now - told.reported))
    left = remaining(work.minutes, elapsed, told.share, pace, silent)
    return replace(work, minutes=elapsed + left, pinned=told.started)


def remaining(minutes: int, elapsed: int, share: Fraction, pace: Fraction, silent: int = 0) -> int:
    """How long a step still runs: at the pace of its last report, which was `silent` minutes ago,
    or else by its plan and its team's pace."""
    if share >= TELLING:
        left = ceil((elapsed - silent) * (1 - share) / share) - silent
        return max(left, 0 if share >= 1 else 1)
    return max(0, ceil(max(minutes * pace - elapsed, minutes * LEAST_LEFT)))


@dataclass(frozen=True, slots=True)
class Earned:
    """Earned value at a minute. Minutes are rounded down, `spi` is ES / now."""

    planned_value: int
    earned_value: int
    at_completion: int
    earned_schedule: int
    schedule_variance: int
    spi: float


def earned(
    baseline: Mapping[Hashable, Planned], progress: Mapping[Hashable, Progress], now: int
) -> Earned:
    """PV, EV, BAC, ES, SV and SPI of the steps that were planned."""
    value = sum(
        (each.minutes * _share(progress, key) for key, each in baseline.items()), Fraction()
    )
    schedule = _minute_of(value, list(baseline.values()))
    return Earned(
        planned_value=floor(_value_by(baseline.values(), now)),
        earned_value=floor(value),
        at_completion=sum(each.minutes for each in baseline.values()),
        earned_schedule=floor(schedule),
        schedule_variance=floor(schedule) - now,
        spi=round(float(schedule / now), 2) if now > 0 else 1.0,
    )  # fmt: skip


def _share(progress: Mapping[Hashable, Progress], key: Hashable) -> Fraction:
    told = progress.get(key)
    return Fraction(0) if told is None or told.is_undone else told.share


def _value_by(planned: Iterable[Planned], minute: Fraction | int) -> Fraction:
    return sum((each.minutes * each.share_by(minute) for each in planned), Fraction())


def _minute_of(value: Fraction, planned: Sequence[Planned]) -> Fraction:
    """The first minute by which that much was to be done: straight between starts and ends."""
    edges = sorted({edge for each in planned for edge in (each.start, each.end)})
    before, had = Fraction(0), Fraction(0)
    for edge in edges:
        has = _value_by(planned, edge)
        if has >= value:
            rise = has - had
            return before + (edge - before) * (value - had) / rise if rise else before
        before, had = Fraction(edge), has
    return before


def live_what_ifs(
    found: Projection, around: Around, *, effort: float = EFFORT
) -> tuple[WhatIf, ...]:
    """What would gain margin now, the best first and vetoed ones last."""
    told = (_held_to_cutoff(found, each) for each in what_ifs(found.plan, around, effort=effort))
    return tuple(sorted(told, key=lambda each: each.rank))


def _held_to_cutoff(found: Projection, each: WhatIf) -> WhatIf:
    """Its margin too ends where what is behind the decision would no longer be in time."""
    shift = int(each.subject) if each.kind == "cutoff" else 0
    margin = min(each.no_return, found.forward_limit + shift) - each.go_ready
    return replace(each, margin=margin, gain=margin - found.margin)
