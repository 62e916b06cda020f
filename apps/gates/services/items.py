"""Keep the readiness items equal to what the gates said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core import clock
from apps.gates.domain.evaluation import GateResult
from apps.gates.models import GateTurn, ReadinessItem
from apps.gates.selectors import UNMET


@dataclass(frozen=True, slots=True)
class Flip:
    """A gate that says something else than the last time it was asked."""

    gate: str
    title: str
    level: str
    was: str
    now: str
    detail: str

    @property
    def turned_false(self) -> bool:
        return self.now in UNMET


@transaction.atomic
def store_results(
    *,
    subject: str,
    subject_code: str,
    results: Iterable[GateResult],
    opens_at: datetime | None = None,
    owners: Mapping[str, UUID | None] | None = None,
) -> tuple[Flip, ...]:
    """Write what the gates said of `subject`; the gates whose state changed, but for new ones.

    `owners` gives the user of a gate's `owner_role` ("package_owner", "release_coordinator");
    a gate is due its own time before `opens_at`. Gates that are not among the results stay.
    """
    now = clock.now()
    wanted = {result.code: result for result in results}
    ReadinessItem.objects.bulk_create(
        [
            ReadinessItem(
                subject=subject,
                subject_code=subject_code,
                gate=result.code,
                level=result.level,
                owner_role=result.owner_role,
            )
            for result in wanted.values()
        ],
        ignore_conflicts=True,
    )
    items = list(
        ReadinessItem.objects.select_for_update()
        .filter(subject=subject, gate__in=wanted)
        .order_by("gate")
    )
    flips, turns = [], []
    for item in items:
        result = wanted[item.gate]
        said = (result.level, result.state, result.detail)
        if item.evaluated_at is None or said != (item.level, item.state, item.detail):
            turns.append(GateTurn(subject=subject, gate=item.gate, level=result.level,
                                  state=result.state, detail=result.detail, at=now))  # fmt: skip
        if item.state not in (ReadinessItem.State.OPEN, result.state):
            flips.append(
                Flip(item.gate, result.title, result.level, item.state, result.state,
                     result.detail)
            )  # fmt: skip
        if result.state != item.state:
            item.met_since = now if result.met or result.is_waived else None
        for name, value in _values(result, subject_code, opens_at, owners or {}).items():
            setattr(item, name, value)
        item.evaluated_at = now
    ReadinessItem.objects.bulk_update(items, _WRITTEN)
    GateTurn.objects.bulk_create(turns)
    return tuple(flips)


_WRITTEN = (
    "subject_code",
    "level",
    "state",
    "detail",
    "findings",
    "due_at",
    "owner",
    "owner_role",
    "evaluated_at",
    "met_since",
    "waiver",
    "attestation",
    "profile",
)


def _values(
    result: GateResult,
    subject_code: str,
    opens_at: datetime | None,
    owners: Mapping[str, UUID | None],
) -> dict[str, Any]:
    return {
        "subject_code": subject_code,
        "level": result.level,
        "state": result.state,
        "detail": result.detail,
        "findings": [
            *(finding.as_dict() for finding in result.findings),
            *(finding.as_dict() | {"waived": True} for finding in result.passed),
        ],
        "waiver_id": next(iter(result.waivers), None),
        "due_at": opens_at - result.due if opens_at and result.is_applicable else None,
        "owner_id": owners.get(result.owner_role),
        "owner_role": result.owner_role,
        "attestation_id": result.attestation,
        "profile": result.profile,
    }
