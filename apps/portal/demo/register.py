"""What Northgate runs: the landscape, the applications, the register and what is installed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from apps.accounts.models import Team
from apps.core.actor import Actor
from apps.evidence.services.door import door
from apps.integrations.services.imports import import_files
from apps.inventory.models import (
    Asset,
    AssetVersion,
    BatchCycle,
    Environment,
    Site,
    SystemImage,
)
from apps.inventory.services import registers, schedules
from apps.inventory.services.versions import install_version
from apps.portal.demo.stage import DATA, SETUP, Scene, acting, moment, person, read

BUILT_AT = "2026-08-04 10:00"
IMPORTED_AT = "2026-08-04 11:00"
IMPORTED_AGAIN_AT = "2026-11-09 06:00"
ADMIN = "site.admin"
REGISTER = "northgate_register.json"
#: Times of the batch are told in minutes after the evening's begin; this many mean: on demand.
EVENING = datetime(2026, 1, 1, 22, 0)  # noqa: DTZ001 - a wall time of any evening
ON_DEMAND = 9999
#: When CONTROL-M begins a new business date.
NEW_DAY = time(7)


def scenes() -> Iterator[Scene]:
    yield from landscape_scenes()
    yield Scene(moment(IMPORTED_AT), _import_register)
    yield Scene(moment(IMPORTED_AT), _plan_batch)
    yield Scene(moment(IMPORTED_AT), _take_over_versions)
    yield Scene(moment(IMPORTED_AGAIN_AT), _import_register)


def landscape_scenes() -> Iterator[Scene]:
    told = read("landscape.yaml")
    yield Scene(moment(BUILT_AT), partial(_build_landscape, told))
    yield Scene(moment(BUILT_AT), partial(_register_applications, told))


def carddemo_scenes() -> Iterator[Scene]:
    """The larger inventory of the public CardDemo sample application."""
    yield Scene(moment(IMPORTED_AT), _import_carddemo)


def _build_landscape(told: dict[str, Any]) -> None:
    actor = acting(ADMIN)
    site = registers.create_site(actor=actor, values=told["site"])
    for code, (order, is_production) in told["environments"].items():
        registers.create_environment(
            actor=actor,
            values={
                "code": code,
                "site": site,
                "order": order,
                "is_production": is_production,
                "requires_release": is_production,
            },
        )
    production = Environment.objects.get(site=site, is_production=True)
    plex = registers.create_sysplex(
        actor=actor, values={"code": told["sysplex"], "environment": production}
    )
    for code in told["images"]:
        registers.create_system_image(actor=actor, values={"code": code, "sysplex": plex})
    for kind, name, image in told["subsystems"]:
        where = SystemImage.objects.filter(sysplex=plex, code=image).first()
        registers.create_subsystem(
            actor=actor, values={"kind": kind, "name": name, "sysplex": plex, "image": where}
        )


def _register_applications(told: dict[str, Any]) -> None:
    actor = acting(ADMIN)
    for code, (name, owner, team, tier) in told["applications"].items():
        registers.create_application(
            actor=actor,
            values={
                "code": code,
                "name": name,
                "business_owner": person(owner),
                "technical_owner": Team.objects.get(code=team),
                "criticality": tier,
                "scm_system": "Endevor",
            },
        )
    for code, (name, tier, minutes, promise) in told["services"].items():
        registers.create_business_service(
            actor=actor,
            values={
                "code": code,
                "name": name,
                "tier": tier,
                "rto_minutes": minutes,
                "customer_commitment": promise,
                "owner": person("service.owner"),
            },
        )


def _import_register() -> None:
    import_files(actor=acting(ADMIN), file_format="json", paths=[DATA / REGISTER])


def _plan_batch() -> None:
    """The nightly cycle and when each of its jobs starts; the register tells one cycle."""
    actor = acting(ADMIN)
    told = read(REGISTER)["assets"]
    jobs = {job.name: job for job in Asset.objects.filter(type="job")}
    entry = next(asset for asset in told if "first_job" in asset)
    cycle = schedules.create_batch_cycle(
        actor=actor,
        values={
            "code": entry["code"],
            "name": "Daily card cycle",
            "site": site(),
            "first_job": jobs[entry["first_job"]],
            "latest_start": _wall(entry["latest_start"]),
            "end_by": _wall(entry["end_by"]),
            "new_day_at": NEW_DAY,
            "owner_team": Team.objects.get(code="SCHED"),
        },
    )
    for asset in told:
        if asset["type"] == "job":
            _plan_job(asset, jobs[asset["code"]], cycle, actor)


def _plan_job(told: dict[str, Any], job: Asset, cycle: BatchCycle, actor: Actor) -> None:
    on_demand = told["start"] == ON_DEMAND
    schedules.create_job_schedule(
        actor=actor,
        values={
            "job": job,
            "cycle": None if on_demand else cycle,
            "start_time": None if on_demand else _wall(told["start"]),
            "elapsed_minutes": told["duration"],
            "is_critical": told["critical"],
            "is_on_demand": on_demand,
        },
    )


def _wall(minutes: int) -> time:
    return (EVENING + timedelta(minutes=minutes)).time()


def _import_carddemo() -> None:
    paths = [DATA / "carddemo_assets.csv", DATA / "carddemo_relations.csv"]
    import_files(actor=SETUP, file_format="csv", paths=paths)


def _take_over_versions() -> None:
    """What was in production before the portal came: the level that the first change builds on."""
    levels: dict[str, str] = {}
    for change in read("changes.yaml")["changes"].values():
        for name, _action, from_version, _to_version in change["assets"]:
            levels.setdefault(name, from_version)
    actor, installed_at = acting(ADMIN), moment(read("landscape.yaml")["baseline_at"])
    for asset in Asset.objects.filter(name__in=levels).order_by("pk"):
        take_over_version(
            pk=asset.pk, actor=actor, level=levels[asset.name], installed_at=installed_at
        )


@door("asset")
def take_over_version(
    *, pk: UUID, actor: Actor, level: str, installed_at: datetime
) -> AssetVersion:
    """Record that `level` was in production before the portal knew of it."""
    return install_version(
        asset_id=pk,
        actor=actor,
        environment=Environment.objects.get(is_production=True),
        level=level,
        installed_at=installed_at,
        origin=AssetVersion.Origin.SCAN,
    )


def site() -> Site:
    return Site.objects.get(code=read("landscape.yaml")["site"]["code"])
