"""Where gates are asked otherwise than delivered; the same contract as the other registers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.core.step_up import step_up_blockers
from apps.evidence.models import GovernedModel
from apps.evidence.services.register import create_in_register, edit_in_register, register_roles
from apps.gates.models import GateProfile

keep_profiles_blockers = register_roles("change_manager", "site_admin")


def _blockers(actor: Actor, row: GovernedModel) -> Iterator[Blocker]:
    yield from keep_profiles_blockers(actor, row)
    yield from step_up_blockers(actor)


create_profile = partial(create_in_register, GateProfile, check=_blockers)
edit_profile = partial(edit_in_register, GateProfile, check=_blockers)
