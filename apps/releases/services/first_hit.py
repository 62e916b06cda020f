"""What runs first on what a night changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache

from apps.changes.models import ChangeAsset
from apps.inventory.selectors.impact import impact_of
from apps.releases.domain import lifecycle as life
from apps.windows.models import ReleaseWindow

#: Packages of which no step goes forward any more.
GIVEN_UP = (life.BACKING_OUT, life.BACKED_OUT)
#: The inventory is asked again after so many minutes.
_EVERY, _KEPT_SECONDS = 10, 1_200
_SERVICES = 5


@dataclass(frozen=True, slots=True)
class ServiceHit:
    """A business service that rests on what changes, from when on, and why."""

    name: str
    arrival: datetime
    is_at_once: bool
    path: str


@dataclass(frozen=True, slots=True)
class FirstHits:
    """The first job that runs what tonight changes or reads what it wrote; empty without one."""

    job: str = ""
    arrival: datetime | None = None
    path: str = ""
    services: tuple[ServiceHit, ...] = ()


def first_hits(window: ReleaseWindow, now: datetime) -> FirstHits:
    """From `now` on. One query for the scope, and two a hop, every ten minutes."""
    key = f"interlock:live:hits:1:{window.pk}:{int(now.timestamp() // 60) // _EVERY}"
    kept: FirstHits | None = cache.get(key)
    if kept is None:
        kept = _read(window, now)
        cache.set(key, kept, _KEPT_SECONDS)
    return kept


def _read(window: ReleaseWindow, now: datetime) -> FirstHits:
    going = [state for state in life.BOOKED if state not in GIVEN_UP]
    lines = ChangeAsset.objects.filter(
        change__memberships__is_open=True,
        change__memberships__package__window=window,
        change__memberships__package__state__in=going,
    )
    assets = set(lines.values_list("asset_id", flat=True))
    if not assets:
        return FirstHits()
    found = impact_of(assets, now)
    services = tuple(
        ServiceHit(found.assets[hit.asset].name, hit.arrival, hit.arrival <= now, found.path(hit))
        for hit in found.services[:_SERVICES]
    )
    first = found.first_job
    if first is None:
        return FirstHits(services=services)
    return FirstHits(found.assets[first.asset].name, first.arrival, found.path(first), services)
