"""A small landscape and a few assets, made through the services."""

from __future__ import annotations

from datetime import time
from typing import Any

from apps.core.actor import Actor
from apps.inventory.models import (
    Application,
    Asset,
    BatchCycle,
    Environment,
    JobSchedule,
    Site,
    Sysplex,
)
from apps.inventory.services import registers, schedules
from tests.factories import actor, make_team, make_user


def keeper() -> Actor:
    """Somebody who may keep every register."""
    return actor(make_user("registrar", "site_admin"))


def make_site(*, by: Actor) -> Site:
    return Site.objects.filter(code="AMS").first() or registers.create_site(
        actor=by, values={"code": "AMS", "name": "Amsterdam", "tz": "Europe/Amsterdam"}
    )


def make_environment(
    code: str = "PROD", *, is_production: bool = True, order: int = 90, by: Actor
) -> Environment:
    return registers.create_environment(
        actor=by,
        values={
            "code": code,
            "site": make_site(by=by),
            "order": order,
            "is_production": is_production,
            "requires_release": is_production,
        },
    )


def make_sysplex(code: str = "PLEXP1", *, by: Actor) -> Sysplex:
    return registers.create_sysplex(
        actor=by, values={"code": code, "environment": make_environment(by=by)}
    )


def make_application(code: str = "CARD", *, by: Actor) -> Application:
    known = Application.objects.filter(code=code).first()
    return known or registers.create_application(
        actor=by,
        values={
            "code": code,
            "name": f"Application {code}",
            "business_owner": make_user("app.owner"),
            "technical_owner": make_team("APP-DEV", kind="application"),
        },
    )


def make_asset(name: str, asset_type: str = "program_batch", *, by: Actor, **more: Any) -> Asset:
    return registers.create_asset(actor=by, values={"name": name, "type_id": asset_type, **more})


def make_cycle(code: str = "NIGHT", *, by: Actor, **more: Any) -> BatchCycle:
    known = BatchCycle.objects.filter(code=code).first()
    return known or schedules.create_batch_cycle(
        actor=by,
        values={
            "code": code,
            "name": "The night",
            "site": make_site(by=by),
            "latest_start": time(4, 30),
            "end_by": time(8, 0),
            **more,
        },
    )


def make_schedule(job: str, *, by: Actor, **more: Any) -> JobSchedule:
    """The timetable of a job, which is made if need be; daily at 05:10 unless told otherwise."""
    asset = Asset.objects.filter(name=job, type="job").first() or make_asset(job, "job", by=by)
    values = {"job": asset, "cycle": make_cycle(by=by), "start_time": time(5, 10), **more}
    return schedules.create_job_schedule(actor=by, values=values)
