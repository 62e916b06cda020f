"""A running night as plain JSON values, for programs and for whoever cannot see the page."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.releases.domain.planner.plan import NEVER
from apps.releases.models import ActivityLog
from apps.releases.services.first_hit import first_hits
from apps.releases.services.live import Live
from apps.releases.services.plan_json import Wall, as_row


def state_tag(window: UUID, *more: object) -> str:
    """An entity tag of everything that is told of a night: the ledger, the logs of its steps and
    the minute. Two queries."""
    entry = EvidenceEntry.objects.order_by("-id").values_list("id", flat=True).first()
    log = ActivityLog.objects.order_by("-pk").values_list("pk", flat=True).first()
    minute = int(clock.now().timestamp() // 60)
    told = ":".join(map(str, ("1", window, entry, log, minute, *more)))
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'


def live_as_dict(live: Live) -> dict[str, Any]:
    """The projection, what would help, and what runs first on what changes. Moments as people of
    the window read them."""
    at = Wall(live.window).iso
    hits = first_hits(live.window, live.now)
    return {
        "window": live.window.code,
        "state": live.window.state,
        "now": at(live.minute),
        "cutoff_at": at(live.planning.night.cutoff),
        "obstacles": list(live.obstacles),
        "projection": _projection(live),
        "what_ifs_ready": live.what_ifs is not None,
        "what_ifs": [as_row(live.window, each) for each in live.what_ifs or ()],
        "first_job": {
            "job": hits.job, "starts_at": hits.arrival, "path": hits.path,
        } if hits.arrival else None,
    }  # fmt: skip


def _projection(live: Live) -> dict[str, Any] | None:
    found = live.projection
    if found is None:
        return None
    at, told = Wall(live.window).iso, found.earned
    return {
        "level": found.level,
        "margin_minutes": found.margin,
        "go_ready_at": at(found.go_ready),
        "planned_go_ready_at": at(found.planned_go),
        "no_return_at": None if found.no_return == NEVER else at(found.no_return),
        "commit_at": None if found.plan.commit is None else at(found.plan.commit),
        "ends_at": at(found.finish),
        "late_minutes": found.late,
        "is_decided": found.is_decided,
        "backout_now_minutes": live.backout_minutes,
        "backout_whole_minutes": live.backout_whole,
        "planned_value": told.planned_value,
        "earned_value": told.earned_value,
        "budget_at_completion": told.at_completion,
        "earned_schedule_minutes": told.earned_schedule,
        "schedule_variance_minutes": told.schedule_variance,
        "spi": told.spi,
        "steps": [
            {
                "step": live.planning.steps[slot.work.key].label,
                "package": slot.work.package,
                "team": live.planning.steps[slot.work.key].team.code,
                "state": live.planning.steps[slot.work.key].state,
                "percent": live.planning.steps[slot.work.key].percent,
                "starts_at": at(slot.start),
                "ends_at": at(slot.end),
                "is_projected": live.progress[slot.work.key].ended is None,
                "is_critical": slot.work.key in found.plan.chain,
            }
            for slot in found.plan.slots
        ],
    }
