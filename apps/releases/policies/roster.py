"""Who is there for the steps of a night, by the rosters of their teams."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Min
from django.utils.timezone import localtime

from apps.accounts.selectors import roster_of
from apps.core import clock
from apps.core.errors import Blocker
from apps.releases.domain import lifecycle as life
from apps.releases.domain.sequence import Timed, forward_times
from apps.releases.policies.package_facts import Work, steps_in
from apps.windows.models import ReleaseWindow


def planned_times(work: Work) -> dict[UUID, tuple[datetime, datetime]]:
    """When each step that goes forward is planned: as it was entered, else by its order."""
    window = work.package.window
    timed = (
        Timed(
            step.pk, step.label, step.duration_minutes, frozenset(work.after[step.pk]),
            step.not_before_at, step.planned_start_at,
        )
        for step in work.forward
    )  # fmt: skip
    return forward_times(timed, window.opens_at if window else clock.now())  # type: ignore[return-value]


def steps_on_shift(work: Work) -> dict[UUID, bool]:
    """Whether owner or deputy are on shift all the time that a step is planned; steps whose teams
    keep no roster are left out. Two queries."""
    times = planned_times(work)
    if not times:
        return {}
    first, last = min(start for start, _ in times.values()), max(end for _, end in times.values())
    roster = roster_of({step.team_id for step in work.forward}, first, last)
    return {
        step.pk: roster.covers(step.team_id, {step.owner_id, step.deputy_id}, *times[step.pk])  # type: ignore[arg-type]
        for step in work.forward
        if step.pk in times and roster.keeps(step.team_id)
    }


def primary_blockers(window: ReleaseWindow) -> Iterator[Blocker]:
    """The teams with work in the night that have no primary on shift when it starts, or when their
    first step is planned where that is later. A team that keeps no roster is let pass. Three
    queries."""
    now = max(clock.now(), window.opens_at)
    first = {
        row["team"]: (row["team__code"], max(now, row["begins"] or now))
        for row in steps_in([window.pk])
        .exclude(state__in=life.ENDED_STEP)
        .order_by()
        .values("team", "team__code")
        .annotate(begins=Min("planned_start_at"))
    }
    if not first:
        return
    last = max(begins for _, begins in first.values())
    roster = roster_of(first, now, last + timedelta(minutes=1))
    for team, (code, begins) in sorted(first.items(), key=lambda item: item[1]):
        if roster.keeps(team) and not roster.primaries(team, begins):
            told = f"{localtime(begins, ZoneInfo(window.zone)):%H:%M}"
            yield Blocker(
                "no_primary",
                f"{code} has work in {window.code} and no primary on shift at {told}.",
                f"Enter a shift of {code} as primary, or move its steps.",
                "release coordinator",
                details={"team": code},
            )
