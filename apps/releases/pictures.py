"""The pictures of plans: what the rows say, handed to `domain.picture`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from apps.core import clock
from apps.releases.domain.picture import Picture, Step, draw
from apps.releases.models import Activity, ReleasePackage
from apps.releases.policies.package_facts import work_of
from apps.windows.models import ReleaseWindow


def picture_of_package(package: ReleasePackage) -> Picture | None:
    """The package's own steps, without the way back; None without a step that has a time."""
    window = package.window
    return _drawn(
        work_of(package).forward,
        cutoff_at=window.effective_cutoff if window else None,
        zone=window.zone if window else "",
    )


def picture_of_window(window: ReleaseWindow) -> Picture | None:
    """All steps of the night: those of its packages and those that they share. One query."""
    steps = Activity.objects.filter(
        Q(package__window=window) | Q(window=window), is_backout=False
    ).select_related("team")
    return _drawn(steps, cutoff_at=window.effective_cutoff, zone=window.zone)


def _drawn(steps: Iterable[Activity], *, cutoff_at: datetime | None, zone: str) -> Picture | None:
    return draw(
        [
            Step(
                lane=step.team.code,
                label=step.label,
                title=step.title,
                state=step.state,
                minutes=step.duration_minutes,
                planned_start_at=step.planned_start_at,
                started_at=step.started_at,
                ended_at=step.ended_at,
            )
            for step in steps
        ],
        now=clock.now(),
        cutoff_at=cutoff_at,
        zone=ZoneInfo(zone or settings.INTERLOCK_ZONE),
    )
