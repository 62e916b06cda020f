"""The roles of the product and which of them one person may not hold together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    code: str
    label: str
    may: str
    may_never: str
    writes: bool = True


ROLES: tuple[Role, ...] = (
    Role("requester", "Requester", "create and submit changes, attach evidence",
         "approve or implement their own change"),
    Role("developer", "Developer", "create and submit changes, attach evidence",
         "approve or implement their own change"),
    Role("application_owner", "Application owner", "approve changes of their application",
         "approve a change they wrote"),
    Role("service_owner", "Service owner", "approve emergencies that hit their service",
         "approve a change they wrote"),
    Role("technical_lead", "Technical lead", "approve for their family of assets",
         "approve what they will execute"),
    Role("cab_member", "Board member", "approve for the change advisory board",
         "execute a change they approved"),
    Role("cab_chair", "Board chair", "approve for the board and lead it",
         "execute a change they approved"),
    Role("change_manager", "Change manager", "hold, reject and close changes",
         "execute a change they approved"),
    Role("release_coordinator", "Release coordinator", "build packages, plans, windows; run them",
         "approve changes"),
    Role("release_manager", "Release manager", "decide go, no-go and backout; open windows",
         "approve what only they asked for"),
    Role("implementer", "Implementer", "run the activities of their team",
         "run an activity of a change they approved"),
    Role("validator", "Validator", "record validation checks", "validate what they implemented"),
    Role("auditor", "Auditor",
         "read everything, export evidence, take populations and open findings of their own",
         "write anything that is audited", writes=False),
    Role("integration", "Integration", "import and post events with a token", "decide"),
    Role("site_admin", "Site administrator", "keep users, grants and registers",
         "approve by being an administrator"),
    Role("viewer", "Viewer", "read the live status", "write anything", writes=False),
)  # fmt: skip

ROLE_CODES = frozenset(role.code for role in ROLES)
LABEL_OF_ROLE = {role.code: role.label for role in ROLES}
READ_ONLY_ROLES = frozenset(role.code for role in ROLES if not role.writes)

#: Pairs that no one person may hold, with the reason.
FORBIDDEN_PAIRS: tuple[tuple[str, str, str], ...] = (
    *(
        ("auditor", role.code, "an auditor does not write what they audit")
        for role in ROLES
        if role.writes
    ),
    ("release_coordinator", "cab_member", "who runs the release does not approve its changes"),
    ("release_coordinator", "cab_chair", "who runs the release does not approve its changes"),
    ("release_coordinator", "change_manager", "who runs the release does not govern its changes"),
    ("integration", "cab_member", "a machine account does not decide"),
    ("integration", "cab_chair", "a machine account does not decide"),
    ("integration", "application_owner", "a machine account does not decide"),
    ("integration", "service_owner", "a machine account does not decide"),
    ("integration", "technical_lead", "a machine account does not decide"),
    ("integration", "change_manager", "a machine account does not decide"),
    ("integration", "release_manager", "a machine account does not decide"),
    ("site_admin", "cab_member", "who grants roles does not use them to approve"),
    ("site_admin", "cab_chair", "who grants roles does not use them to approve"),
    ("site_admin", "application_owner", "who grants roles does not use them to approve"),
    ("site_admin", "service_owner", "who grants roles does not use them to approve"),
    ("site_admin", "technical_lead", "who grants roles does not use them to approve"),
    ("site_admin", "change_manager", "who grants roles does not govern changes with them"),
    ("site_admin", "release_manager", "who grants roles does not use them to approve"),
)


def forbidden_combinations(roles: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Each (role, role, reason) of `roles` that one person may not hold together."""
    held = frozenset(roles)
    for first, second, reason in FORBIDDEN_PAIRS:
        if first in held and second in held:
            yield first, second, reason
