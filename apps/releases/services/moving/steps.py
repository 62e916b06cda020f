"""The steps of what moves: their times go along, and what they waited for stays behind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.core.actor import Actor
from apps.evidence.services.ledger import lock, record, record_many, remember
from apps.releases import events
from apps.releases.domain import lifecycle as life
from apps.releases.models import Activity, ActivityDependency, ReleasePackage
from apps.windows.domain.local_time import moved_wall
from apps.windows.models import ReleaseWindow


def shift_steps(
    steps: Any,
    window: ReleaseWindow,
    was: datetime,
    now: datetime,
    actor: Actor,
    comment: str,
) -> None:
    """Planned times keep their distance from the opening, a pinned "not before" its wall time.
    Whoever acknowledged a step did so for another night."""
    moved = []
    rows = steps.select_for_update(of=("self",)).exclude(state__in=life.ENDED_STEP)
    for step in rows.order_by("pk"):
        remember(step)
        for name in ("planned_start_at", "planned_end_at"):
            moment = getattr(step, name)
            if moment is not None:
                setattr(step, name, moment + (now - was))
        if step.not_before_at is not None:
            step.not_before_at = moved_wall(step.not_before_at, was, now, window.zone)
        step.acknowledged_at = None
        if step.governed_values() != step.__dict__["_remembered"]:
            moved.append(step)
    record_many(moved, actor=actor, event=events.ACTIVITY_MOVED, comment=comment)


def cut_links(
    package: ReleasePackage, target: ReleaseWindow, actor: Actor, comment: str
) -> Iterable[str]:
    """Steps of different nights do not wait for each other: what the package leaves behind, and
    what stays behind, in words."""
    staying = (
        Q(predecessor__window__isnull=False) & ~Q(predecessor__window=target)
        | Q(predecessor__package__isnull=False) & ~Q(predecessor__package__window=target)
    )  # fmt: skip
    outward = Q(activity__package=package) & staying & ~Q(predecessor__package=package)
    inward = (
        Q(predecessor__package=package)
        & ~Q(activity__package=package)
        & ~Q(activity__window=target)
        & (Q(activity__package__isnull=True) | ~Q(activity__package__window=target))
    )
    links = list(
        ActivityDependency.objects.filter(outward | inward)
        .select_related(
            "activity__package", "activity__window", "predecessor__package", "predecessor__window"
        )
        .order_by("activity_id", "predecessor_id")
    )
    by_step: dict[UUID, list[ActivityDependency]] = {}
    for link in links:
        by_step.setdefault(link.activity_id, []).append(link)
    for key, cut in by_step.items():
        step = lock(Activity, key, parts=True)
        ActivityDependency.objects.filter(pk__in=[link.pk for link in cut]).delete()
        record(
            step, actor=actor, event=events.ACTIVITY_MOVED, comment=comment,
            parts=Activity.objects.get(pk=key).part_values(),
        )  # fmt: skip
    told = (
        f"{step_named(link.activity)} no longer waits for {step_named(link.predecessor)}."
        for link in links
    )
    # People may have entered what a rule says as well.
    return list(dict.fromkeys(told))


def step_named(step: Activity) -> str:
    place = step.package or step.window
    return f"Step {step.label} of {place.code}" if place else f"Step {step.label}"
