"""The first approval policy: which signatures a change needs, and why."""

from __future__ import annotations

from dataclasses import dataclass

from apps.approvals.domain.slots import SlotSpec
from apps.changes.domain.risk import BANDS
from apps.core.actor import RoleHeld

POLICY_VERSION = "2026.1"

#: The discipline whose technical lead answers for a family of assets; others need none.
LEAD_OF_FAMILY = {
    "db2": "db2",
    "ims": "db2",
    "cics": "cics",
    "mq": "cics",
    "data": "storage",
    "jcl": "scheduling",
    "scheduler": "scheduling",
    "exchange": "scheduling",
    "platform": "security",
}


@dataclass(frozen=True, slots=True)
class PolicyInput:
    change_type: str
    risk_band: str
    application: str
    families: frozenset[str]


def slots_for(facts: PolicyInput) -> tuple[SlotSpec, ...]:
    """The slots, in the order of the page.

    Emergency: two of the emergency board. Otherwise the application owner; from medium risk the
    technical lead of every touched family; from high risk two members of the board.
    """
    scope = f"application:{facts.application}"
    if facts.change_type == "emergency":
        eligible = (
            RoleHeld("release_manager"),
            RoleHeld("application_owner", scope),
            RoleHeld("cab_chair"),
        )
        return (
            SlotSpec("ecab", "Emergency board", eligible, 2, "Emergency changes need two people."),
        )
    slots = [
        SlotSpec(
            "application_owner",
            f"Owner of {facts.application}",
            (RoleHeld("application_owner", scope),),
            1,
            "Every change needs the owner of its application.",
        )
    ]
    if BANDS.index(facts.risk_band) >= BANDS.index("medium"):
        disciplines = sorted({LEAD_OF_FAMILY[f] for f in facts.families & LEAD_OF_FAMILY.keys()})
        for discipline in disciplines:
            families = sorted(f for f in facts.families if LEAD_OF_FAMILY.get(f) == discipline)
            slots.append(
                SlotSpec(
                    f"technical_lead:{discipline}",
                    f"Technical lead {discipline}",
                    (RoleHeld("technical_lead", f"family:{discipline}"),),
                    1,
                    f"From medium risk on, for the touched family {', '.join(families)}.",
                )
            )
    if BANDS.index(facts.risk_band) >= BANDS.index("high"):
        slots.append(
            SlotSpec(
                "board",
                "Change advisory board",
                (RoleHeld("cab_member"), RoleHeld("cab_chair")),
                2,
                "From high risk on, two different members of the board.",
            )
        )
    return tuple(slots)
