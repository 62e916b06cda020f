"""A small landscape and a few assets, made through the services."""

from __future__ import annotations

from typing import Any

from apps.core.actor import Actor
from apps.inventory.models import Application, Asset, Environment, Site, Sysplex
from apps.inventory.services import registers
from tests.factories import actor, make_team, make_user


def keeper() -> Actor:
    """Somebody who may keep every register."""
    return actor(make_user("registrar", "site_admin"))


def make_environment(
    code: str = "PROD", *, is_production: bool = True, order: int = 90, by: Actor
) -> Environment:
    site = Site.objects.filter(code="AMS").first() or registers.create_site(
        actor=by, values={"code": "AMS", "name": "Amsterdam", "tz": "Europe/Amsterdam"}
    )
    return registers.create_environment(
        actor=by,
        values={
            "code": code,
            "site": site,
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
