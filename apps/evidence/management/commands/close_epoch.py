from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import Refused
from apps.evidence.services.sealing.alarms import SealAlarm
from apps.evidence.services.sealing.epochs import close_epoch
from apps.evidence.services.sealing.keep import Keep


class Command(BaseCommand):
    help = (
        "Let the log go on after a restore: closes the epoch that the database is behind of, and "
        "opens the next one, whose first leaf tells what was lost, why, and who did this."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, help='One person, as "Anna Visser, operations".')
        parser.add_argument("--and", required=True, dest="other", help="The second person.")
        parser.add_argument("--reason", required=True, help="What was restored, and why.")
        parser.add_argument(
            "--altered",
            action="store_true",
            help="Go on although the database was altered; the log tells from where on.",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            closed = close_epoch(
                persons=(options["by"], options["other"]), reason=options["reason"],
                keep=Keep(), altered=options["altered"],
            )  # fmt: skip
        except (Refused, SealAlarm) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{closed.origin} is open. Up to leaf {closed.common} the database is what was signed; "
            f"{closed.lost} leaves after that are gone. New key for the auditors:\n{closed.vkey}"
        )
