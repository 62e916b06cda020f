"""Whether a package may be taken back before those that were built on it: last in, first out."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q

from apps.changes.models import ChangeAsset
from apps.core.errors import Blocker
from apps.releases.domain import lifecycle as life
from apps.releases.models import Activity, ReleasePackage

#: States of a package whose changes are in production, in whole or in part.
_THERE = (life.IN_PROGRESS, life.VALIDATING, life.COMPLETED, life.PARTIALLY, life.FAILED,
          life.BACKING_OUT)  # fmt: skip


def later_blockers(package: ReleasePackage) -> Iterator[Blocker]:
    """X05: every package that was executed later, shares an asset and has altered something is
    taken back first. One query."""
    if package.started_at is None:
        return
    own = ChangeAsset.objects.filter(change__memberships__package=package).values("asset")
    shared = ChangeAsset.objects.filter(
        change__memberships__package=OuterRef("pk"), asset__in=own
    ).order_by("asset__name")
    altered = Activity.objects.filter(
        package=OuterRef("pk"), is_backout=False, type__alters=True,
        state__in=(*life.DONE_STEP, *life.RUNNING_STEP),
    )  # fmt: skip
    kept = Q(state=life.CLOSED, outcome__in=(life.COMPLETED, life.PARTIALLY))
    later = (
        ReleasePackage.objects.filter(
            Q(state__in=_THERE) | kept, Exists(altered), started_at__gt=package.started_at
        )
        .exclude(pk=package.pk)
        .annotate(asset=shared.values("asset__name")[:1])
        .exclude(asset=None)
    )
    for other in later.order_by("-started_at", "code"):
        closed = other.state == life.CLOSED
        yield Blocker(
            "later_package",
            f"X05: {other.code} was executed later and changed {other.asset} as well; taking "
            f"{package.code} back would undo that too.",
            "Correct it with a new change: what came later is closed."
            if closed
            else f"Take {other.code} back first.",
            "application owner" if closed else "release manager",
            details={"package": other.code},
        )
