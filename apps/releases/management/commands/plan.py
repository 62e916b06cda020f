from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from apps.releases.domain.planner.plan import NEVER, Plan, Unplannable
from apps.releases.services.window_plan import plan_window
from apps.windows.models import ReleaseWindow


class Command(BaseCommand):
    help = "Plan a window: the shortest plan, the decision, and the point of no return."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("window", help="The code of the window, such as W-2611.")
        parser.add_argument("--json", action="store_true", help="Everything, for programs.")

    def handle(self, *_: Any, **options: Any) -> None:
        code = options["window"].upper()
        window = ReleaseWindow.objects.prefetch_related("cutoffs").filter(code=code).first()
        if window is None:
            raise CommandError(f"There is no window {code}.")
        try:
            plan = plan_window(window)
        except Unplannable as refused:
            raise CommandError(
                "\n".join(f"{each.text} {each.fix}" for each in refused.obstacles)
            ) from None
        if options["json"]:
            self.stdout.write(json.dumps(as_dict(window, plan), indent=2))
        else:
            self.stdout.writelines(f"{line}\n" for line in report(window, plan))


def as_dict(window: ReleaseWindow, plan: Plan) -> dict[str, Any]:
    """The plan as plain JSON: minutes after opening, and moments with their offset."""
    at = _Wall(window).iso
    bottleneck = plan.bottleneck
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
        "bottleneck": bottleneck
        and {"resource": bottleneck[0], "margin_gained_minutes": bottleneck[1]},
        "steps": [
            {
                "label": slot.work.label,
                "package": slot.work.package,
                "starts_at": at(slot.start),
                "ends_at": at(slot.end),
                "minutes": slot.work.minutes,
                "needs": dict(slot.work.needs),
                "slack_minutes": slot.slack,
            }
            for slot in plan.slots
        ],
    }


def report(window: ReleaseWindow, plan: Plan) -> Iterator[str]:
    """The same for people: what matters first, then the steps in the order of the night."""
    at = _Wall(window).clock
    bound = plan.makespan - plan.schedule.bound
    yield f"{window.code} {window.name}, opens {at(0)}, cut-off {at(plan.night.cutoff)}"
    yield (
        f"Ends {at(plan.makespan)}, {plan.makespan} minutes: "
        + ("no plan is shorter." if not bound else f"at most {bound} minutes above the shortest.")
    )
    yield f"Evidence for go/no-go is complete {at(plan.go_ready)}."
    if plan.commit is not None:
        yield f"Committed from {at(plan.commit)} on."
    if plan.no_return == NEVER:
        yield "There is no time at which a backout still ends before the cut-off."
    else:
        yield (
            f"Point of no return {at(plan.no_return)}: undoing everything takes "
            f"{plan.backout.whole} minutes; margin {plan.margin} minutes."
        )
    yield f"Used {plan.utilisation:.0%} ({plan.band})."
    for fit in plan.fits.values():
        yield f"{fit.code}: " + (fit.text if fit.holds else f"misses by {fit.short} minutes.")
    if plan.bottleneck is not None:
        yield what_one_more_gains(*plan.bottleneck)
    yield ""
    for slot in plan.slots:
        mark = "*" if slot.is_critical else " "
        needs = ", ".join(sorted(slot.work.needs))
        yield f"{at(slot.start)}-{at(slot.end)} {mark} {slot.work.label:<6} {needs}"


def what_one_more_gains(resource: str, minutes: int) -> str:
    """`minutes` of margin; none where one more only ends the plan sooner."""
    if minutes:
        return f"One more of {resource} would gain {minutes} minutes of margin."
    return f"One more of {resource} would end the plan sooner; the margin stays as it is."


class _Wall:
    """Minutes after opening as people of the window read them."""

    def __init__(self, window: ReleaseWindow) -> None:
        self._opens_at = window.opens_at
        self._zone = ZoneInfo(window.zone)

    def iso(self, minute: int) -> str:
        moment = (self._opens_at + timedelta(minutes=minute)).astimezone(self._zone)
        return moment.isoformat(timespec="minutes")

    def clock(self, minute: int) -> str:
        return f"{(self._opens_at + timedelta(minutes=minute)).astimezone(self._zone):%H:%M}"
