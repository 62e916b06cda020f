"""What the packages of the coming nights hit beyond what they touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.inventory.domain.blast import DATA, FIRST_JOB_IMPACTS, RUN, Blast, Hit
from apps.inventory.models import Asset, AssetRelation, JobSchedule
from apps.inventory.selectors.impact import blasts_of
from apps.releases.domain.conflicts import portfolio as facts

CONVERT = "convert"
LAYOUT = "layout_of"


@dataclass(frozen=True, slots=True)
class Near:
    """One line of scope of a package of the coming nights, and the team that keeps the asset."""

    package: UUID
    asset: UUID
    action: str
    team: UUID | None


@dataclass(frozen=True, slots=True)
class Hits:
    """What the packages hit, the jobs that this starts, and the jobs themselves."""

    reach: Mapping[UUID, Mapping[UUID, facts.Reached]]
    job_starts: tuple[facts.JobStart, ...]
    jobs: Mapping[UUID, facts.Asset]


def hits_of(
    near: Sequence[Near], packages: Mapping[UUID, facts.Package], steps: Iterable[facts.Step]
) -> Hits:
    """Each package hits from its first altering step on, or else from its start."""
    begins = {key: package.starts_at for key, package in packages.items() if package.starts_at}
    altering: dict[UUID, datetime] = {}
    for step in steps:
        if step.alters and step.package in begins:
            altering[step.package] = min(step.starts_at, altering.get(step.package, step.starts_at))
    scope: dict[UUID, set[UUID]] = defaultdict(set)
    converted: set[tuple[UUID, UUID]] = set()
    for line in near:
        if line.package in begins:
            scope[line.package].add(line.asset)
            if line.action == CONVERT:
                converted.add((line.package, line.asset))
    begins |= altering
    blasts = blasts_of({key: (assets, begins[key]) for key, assets in scope.items()})
    job_starts, jobs = _job_starts(blasts.values())
    return Hits(
        reach={key: _reached(key, found, converted) for key, found in blasts.items()},
        job_starts=job_starts,
        jobs=jobs,
    )


def _reached(
    package: UUID, found: Blast, converted: set[tuple[UUID, UUID]]
) -> dict[UUID, facts.Reached]:
    """Of each asset the heaviest hit; data in a changed layout before all others."""
    reached: dict[UUID, facts.Reached] = {}
    for hit in found.hits:
        by_layout = (package, hit.seed) in converted or any(s.kind == LAYOUT for s in hit.path)
        told = facts.Reached(hit.weight, hit.impact, by_layout and hit.impact == DATA)
        known = reached.get(hit.asset)
        if known is None or (told.by_layout, told.weight) > (known.by_layout, known.weight):
            reached[hit.asset] = told
    return reached


def _job_starts(
    blasts: Iterable[Blast],
) -> tuple[tuple[facts.JobStart, ...], dict[UUID, facts.Asset]]:
    hits = {
        (hit.asset, hit.seed, hit.arrival): hit for found in blasts for hit in _near_jobs(found)
    }
    rows: dict[UUID, Any] = {
        row["job_id"]: row
        for row in JobSchedule.objects.filter(job__in={hit.asset for hit in hits.values()}).values(
            "job_id", "job__name", "job__type_id", "job__qualifier", "cycle__code"
        )
    }
    held_by = _holders({key: row["cycle__code"] for key, row in rows.items()})
    starts = tuple(
        facts.JobStart(
            job=hit.asset,
            name=rows[hit.asset]["job__name"],
            starts_at=hit.arrival,
            assets=frozenset([hit.seed]),
            held_by=held_by[hit.asset],
        )
        for hit in hits.values()
        if hit.asset in rows
    )
    jobs = {
        key: facts.Asset(key, row["job__name"], row["job__type_id"], row["job__qualifier"])
        for key, row in rows.items()
    }
    return starts, jobs


def _near_jobs(found: Blast) -> Iterator[Hit]:
    """Hits of what runs a touched asset, or reads one itself. What comes later in the chain reads
    what that job wrote, and waits for it."""
    for hit in found.hits:
        if hit.impact in FIRST_JOB_IMPACTS and (hit.impact == RUN or len(hit.path) <= 1):
            yield hit


def _holders(cycles: Mapping[UUID, str | None]) -> dict[UUID, frozenset[UUID]]:
    """Job → what a step may hold to keep it from starting: the job, its cycle, its entry."""
    of_cycle: dict[str, set[UUID]] = defaultdict(set)
    codes = {code for code in cycles.values() if code}
    for key, name in Asset.objects.filter(name__in=codes).values_list("pk", "name"):
        of_cycle[name].add(key)
    entries: dict[UUID, set[UUID]] = defaultdict(set)
    edges = AssetRelation.objects.filter(kind="schedules", target__in=cycles)
    for entry, job in edges.values_list("source_id", "target_id"):
        entries[job].add(entry)
    return {
        job: frozenset({job, *entries[job], *of_cycle.get(code or "", ())})
        for job, code in cycles.items()
    }
