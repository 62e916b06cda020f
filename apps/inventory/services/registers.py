"""Keep the registers: every service takes the new values by field name.

`create_…(actor=, values=, comment=)` and `edit_…(pk=, actor=, values=, expected_seq=, comment=)`;
both raise Refused naming every bad field.
"""

from __future__ import annotations

from functools import partial

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
edit_asset = partial(edit_in_register, Asset, check=keep_assets_blockers)
