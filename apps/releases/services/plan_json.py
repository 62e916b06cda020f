"""The plan of a window and its what-ifs as plain JSON, for the command and the interface."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apps.releases.domain.planner.plan import NEVER, Plan
from apps.releases.domain.planner.shed import Shed
from apps.releases.domain.planner.what_if import WhatIf
from apps.releases.models import Simulation
from apps.releases.services.what_if import Outlook
from apps.windows.models import ReleaseWindow


def as_dict(window: ReleaseWindow, plan: Plan, outlook: Outlook | None) -> dict[str, Any]:
    """The plan as plain JSON, moments with their offset. Without `outlook` nothing is told of a
    bottleneck, nor of what could go."""
    at = Wall(window).iso
    bottleneck = outlook.bottleneck if outlook else None
    return {
        "window": window.code,
        "opens_at": at(0),
        "cutoff_at": at(plan.night.cutoff),
        "critical_path_minutes": plan.critical_path,
        "makespan_minutes": plan.makespan,
        "lower_bound_minutes": plan.schedule.bound,
        "is_proven": plan.schedule.is_proven,
        "go_ready_at": at(plan.go_ready),
        "commit_at": None if plan.commit is None else at(plan.commit),
        "backout_minutes": plan.backout.whole,
        "no_return_at": None if plan.no_return == NEVER else at(plan.no_return),
        "decide_by_at": None if plan.deadline == NEVER else at(plan.deadline),
        "margin_minutes": plan.margin,
        "utilisation": round(plan.utilisation, 3),
        "band": plan.band,
        "fits": {
            fit.code: {"holds": fit.holds, "short_minutes": fit.short} for fit in plan.fits.values()
        },
        "shortfalls": list(outlook.shortfalls if outlook else plan.told_short()),
        "bottleneck": bottleneck
        and {"resource": bottleneck[0], "margin_gained_minutes": bottleneck[1]},
        "shed": None if outlook is None else [as_shed(each) for each in outlook.shed(plan)],
        "steps": [
            {
                "label": slot.work.label,
                "package": slot.work.package,
                "starts_at": at(slot.start),
                "ends_at": at(slot.end),
                "minutes": slot.work.minutes,
                "needs": dict(slot.work.needs),
                "slack_minutes": slot.slack,
                "is_critical": slot.work.key in plan.chain,
            }
            for slot in plan.slots
        ],
    }


def as_shed(found: Shed) -> dict[str, Any]:
    """What could go; `short_minutes` are those that are missing then, by fit."""
    return {
        "kind": found.what_if.kind,
        "subject": found.what_if.subject,
        "text": found.what_if.text,
        "fits_again": found.fits_again,
        "short_minutes": dict(found.short),
        "vetoes": _vetoes(found.what_if),
    }


def as_row(window: ReleaseWindow, found: WhatIf) -> dict[str, Any]:
    """One what-if; `vetoes` are {rule, text}."""
    at = Wall(window).iso
    return {
        "kind": found.kind,
        "subject": found.subject,
        "text": found.text,
        "margin_gained_minutes": found.gain,
        "margin_minutes": found.margin,
        "go_ready_at": at(found.go_ready),
        "no_return_at": None if found.no_return == NEVER else at(found.no_return),
        "makespan_minutes": found.makespan,
        "is_recommended": found.is_recommended,
        "vetoes": _vetoes(found),
    }


def _vetoes(found: WhatIf) -> list[dict[str, str]]:
    return [{"rule": veto.rule, "text": veto.text} for veto in found.vetoes]


def simulation_as_dict(made: Simulation) -> dict[str, Any]:
    """A kept simulation: shares of 1 and moments beside the minutes that are kept."""
    out, at = made.told, Wall(made.window).iso
    return {
        "id": str(made.pk),
        "window": made.window.code,
        "seed": made.seed,
        "trials": made.trials,
        "in_time": out.in_time / out.trials,
        "backout_fits": out.can_return / out.trials,
        "ends_at": {"p50": at(out.p50), "p80": at(out.p80), "p95": at(out.p95)},
        "contributors": [
            {"label": each.label, "correlation": each.correlation / 1000}
            for each in out.contributors
        ],
        "durations": [
            {
                "of": name,
                "recorded": history.count,
                "is_used": history.is_used,
                "quantiles": [share / 1000 for share in history.quantiles],
            }
            for name, history in made.rests_on.histories
        ],
        "inputs_digest": made.inputs_digest,
        "inputs": made.inputs,
        "outcome": made.outcome,
    }


class Wall:
    """Minutes after opening as people of the window read them."""

    def __init__(self, window: ReleaseWindow) -> None:
        self._opens_at = window.opens_at
        self._zone = ZoneInfo(window.zone)

    def iso(self, minute: int) -> str:
        moment = (self._opens_at + timedelta(minutes=minute)).astimezone(self._zone)
        return moment.isoformat(timespec="minutes")

    def clock(self, minute: int) -> str:
        return f"{(self._opens_at + timedelta(minutes=minute)).astimezone(self._zone):%H:%M}"
