from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.accounts.selectors import actor_for
from apps.core.actor import Actor, system_actor
from apps.core.errors import Refused
from apps.releases.models import Simulation
from apps.releases.services.plan_json import Wall, simulation_as_dict
from apps.releases.services.simulation import repeat, simulate_window
from apps.windows.selectors import windows_with_people


class Command(BaseCommand):
    help = "Simulate the plan of a window with durations as they were, and keep the numbers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("window", nargs="?", help="The code of the window, such as W-2611.")
        parser.add_argument("--seed", type=int, default=1, help="The same gives the same numbers.")
        parser.add_argument("--trials", type=int, default=2_000)
        parser.add_argument("--json", action="store_true", help="Everything, for programs.")
        parser.add_argument("--user", metavar="NAME", help="Simulate in the name of this user.")
        parser.add_argument(
            "--repeat", metavar="ID", help="Reckon a kept simulation again, and compare."
        )

    def handle(self, *_: Any, **options: Any) -> None:
        if options["repeat"]:
            self._repeat(options["repeat"])
            return
        if not options["window"]:
            raise CommandError("Name a window, such as W-2611, or a simulation to --repeat.")
        code = options["window"].upper()
        window = windows_with_people().filter(code=code).first()
        if window is None:
            raise CommandError(f"There is no window {code}.")
        try:
            made = simulate_window(
                actor=self._actor(options["user"]),
                values={"window": window, "seed": options["seed"], "trials": options["trials"]},
                at_once=False,
            )
        except Refused as refusal:
            raise CommandError(
                "\n".join(f"{each.text} {each.fix}".strip() for each in refusal.blockers)
            ) from None
        if options["json"]:
            self.stdout.write(json.dumps(simulation_as_dict(made), indent=2))
        else:
            self.stdout.writelines(f"{line}\n" for line in _report(made))

    def _repeat(self, asked: str) -> None:
        try:
            kept = Simulation.objects.select_related("window").filter(pk=UUID(asked)).first()
        except ValueError:
            kept = None
        if kept is None:
            raise CommandError(f"There is no simulation {asked}.")
        again = repeat(kept)
        if not again.is_same_input:
            raise CommandError("Its inputs are not those that were recorded.")
        if not again.is_same_outcome:
            raise CommandError("Other numbers came out than those that were recorded.")
        self.stdout.write(self.style.SUCCESS("The same numbers came out."))

    def _actor(self, username: str | None) -> Actor:
        if username is None:
            return system_actor("simulation").through("command")
        try:
            return actor_for(User.objects.get(username=username, is_active=True))
        except User.DoesNotExist:
            raise CommandError(f"There is no active user {username}.") from None


def _report(made: Simulation) -> Iterator[str]:
    out, at = made.told, Wall(made.window).clock
    yield f"{made.window.code}, {out.trials:,} nights, seed {made.seed}: {made.pk}"
    yield f"In time: {out.in_time / out.trials:.1%}."
    yield f"A backout after the last check still fits: {out.can_return / out.trials:.1%}."
    yield f"Ends {at(out.p50)} in half of the nights, {at(out.p80)} in 80 %, {at(out.p95)} in 95 %."
    for each in out.contributors:
        yield f"The end hangs on {each.label} ({each.correlation / 1000:.2f})."
    for name, history in made.rests_on.histories:
        told = "as they were" if history.is_used else "as planned: fewer than five"
        yield f"{name}: {history.count} recorded, {told}"
