"""By what right somebody acts: a role of their own, or another's by delegation."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from apps.core.actor import RoleHeld

#: Roles whose decisions somebody may give for their holder.
DELEGABLE = ("application_owner", "service_owner", "technical_lead", "cab_member", "cab_chair",
             "release_manager")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authority:
    """One role in force, and where that is written.

    `since`, `granted_by` and `grant` tell of the grant that it rests on, which of a delegation is
    the principal's; `granted_by` is None for what the portal's set-up granted. `grant` and
    `delegation` are subjects of the ledger. `principal` is None for a role of one's own.
    """

    held: RoleHeld
    since: datetime
    granted_by: Hashable | None
    granted_by_name: str
    grant: str
    principal: Hashable | None = None
    principal_name: str = ""
    delegation: str = ""
    until: datetime | None = None
