from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import Refused
from apps.evidence.services.sealing.alarms import SealAlarm
from apps.evidence.services.sealing.keep import Keep
from apps.evidence.services.sealing.keys import create_key


class Command(BaseCommand):
    help = (
        "Begin the log of an installation: makes the sealer's folder with its first key, and "
        "prints the verifier key for the auditors. Does nothing where there is one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name",
            metavar="NAME",
            help="What the log is called, as evidence.bank.example.",
        )

    def handle(self, *_: Any, name: str, **__: Any) -> None:
        try:
            self.stdout.write(str(create_key(name=name, keep=Keep())))
        except (Refused, SealAlarm) as error:
            raise CommandError(str(error)) from None
