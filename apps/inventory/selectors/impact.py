"""What a change of assets hits, read from the inventory as far as it reaches."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.fields.json import KeyTextTransform

from apps.core import clock
from apps.inventory.domain.blast import (
    BUILD,
    HORIZON,
    PROPAGATION,
    Blast,
    Hit,
    Step,
    blast,
    path_words,
)
from apps.inventory.domain.schedule import Schedule
from apps.inventory.models import (
    Asset,
    AssetType,
    BatchCycle,
    BusinessService,
    Criticality,
    JobSchedule,
)
from apps.inventory.models.schedule import JOB

CRITICAL = (Criticality.TIER0, Criticality.TIER1)
SERVICE = AssetType.Family.SERVICE
_FORWARD = [kind for kind, forward in PROPAGATION if forward]
_BACKWARD = [kind for kind, forward in PROPAGATION if not forward]

#: The steps from many assets at once, and whether they lead to a job; each half has its index.
_STEPS = """
    SELECT r.source_id, r.kind, true, r.target_id, a.type_id = %(job)s
      FROM inventory_assetrelation r JOIN inventory_asset a ON a.id = r.target_id
     WHERE r.source_id = ANY(%(assets)s) AND r.kind = ANY(%(forward)s) AND a.status <> 'retired'
    UNION ALL
    SELECT r.target_id, r.kind, false, r.source_id, a.type_id = %(job)s
      FROM inventory_assetrelation r JOIN inventory_asset a ON a.id = r.source_id
     WHERE r.target_id = ANY(%(assets)s) AND r.kind = ANY(%(backward)s) AND a.status <> 'retired'
"""


@dataclass(frozen=True, slots=True)
class ImpactAsset:
    """What is told of an asset that is hit.

    `is_critical` is that of a job's timetable, otherwise whether its tier is 0 or 1; a business
    service has the tier that its register says. `cut_off` is by when a partner expects what an
    interface sends, as a wall time.
    """

    id: UUID
    name: str
    qualifier: str
    type: str
    type_label: str
    family: str
    application: str
    tier: str
    is_critical: bool
    partner: str = ""
    cut_off: time | None = None


@dataclass(frozen=True)
class Impact:
    """A blast radius with the assets it names; `now` is when it was asked."""

    blast: Blast
    assets: Mapping[UUID, ImpactAsset]
    now: datetime

    @property
    def first_job(self) -> Hit | None:
        return self.blast.first_job

    @property
    def time_left(self) -> timedelta | None:
        """Until the first job is hit; negative when that is past."""
        return self.first_job.arrival - self.now if self.first_job else None

    @cached_property
    def jobs(self) -> tuple[Hit, ...]:
        """Each job that is hit once, at its first affected start."""
        return self._once(hit for hit in self.blast.hits if self.assets[hit.asset].type == JOB)

    @cached_property
    def recompiles(self) -> tuple[Hit, ...]:
        """What must be built again. A copybook is built into what copies it, not itself."""
        return self._once(
            hit
            for hit in self.blast.hits
            if hit.impact == BUILD and self.assets[hit.asset].family != AssetType.Family.SOURCE
        )

    @cached_property
    def services(self) -> tuple[Hit, ...]:
        return self._of(SERVICE)

    @cached_property
    def partners(self) -> tuple[Hit, ...]:
        """What is exchanged with others: interfaces, reports and their like."""
        return self._of(AssetType.Family.EXCHANGE)

    @property
    def unplanned(self) -> tuple[ImpactAsset, ...]:
        """Jobs that would be hit, but nobody knows when they run."""
        return tuple(self.assets[asset] for asset in self.blast.unplanned)

    def path(self, hit: Hit) -> str:
        """The way of the hit in words."""
        return path_words(hit, self._names)

    @cached_property
    def _names(self) -> dict[UUID, str]:
        return {asset: told.name for asset, told in self.assets.items()}

    def _of(self, family: str) -> tuple[Hit, ...]:
        return self._once(hit for hit in self.blast.hits if self.assets[hit.asset].family == family)

    def _once(self, hits: Iterable[Hit]) -> tuple[Hit, ...]:
        """The first hit of each asset."""
        found: dict[UUID, Hit] = {}
        for hit in hits:
            found.setdefault(hit.asset, hit)
        return tuple(found.values())


def impact_of(asset_ids: Iterable[UUID], at: datetime, *, horizon: timedelta = HORIZON) -> Impact:
    """What changing the assets at the moment `at` hits within `horizon`.

    Reads only what is reached, in two queries a hop; keys of no asset reach nothing.
    """
    with _no_collector():
        around = _Inventory()
        found = blast(around.known(asset_ids), at, around, horizon=horizon)
        named = {*found.seeds, *found.unplanned}
        for hit in found.hits:
            # A way may lead through an asset that is itself hit sooner on another.
            named.update((hit.asset, *(step.asset for step in hit.path)))
        return Impact(found, _told(named, around.critical_jobs), clock.now())


@contextmanager
def _no_collector() -> Iterator[None]:
    """Without Python's search for cycles: nothing here makes any, and looking for them again and
    again in a hundred thousand new objects takes longer than all the rest."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _told(assets: set[UUID], critical_jobs: set[UUID]) -> dict[UUID, ImpactAsset]:
    types = {kind.code: kind for kind in AssetType.objects.all()}
    tiers = dict(BusinessService.objects.values_list("code", "tier"))
    found = {}
    rows = Asset.objects.filter(pk__in=assets).values_list(
        "pk", "name", "qualifier", "type_id", "application__code", "criticality",
        KeyTextTransform("partner", "attributes"), KeyTextTransform("cut_off", "attributes"),
    )  # fmt: skip
    for pk, name, qualifier, type_id, application, criticality, partner, cut_off in rows:
        family = types[type_id].family
        tier = tiers.get(name, criticality) if family == SERVICE else criticality
        found[pk] = ImpactAsset(
            id=pk,
            name=name,
            qualifier=qualifier,
            type=type_id,
            type_label=types[type_id].label,
            family=family,
            application=application or "",
            tier=tier,
            is_critical=pk in critical_jobs if type_id == JOB else tier in CRITICAL,
            partner=partner or "",
            cut_off=_wall_time(cut_off),
        )
    return found


def _wall_time(text: str | None) -> time | None:
    try:
        return time.fromisoformat(text or "")
    except ValueError:
        return None


class _Inventory:
    """The surroundings of assets, read hop by hop."""

    def __init__(self) -> None:
        self._schedules: dict[UUID, Schedule] = {}
        self.critical_jobs: set[UUID] = set()

    @cached_property
    def _cycles(self) -> dict[UUID, BatchCycle]:
        """All of them, once: there are few, and they are the cycles of thousands of jobs."""
        return BatchCycle.objects.select_related("site").in_bulk()

    def known(self, asset_ids: Iterable[UUID]) -> list[UUID]:
        """Those that there are, with the timetables of jobs among them."""
        found = dict(Asset.objects.filter(pk__in=set(asset_ids)).values_list("pk", "type_id"))
        self._read_schedules({asset for asset, type_id in found.items() if type_id == JOB})
        return list(found)

    def steps_from(self, assets: Sequence[UUID]) -> dict[UUID, list[Step]]:
        given: dict[str, Any] = {
            "assets": list(assets),
            "forward": _FORWARD,
            "backward": _BACKWARD,
            "job": JOB,
        }
        steps: dict[UUID, list[Step]] = {}
        jobs: set[UUID] = set()
        with connection.cursor() as cursor:
            cursor.execute(_STEPS, given)
            for asset, kind, forward, other, is_job in cursor.fetchall():
                steps.setdefault(asset, []).append(Step(kind, forward, other))
                if is_job:
                    jobs.add(other)
        self._read_schedules(jobs - self._schedules.keys())
        return steps

    def schedule_of(self, asset: UUID) -> Schedule | None:
        return self._schedules.get(asset)

    def _read_schedules(self, jobs: set[UUID]) -> None:
        self._schedules.update(dict.fromkeys(jobs, Schedule()))
        rows = JobSchedule.objects.filter(job__in=jobs)
        for row in rows.defer("evidence_head", "created_at", "changed_at"):
            if row.cycle_id:
                row.cycle = self._cycles[row.cycle_id]
            self._schedules[row.job_id] = row.timetable()
            if row.is_critical:
                self.critical_jobs.add(row.job_id)
