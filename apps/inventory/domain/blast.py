"""What a change of some assets hits, and when: reachability that respects time.

A plain search is wrong on a mainframe: a job that reads a file before tonight's writer has run is
not hit tonight. An impact therefore enters a job at its next run and leaves it when the job ends;
through everything else it passes at once. It fades along the way, and below a cut-off it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from apps.inventory.domain.relations import PASSIVE_KINDS, RELATION_KINDS
from apps.inventory.domain.schedule import Schedule, next_run

BUILD, BIND, RUN, DATA, SCHED, SVC = "BUILD", "BIND", "RUN", "DATA", "SCHED", "SVC"
IMPACTS: dict[str, str] = {
    BUILD: "Must be built again",
    BIND: "Must be bound again",
    RUN: "Runs what changed",
    DATA: "Reads what it wrote",
    SCHED: "Is started by it",
    SVC: "Serves by it",
}
#: Impacts by which a job itself behaves differently, not only later.
FIRST_JOB_IMPACTS = frozenset({RUN, DATA})

#: (kind of relation, along it?) → impact on the other end, and the share of the weight that passes.
PROPAGATION: dict[tuple[str, bool], tuple[str, float]] = {
    ("copies", False): (BUILD, 1.0),
    ("calls", False): (RUN, 0.9),
    ("links_to", False): (RUN, 0.9),
    ("executes", False): (RUN, 1.0),
    ("starts", False): (RUN, 1.0),
    ("uses_map", False): (RUN, 0.9),
    ("binds", True): (BIND, 0.6),
    ("binds", False): (RUN, 0.9),
    ("built_from", False): (BIND, 1.0),
    ("includes", False): (RUN, 0.9),
    ("reads", False): (DATA, 0.7),
    ("writes", True): (DATA, 0.8),
    ("layout_of", True): (DATA, 0.9),
    ("invokes_proc", False): (RUN, 1.0),
    ("uses_parm", False): (RUN, 1.0),
    ("refers_dbd", False): (BUILD, 1.0),
    ("uses_psb", False): (RUN, 0.9),
    ("triggers", True): (SCHED, 0.5),
    ("schedules", True): (SCHED, 0.8),
    ("transfers_to", True): (DATA, 0.8),
    ("produces_report", True): (DATA, 0.5),
    ("supports", True): (SVC, 1.0),
}

CUT_OFF = 0.15
HORIZON = timedelta(hours=48)
REACHED_MAX = 5_000
#: An impact fades before that, but through parts that are copied into parts without end.
HOPS_MAX = 50


@dataclass(frozen=True, slots=True)
class Step:
    """One hop to `asset`: along a relation of this kind (`forward`), or against it."""

    kind: str
    forward: bool
    asset: UUID


@dataclass(frozen=True, slots=True)
class Hit:
    """That `asset` is hit in one way. `arrival` is the earliest, `weight` (0 to 1) the heaviest.

    The arrival at a job is the start of a run. `path` is the way of the earliest arrival, which
    begins at `seed`; it is empty for a job that is a seed itself.
    """

    asset: UUID
    arrival: datetime
    weight: float
    impact: str
    path: tuple[Step, ...]
    seed: UUID


@dataclass(frozen=True, slots=True)
class Blast:
    """Everything that is hit, one hit for each asset and impact, by arrival.

    A way that comes back to an asset is none: nothing is hit by way of itself.

    `first_job` is the first batch job that runs what changed or reads what it wrote. `unplanned`
    are jobs that would be hit as soon as something or somebody starts them. `is_cut` tells that
    there is more than was looked at.
    """

    at: datetime
    seeds: tuple[UUID, ...]
    hits: tuple[Hit, ...]
    first_job: Hit | None
    is_cut: bool
    unplanned: tuple[UUID, ...] = ()


class Surroundings(Protocol):
    """What stands around assets."""

    def steps_from(self, assets: Sequence[UUID]) -> Mapping[UUID, Iterable[Step]]:
        """The steps from each of `assets` by which an impact may pass."""

    def schedule_of(self, asset: UUID) -> Schedule | None:
        """When the job `asset` runs; None for what is no job."""


def blast(
    seeds: Iterable[UUID],
    at: datetime,
    around: Surroundings,
    *,
    horizon: timedelta = HORIZON,
    reached_max: int = REACHED_MAX,
) -> Blast:
    """What changing `seeds` at the moment `at` hits until `at + horizon`.

    `around` is asked for the steps of a whole front at once, so a store is read once a hop, at
    most `HOPS_MAX` times. It ends with `reached_max` assets; near and heavy ones come first.
    """
    return _Spread(tuple(sorted(set(seeds))), at, around, at + horizon, reached_max).run()


def path_words(hit: Hit, names: Mapping[UUID, str]) -> str:
    """The way of a hit: "CVACT01Y ← copied by CBTRN02C ← executed by POSTTRAN"."""
    told = [names[hit.seed]]
    for step in hit.path:
        words = (
            f"→ {RELATION_KINDS[step.kind]}" if step.forward else f"← {PASSIVE_KINDS[step.kind]}"
        )
        told.append(f"{words} {names[step.asset]}")
    return " ".join(told)


@dataclass(frozen=True, slots=True, eq=False)
class _Front:
    """An impact that got to `asset`; at a job, `since` is the start of its run."""

    asset: UUID
    since: datetime
    weight: float
    seed: UUID
    path: tuple[Step, ...] = ()

    def beats(self, other: _Front) -> bool:
        """Whether nothing that `other` reaches is reached later, or less, from here."""
        return self.since <= other.since and self.weight >= other.weight

    def has_passed(self, asset: UUID) -> bool:
        return asset == self.seed or any(step.asset == asset for step in self.path)


def _heaviest(found: tuple[_Front, str]) -> tuple[float, datetime]:
    front, _impact = found
    return -front.weight, front.since


def _earliest(front: _Front) -> tuple[datetime, float, int]:
    return front.since, -front.weight, len(front.path)


class _Spread:
    """Fronts go out hop by hop. An asset keeps those of which none beats another: an early one
    may be too light to go on where a later, heavier one still does.

    Everything goes in one order, that of the keys where nothing else decides, so that the same
    way is told always.
    """

    def __init__(
        self,
        seeds: tuple[UUID, ...],
        at: datetime,
        around: Surroundings,
        until: datetime,
        reached_max: int,
    ) -> None:
        self._seeds, self._at, self._around = seeds, at, around
        self._until, self._reached_max = until, reached_max
        self._steps: dict[UUID, list[Step]] = {}
        self._fronts: dict[UUID, list[_Front]] = {}
        #: By asset and impact: the earliest way there and the greatest weight.
        self._hits: dict[tuple[UUID, str], tuple[_Front, float]] = {}
        self._unplanned: set[UUID] = set()
        self._is_cut = False

    def run(self) -> Blast:
        fronts = list(self._start())
        for _hop in range(HOPS_MAX):
            if not fronts:
                break
            self._look_around(fronts)
            found = [new for front in fronts if self._stands(front) for new in self._follow(front)]
            found.sort(key=_heaviest)
            fronts = [front for front, impact in found if self._take(front, impact)]
        self._is_cut |= bool(fronts)
        hits = sorted(self._told(), key=lambda hit: (hit.arrival, -hit.weight, hit.asset.int))
        jobs = (hit for hit in hits if self._around.schedule_of(hit.asset) is not None)
        return Blast(
            at=self._at,
            seeds=self._seeds,
            hits=tuple(hits),
            first_job=next((job for job in jobs if job.impact in FIRST_JOB_IMPACTS), None),
            is_cut=self._is_cut,
            unplanned=tuple(sorted(self._unplanned - {hit.asset for hit in hits})),
        )

    def _start(self) -> Iterator[_Front]:
        for seed in self._seeds:
            since = self._entered(seed, self._at)
            if since is None:
                continue
            front = _Front(seed, since, 1.0, seed)
            self._fronts[seed] = [front]
            if self._around.schedule_of(seed) is not None:
                self._hits[seed, RUN] = front, 1.0
            yield front

    def _look_around(self, fronts: Sequence[_Front]) -> None:
        strange = [f.asset for f in fronts if f.asset not in self._steps]
        asked = list(dict.fromkeys(strange))
        if asked:
            found = self._around.steps_from(asked)
            for asset in asked:
                steps = set(found.get(asset, ()))
                self._steps[asset] = sorted(steps, key=lambda s: (s.kind, s.forward, s.asset.int))

    def _stands(self, front: _Front) -> bool:
        """Whether no other front has beaten it meanwhile."""
        return front in self._fronts[front.asset]

    def _follow(self, front: _Front) -> Iterator[tuple[_Front, str]]:
        """The fronts one hop further, each with its impact."""
        schedule = self._around.schedule_of(front.asset)
        left = front.since + schedule.elapsed if schedule else front.since
        for step in self._steps[front.asset]:
            passes = PROPAGATION.get((step.kind, step.forward))
            if passes is None or (step.asset in self._fronts and front.has_passed(step.asset)):
                continue
            impact, share = passes
            weight = front.weight * share
            since = self._entered(step.asset, left, step.kind) if weight >= CUT_OFF else None
            if since is not None:
                path = (*front.path, step)
                yield _Front(step.asset, since, weight, front.seed, path), impact

    def _entered(self, asset: UUID, at: datetime, kind: str = "") -> datetime | None:
        """When an impact that is there `at` takes hold of `asset`; None: not until the end.

        A job that nobody scheduled runs when its predecessor triggers it.
        """
        schedule = self._around.schedule_of(asset)
        if schedule is None:
            since: datetime | None = at
        elif schedule.start is not None:
            since = next_run(schedule, at)
        else:
            since = at if kind == "triggers" and not schedule.is_on_demand else None
            if since is None:
                self._unplanned.add(asset)
        return since if since is not None and since <= self._until else None

    def _take(self, front: _Front, impact: str) -> bool:
        """Note the hit. Whether `front` is worth going on; those that it beats are forgotten."""
        kept = self._fronts.get(front.asset)
        if kept is None:
            if len(self._fronts) >= self._reached_max:
                self._is_cut = True
                return False
            kept = []
        first, heaviest = self._hits.get((front.asset, impact), (front, front.weight))
        self._hits[front.asset, impact] = (
            min(first, front, key=_earliest),
            max(heaviest, front.weight),
        )
        if any(other.beats(front) for other in kept):
            return False
        self._fronts[front.asset] = [o for o in kept if not front.beats(o)] + [front]
        return True

    def _told(self) -> Iterator[Hit]:
        for (asset, impact), (first, heaviest) in self._hits.items():
            yield Hit(asset, first.since, heaviest, impact, first.path, first.seed)
