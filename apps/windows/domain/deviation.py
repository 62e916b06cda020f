"""The lifecycle of a deviation from the calendar, who signs it, and what it covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from apps.approvals.domain.slots import SlotSpec
from apps.core.actor import RoleHeld
from apps.windows.domain.calendar import Span

REQUESTED, APPROVED, USED = "requested", "approved", "used"
EXPIRED, REFUSED = "expired", "refused"

STATES: tuple[tuple[str, str], ...] = (
    (REQUESTED, "Requested"),
    (APPROVED, "Approved"),
    (USED, "Used"),
    (EXPIRED, "Expired"),
    (REFUSED, "Refused"),
)
ROUTE = (REQUESTED, APPROVED, USED)

SOURCES: Mapping[str, tuple[str, ...]] = {
    "approve": (REQUESTED,),
    "refuse": (REQUESTED,),
    "use": (APPROVED,),
    "expire": (REQUESTED, APPROVED),
}
TARGETS: Mapping[str, str] = {
    "approve": APPROVED,
    "refuse": REFUSED,
    "use": USED,
    "expire": EXPIRED,
}
PAIRS = tuple(
    f"{source}>{TARGETS[move]}" for move, sources in SOURCES.items() for source in sources
)
#: States in which it lets its record pass.
HOLDING = (APPROVED, USED)


@dataclass(frozen=True, slots=True)
class Exemption:
    """A deviation that was approved: for which rule, and from when to when."""

    rule: str
    starts_at: datetime
    ends_at: datetime

    def covers(self, span: Span, since: datetime, until: datetime) -> bool:
        """Whether it lets something happen in the span between `since` and `until`."""
        inside = self.starts_at <= since and until <= self.ends_at
        return inside and self.rule == span.rule.code


def slots_of(rule: str, applications: Iterable[str]) -> tuple[SlotSpec, ...]:
    """Who signs a deviation from `rule`: the release manager, the chair of the board, and whoever
    answers for each of the tier 0 `applications`."""
    return (
        _slot("release_manager", "Release manager", RoleHeld("release_manager"), rule),
        _slot("board_chair", "Chair of the board", RoleHeld("cab_chair"), rule),
        *(
            _slot(
                f"owner:{code}", f"Owner of {code}",
                RoleHeld("application_owner", f"application:{code}"), rule,
            )
            for code in sorted(applications)
        ),
    )  # fmt: skip


def _slot(code: str, label: str, signer: RoleHeld, rule: str) -> SlotSpec:
    return SlotSpec(code, label, (signer,), 1, f"It deviates from {rule}.", sla_hours=24)
