"""Keep the registers: every service takes the new values by field name.

`create_…(actor=, values=, comment=)` and `edit_…(pk=, actor=, values=, expected_seq=, comment=)`;
both raise Refused naming every bad field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.evidence.models import GovernedModel
from apps.evidence.services.register import create_in_register, edit_in_register
from apps.inventory.models import (
    Application,
    Asset,
    BusinessService,
    Environment,
    Site,
    Subsystem,
    Sysplex,
    SystemImage,
)
from apps.inventory.policies import (
    keep_applications_blockers,
    keep_assets_blockers,
    keep_landscape_blockers,
)

create_site = partial(create_in_register, Site, check=keep_landscape_blockers)
edit_site = partial(edit_in_register, Site, check=keep_landscape_blockers)
create_environment = partial(create_in_register, Environment, check=keep_landscape_blockers)
edit_environment = partial(edit_in_register, Environment, check=keep_landscape_blockers)
create_sysplex = partial(create_in_register, Sysplex, check=keep_landscape_blockers)
edit_sysplex = partial(edit_in_register, Sysplex, check=keep_landscape_blockers)
create_system_image = partial(create_in_register, SystemImage, check=keep_landscape_blockers)
edit_system_image = partial(edit_in_register, SystemImage, check=keep_landscape_blockers)
create_subsystem = partial(create_in_register, Subsystem, check=keep_landscape_blockers)
edit_subsystem = partial(edit_in_register, Subsystem, check=keep_landscape_blockers)
create_application = partial(create_in_register, Application, check=keep_applications_blockers)
edit_application = partial(edit_in_register, Application, check=keep_applications_blockers)
create_business_service = partial(
    create_in_register, BusinessService, check=keep_applications_blockers
)
edit_business_service = partial(edit_in_register, BusinessService, check=keep_applications_blockers)
create_asset = partial(create_in_register, Asset, check=keep_assets_blockers)


def edit_asset(
    *,
    pk: Any,
    actor: Actor,
    values: Mapping[str, Any],
    expected_seq: int | None = None,
    comment: str = "",
) -> Asset:
    """Change an asset's facts; its identity stays what its relations and versions are about."""

    def check(actor: Actor, asset: GovernedModel) -> Iterable[Blocker]:
        yield from keep_assets_blockers(actor, asset)
        for name in ("type", "qualifier", "name"):
            if name in values and values[name] != getattr(asset, name):
                yield bad_input(name, f"The {name} of an asset never changes.", "Enter a new one.")

    return edit_in_register(
        Asset,
        pk=pk,
        actor=actor,
        values=values,
        check=check,
        expected_seq=expected_seq,
        comment=comment,
    )
