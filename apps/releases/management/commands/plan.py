from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.releases.domain.planner.plan import NEVER, Plan, Unplannable
from apps.releases.domain.planner.shed import Shed, shed_list
from apps.releases.domain.planner.what_if import WhatIf
from apps.releases.services.plan_json import Wall, as_dict, as_row
from apps.releases.services.what_if import Outlook, what_ifs_of
from apps.releases.services.window_plan import Planning, planning_of, run_book
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import windows_with_people


class Command(BaseCommand):
    help = "Plan a window: the shortest plan, the decision, and the point of no return."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("window", help="The code of the window, such as W-2611.")
        parser.add_argument("--json", action="store_true", help="Everything, for programs.")
        parser.add_argument(
            "--what-if", action="store_true", help="Tell what would gain time, the best first."
        )
        parser.add_argument(
            "--run-book", action="store_true", help="The steps as a numbered list to print."
        )

    def handle(self, *_: Any, **options: Any) -> None:
        code = options["window"].upper()
        window = windows_with_people().filter(code=code).first()
        if window is None:
            raise CommandError(f"There is no window {code}.")
        planning = planning_of(window)
        try:
            plan = planning.plan
        except Unplannable as refused:
            raise CommandError(
                "\n".join(f"{each.text} {each.fix}" for each in refused.obstacles)
            ) from None
        found = what_ifs_of(planning, plan) if options["what_if"] else None
        if options["json"]:
            outlook = Outlook(found or (), plan.bottleneck, plan.shortfalls)
            told = as_dict(window, plan, outlook)
            if found is None:
                told["shed"] = None  # it is told of what-ifs, which nobody asked for
            else:
                told["what_ifs"] = [as_row(window, each) for each in found]
            self.stdout.write(json.dumps(told, indent=2))
            return
        lines = in_print(planning, plan) if options["run_book"] else report(window, plan)
        self.stdout.writelines(f"{line}\n" for line in lines)
        if found is not None:
            told_too = ("", *told_of(window, found), *told_of_shed(shed_list(plan, found)))
            self.stdout.writelines(f"{line}\n" for line in told_too)


def told_of(window: ReleaseWindow, found: Iterable[WhatIf]) -> Iterator[str]:
    """What-ifs for people: the gain first, below those that are vetoed the rules."""
    at = Wall(window).clock
    yield "What would gain margin:"
    for each in found:
        mark = "vetoed" if each.vetoes else f"{each.gain:+d} min"
        back = "never" if each.no_return == NEVER else at(each.no_return)
        yield f"{mark:>8}  {each.text} (go/no-go {at(each.go_ready)}, no return {back})"
        for veto in each.vetoes:
            yield f"{'':>8}  {veto}"


def told_of_shed(shed: Iterable[Shed]) -> Iterator[str]:
    """What could go so that the plan fits again; nothing where it fits."""
    for number, each in enumerate(shed):
        if not number:
            yield ""
            yield "What could go so that the plan fits again:"
        mark = "vetoed" if each.what_if.vetoes else "fits" if each.fits_again else "not enough"
        yield f"{mark:>10}  {each.what_if.text}"


def in_print(planning: Planning, plan: Plan) -> Iterator[str]:
    """The run-book: numbered, hh:mm, who does what."""
    at = Wall(planning.window).clock
    yield f"Run-book {planning.window.code} {planning.window.name}"
    yield ""
    for line in run_book(planning, plan):
        step, slot = line.step, line.slot
        yield (
            f"{line.number:>3}. {at(slot.start)}-{at(slot.end)} {step.label} {step.title}, "
            f"{step.team.code}, {step.owner or 'nobody named'}"
        )


def report(window: ReleaseWindow, plan: Plan) -> Iterator[str]:
    """The same for people: what matters first, then the steps in the order of the night."""
    at = Wall(window).clock
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
    yield from plan.shortfalls
    if plan.bottleneck is not None:
        yield what_one_more_gains(*plan.bottleneck)
    yield ""
    for slot in plan.slots:
        mark = "*" if slot.work.key in plan.chain else " "
        needs = ", ".join(sorted(slot.work.needs))
        yield f"{at(slot.start)}-{at(slot.end)} {mark} {slot.work.label:<6} {needs}"


def what_one_more_gains(resource: str, minutes: int) -> str:
    """`minutes` of margin; none where one more only ends the plan sooner."""
    if minutes:
        return f"One more of {resource} would gain {minutes} minutes of margin."
    return f"One more of {resource} would end the plan sooner; the margin stays as it is."
