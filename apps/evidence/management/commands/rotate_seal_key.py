from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import Refused
from apps.evidence.services.sealing.alarms import SealAlarm
from apps.evidence.services.sealing.keep import Keep
from apps.evidence.services.sealing.keys import add_key, retire_key


class Command(BaseCommand):
    help = (
        "Replace the sealer's key. First --add: the old and the new one sign every checkpoint, and "
        "the ledger tells of the new one. When the auditors have it, --retire the old one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        step = parser.add_mutually_exclusive_group(required=True)
        step.add_argument("--add", action="store_true", help="Make a new key beside the old one.")
        step.add_argument("--retire", action="store_true", help="Let the old key sign no more.")

    def handle(self, *_: Any, add: bool, **__: Any) -> None:
        try:
            key = add_key(Keep()) if add else retire_key(Keep())
        except (Refused, SealAlarm) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{'Signs too' if add else 'Signs no more'}: {key}")
