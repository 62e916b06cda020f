"""Plans that want the same subsystem, people or time: K06, K07, K11."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from apps.releases.domain.completeness.steps import TITLE_LONGEST, next_label
from apps.releases.domain.conflicts.portfolio import JobStart, Package, Portfolio, Step
from apps.releases.domain.conflicts.rule import Rule, clock_time, finding, listed
from apps.releases.domain.findings import RELEASE_MANAGER, Detected, Fix, Severity, by_people

COORDINATOR = "release coordinator"
#: Longer than this nobody works without a break.
WITHOUT_A_GAP = timedelta(minutes=120)
HOLD, RELEASE = "HOLD_JOB", "RELEASE_JOB"


class SubsystemLock:
    code = "K06"
    title = "Same subsystem at the same time"
    condition = "Two steps that tolerate no other on their subsystem are planned to overlap."
    requirement = "They are planned one after the other."
    severity: Severity = "soft"
    symptom = "The second step cannot start when its plan says, and everything behind it is late"
    waivable_by = COORDINATOR

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        by_subsystem: dict[UUID, list[Step]] = defaultdict(list)
        for step in portfolio.steps:
            if step.exclusive and step.subsystem:
                by_subsystem[step.subsystem].append(step)
        for subsystem, steps in by_subsystem.items():
            clashes: dict[frozenset[str], list[tuple[Step, Step]]] = defaultdict(list)
            for first, second in _overlapping(steps):
                clashes[frozenset((_holder(first), _holder(second)))].append((first, second))
            for holders, pairs in clashes.items():
                yield self._told(portfolio, subsystem, holders, pairs)

    def _told(
        self,
        portfolio: Portfolio,
        subsystem: UUID,
        holders: frozenset[str],
        pairs: Sequence[tuple[Step, Step]],
    ) -> Detected:
        clashes = listed(
            f"{first.label} and {second.label} at {_time(second.starts_at, second)}"
            for first, second in pairs
        )
        return _of_steps(
            self,
            portfolio,
            f"{portfolio.subsystems[subsystem]} is planned for two steps at a time: {clashes}.",
            _once(step for pair in pairs for step in pair),
            (*sorted(holders), f"subsystem:{subsystem}"),
            "Plan these steps one after the other.",
        )


class TeamOverload:
    code = "K07"
    title = "More work than people"
    condition = (
        "A team has more steps at a time than people, or somebody works for more than 120 minutes "
        "without a gap or has two steps at a time."
    )
    requirement = "The work is spread over more people or more time."
    severity: Severity = "soft"
    symptom = "Steps wait for a person, and a tired person makes the mistake of the night"
    waivable_by = COORDINATOR

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        by_team: dict[UUID, list[Step]] = defaultdict(list)
        by_person: dict[UUID, list[Step]] = defaultdict(list)
        for step in portfolio.steps:
            by_team[step.team].append(step)
            if step.owner is not None:
                by_person[step.owner].append(step)
        for team, steps in by_team.items():
            yield from self._too_many(portfolio, team, steps)
            if portfolio.teams[team].capacity == 1:
                name = f"The one person of {portfolio.teams[team].code}"
                yield from self._without_gap(portfolio, f"team:{team}", name, steps)
        for person, steps in by_person.items():
            if all(portfolio.teams[team].capacity == 1 for team in {step.team for step in steps}):
                continue  # told with the team
            name = portfolio.people[person]
            yield from self._without_gap(portfolio, f"user:{person}", name, steps)
            yield from self._in_parallel(portfolio, person, name, steps)

    def _too_many(
        self, portfolio: Portfolio, team: UUID, steps: Sequence[Step]
    ) -> Iterator[Detected]:
        told = portfolio.teams[team]
        peaks = [peak for peak in _peaks(steps) if len(peak) > told.capacity]
        for night, crowded in _by_night(peaks).items():
            worst = max(crowded, key=len)
            yield self._told(
                portfolio,
                f"{told.code} can do {told.capacity} at a time and has {len(worst)} at "
                f"{_time(worst[-1].starts_at, worst[-1])}: {_labels(worst)}.",
                crowded,
                (f"team:{team}", "demand", night),
            )

    def _without_gap(
        self, portfolio: Portfolio, who: str, name: str, steps: Sequence[Step]
    ) -> Iterator[Detected]:
        long = [run for run in _runs(steps) if _ends(run) - run[0].starts_at > WITHOUT_A_GAP]
        for night, runs in _by_night(long).items():
            times = listed(
                f"{_time(run[0].starts_at, run[0])} to {_time(_ends(run), run[0])} ({_labels(run)})"
                for run in runs
            )
            yield self._told(
                portfolio, f"{name} works without a gap from {times}.", runs, (who, "gap", night)
            )

    def _in_parallel(
        self, portfolio: Portfolio, person: UUID, name: str, steps: Sequence[Step]
    ) -> Iterator[Detected]:
        for night, pairs in _by_night(_overlapping(steps)).items():
            told = listed(_labels(pair) for pair in pairs)
            yield self._told(
                portfolio,
                f"{name} has two steps at a time: {told}.",
                pairs,
                (f"user:{person}", "parallel", night),
            )

    def _told(
        self,
        portfolio: Portfolio,
        text: str,
        groups: Iterable[tuple[Step, ...]],
        about: tuple[str, ...],
    ) -> Detected:
        """Keyed by who and which night: the packages that share the night may come and go."""
        steps = _once(step for group in groups for step in group)
        return _of_steps(self, portfolio, text, steps, about, "Name somebody else, or move a step.")


class SchedulerCollision:
    code = "K11"
    title = "A job starts in the middle"
    condition = (
        "A batch job that uses an asset of the package starts between its first altering step and "
        "the release of the batch, and no step holds it."
    )
    requirement = "The job is held before the first altering step."
    severity: Severity = "hard"
    symptom = "The job runs with half of the change: it abends, or posts wrong data"
    waivable_by = RELEASE_MANAGER

    def find(self, portfolio: Portfolio) -> Iterator[Detected]:
        for package in portfolio.open_packages:
            plan = _plan_of(portfolio, package)
            altering = sorted(
                (s for s in plan if s.alters and s.package == package.id and s.type != RELEASE),
                key=lambda step: step.starts_at,
            )
            if not altering:
                continue
            first = altering[0]
            end = max(
                [step.ends_at for step in plan if step.type == RELEASE]
                or [step.ends_at for step in altering]
            )
            starts = [
                start
                for start in portfolio.job_starts
                if first.starts_at <= start.starts_at < end
                and start.assets & portfolio.touched_by(package.id).keys()
                and not _is_held(start, plan)
            ]
            if starts:
                yield self._told(portfolio, package, first, starts, end)

    def _told(
        self,
        portfolio: Portfolio,
        package: Package,
        first: Step,
        starts: Sequence[JobStart],
        end: datetime,
    ) -> Detected:
        starts = sorted(starts, key=lambda start: (start.starts_at, start.name))
        told = listed(
            f"{start.name} at {clock_time(start.starts_at, package.zone)}" for start in starts
        )
        jobs = {start.job: start.name for start in starts}
        label = f"Hold {listed(sorted(jobs.values()))}"
        plan = [step.label for step in portfolio.steps if step.package == package.id]
        hold = Fix(
            "add_steps",
            label,
            (
                {
                    "package": str(package.id),
                    "label": next_label(plan),
                    "type": HOLD,
                    "title": label[:TITLE_LONGEST],
                    "targets": sorted(map(str, jobs)),
                    "after": [],
                    "before": [first.label],
                },
            ),
        )
        touched = portfolio.touched_by(package.id).keys()
        return finding(
            self,
            portfolio,
            f"{told} starts while {package.code} is half in, from {first.label} at "
            f"{clock_time(first.starts_at, package.zone)} to "
            f"{clock_time(end, package.zone)}.",
            packages=[package.id],
            assets={*jobs, *(a for start in starts for a in start.assets & touched)},
            fixes=[hold],
        )


def _in_time(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: (step.starts_at, step.ends_at, step.label))


def _overlapping(steps: Iterable[Step]) -> Iterator[tuple[Step, Step]]:
    running: list[Step] = []
    for step in _in_time(steps):
        running = [other for other in running if other.overlaps(step)]
        for other in running:
            yield other, step
        running.append(step)


def _peaks(steps: Iterable[Step]) -> Iterator[tuple[Step, ...]]:
    """At each start, the steps that run then."""
    running: list[Step] = []
    for step in _in_time(steps):
        running = [*(other for other in running if other.ends_at > step.starts_at), step]
        yield tuple(running)


def _runs(steps: Iterable[Step]) -> Iterator[tuple[Step, ...]]:
    """The longest stretches of steps that follow each other without a gap."""
    run: tuple[Step, ...] = ()
    for step in _in_time(steps):
        if run and step.starts_at > _ends(run):
            yield run
            run = ()
        run = (*run, step)
    if run:
        yield run


def _ends(steps: Iterable[Step]) -> datetime:
    return max(step.ends_at for step in steps)


def _by_night(groups: Iterable[tuple[Step, ...]]) -> dict[str, list[tuple[Step, ...]]]:
    """Groups of steps by each night that has a part in them."""
    found: dict[str, list[tuple[Step, ...]]] = defaultdict(list)
    for group in groups:
        for night in dict.fromkeys(step.night for step in group):
            found[night].append(group)
    return found


def _holder(step: Step) -> str:
    """Whose step it is: its package's, or its window's."""
    return f"package:{step.package}" if step.package else step.night


def _once(steps: Iterable[Step]) -> list[Step]:
    return _in_time({step.id: step for step in steps}.values())


def _labels(steps: Iterable[Step]) -> str:
    return listed(step.label for step in steps)


def _time(at: datetime, step: Step) -> str:
    return clock_time(at, step.zone)


def _of_steps(
    rule: Rule,
    portfolio: Portfolio,
    text: str,
    steps: Sequence[Step],
    about: tuple[str, ...],
    remedy: str,
) -> Detected:
    """It concerns the packages of the steps; steps that are only shared, all of their window."""
    packages = {step.package for step in steps if step.package is not None}
    windows = {step.window for step in steps}
    shared = {package.id for package in portfolio.open_packages if package.window in windows}
    return Detected(
        rule=rule.code,
        about=about,
        text=text,
        severity=rule.severity,
        packages=tuple(sorted(packages or shared)),
        fixes=(by_people(remedy),),
        facts={"steps": [str(step.id) for step in steps]},
    )


def _plan_of(portfolio: Portfolio, package: Package) -> list[Step]:
    """The steps of the package and those that its window shares."""
    return [
        step
        for step in portfolio.steps
        if step.package == package.id or (step.package is None and step.window == package.window)
    ]


def _is_held(start: JobStart, plan: Iterable[Step]) -> bool:
    handles = start.held_by | {start.job}
    return any(
        step.type == HOLD and step.targets & handles and step.ends_at <= start.starts_at
        for step in plan
    )
