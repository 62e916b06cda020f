"""What can be seen of packages and windows at one moment of a move."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.approvals.models import Approval
from apps.approvals.selectors import slots_about
from apps.changes.models import ChangeRequest
from apps.gates.models import ReadinessItem
from apps.releases.domain.ripple import Collision
from apps.releases.models import Activity, PackageChange, ReleasePackage
from apps.releases.services.detection import Asked, detect
from apps.releases.services.moving.steps import step_named
from apps.releases.services.window_ledger import team_hours
from apps.windows.domain.capacity import Use
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import (
    capacity_use,
    reservations_for,
    reservations_in,
    windows_with_people,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """What can be seen of packages and windows at one moment of the move."""

    dates: Mapping[str, datetime | None]
    collisions: Mapping[str, Collision]
    plans: Mapping[str, Mapping[str, Any]]
    signed: Mapping[str, frozenset[str]]
    asked: Mapping[str, frozenset[str]]
    states: Mapping[str, str]
    uses: Mapping[tuple[str, str], Use]

    @classmethod
    def of(
        cls,
        packages: Sequence[ReleasePackage],
        windows: Sequence[ReleaseWindow],
        *,
        night: ReleaseWindow | None,
        whole: bool = False,
    ) -> Picture:
        """`whole`: the night itself is moved, with what its packages share."""
        changes = list(
            ChangeRequest.objects.filter(
                memberships__package__in=packages, memberships__is_open=True
            ).order_by("code")
        )
        slots = slots_about([change.subject for change in changes])
        return cls(
            dates=dict(_dates(packages, night, whole=whole)),
            collisions=_collisions(packages),
            plans={change.code: change.execution for change in changes},
            signed={
                change.code: _labels(slots[change.subject], Approval.SATISFIED)
                for change in changes
            },
            asked={
                change.code: _labels(slots[change.subject], (Approval.State.REQUESTED,))
                for change in changes
            },
            states={package.code: package.get_state_display() for package in packages},
            uses=_uses(windows),
        )


def _labels(slots: Iterable[Approval], states: Collection[str]) -> frozenset[str]:
    return frozenset(slot.label for slot in slots if slot.state in states)


def _collisions(packages: Sequence[ReleasePackage]) -> dict[str, Collision]:
    if not packages:
        return {}
    answer = detect(Asked(met=frozenset(package.pk for package in packages)))
    return {
        key: Collision(found.rule, found.severity, found.text)
        for key, found in answer.found.items()
    }


def _uses(windows: Sequence[ReleaseWindow]) -> dict[tuple[str, str], Use]:
    fresh = list(windows_with_people().filter(pk__in=[window.pk for window in windows]))
    hours = team_hours(fresh)
    return {
        (window.code, use.name): use
        for window in sorted(fresh, key=lambda window: window.opens_at)
        for use in (*capacity_use(window), *hours.get(window.pk, ()))
    }


def _dates(
    packages: Sequence[ReleasePackage], night: ReleaseWindow | None, *, whole: bool
) -> Iterator[tuple[str, datetime | None]]:
    """Every date that hangs on the night, by what it is called."""
    if night is not None:
        fresh = windows_with_people().get(pk=night.pk)
        yield "Window opens", fresh.opens_at
        yield "Window closes", fresh.closes_at
        yield "Scope locks", fresh.scope_lock_at
        yield "Readiness deadline", fresh.readiness_deadline_at
        yield "Earliest hard cut-off", fresh.effective_cutoff
        for cutoff in fresh.cutoffs.all():
            yield f"Cut-off {cutoff.label}", cutoff.at
    codes = {package.subject: package.code for package in packages}
    items = ReadinessItem.objects.filter(subject__in=codes).exclude(due_at=None)
    for item in items.order_by("subject_code", "gate"):
        yield f"{item.subject_code} gate {item.gate} due", item.due_at
    here = Q(package__in=packages)
    if whole:
        here |= Q(window=night)
    steps = Activity.objects.filter(here).select_related("package", "window")
    for step in steps.order_by("package__code", "label"):
        name = step_named(step)
        yield f"{name} starts", step.planned_start_at
        yield f"{name} ends", step.planned_end_at
        yield f"{name} not before", step.not_before_at
    held = (
        reservations_for(
            [*codes, *(f"{ChangeRequest.SUBJECT}:{pk}" for pk in carried(packages))]
        )
    )  # fmt: skip
    for booking in held.select_related("window").order_by("expires_at", "subject"):
        yield f"Reservation in {booking.window.code} ends", booking.expires_at
    if whole and night is not None:
        for number, booking in enumerate(reservations_in([night]), start=1):
            yield f"Reservation {number} of {booking.owner} ends", booking.expires_at


def carried(packages: Sequence[ReleasePackage]) -> list[UUID]:
    members = PackageChange.objects.filter(package__in=packages, is_open=True)
    return list(members.values_list("change_id", flat=True))
