from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.evidence.services.sealing.keep import Keep
from apps.evidence.services.sealing.sealer import Pass, Sealer


class Command(BaseCommand):
    help = (
        "Seal the ledger: place new entries in the tree, sign it, publish the checkpoint. Runs "
        "until it is stopped; once a night it hashes all anew. Needs the role interlock_sealer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="One pass; 1 when it refuses.")
        parser.add_argument(
            "--scrub", action="store_true", help="Hash every sealed entry anew, then end."
        )

    def handle(self, *_: Any, once: bool, scrub: bool, **__: Any) -> None:
        self._stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        keep = Keep()
        sealer = Sealer(keep)
        if once or scrub:
            self._tell(sealer.scrub() if scrub else sealer.one_pass())
            return
        while not self._stop.is_set():
            if not self._pass(sealer, keep):
                # What comes back may be another database: nothing is taken for known.
                sealer = Sealer(keep)
            self._stop.wait(settings.INTERLOCK_SEAL_SECONDS)

    def _pass(self, sealer: Sealer, keep: Keep) -> bool:
        """False when the database is away for a while, which is no reason to die."""
        try:
            sealer.one_pass()
            if _scrub_is_due(keep, timezone.now()):
                sealer.scrub()
        except (DatabaseError, InterfaceError) as error:
            reason = " ".join(str(error).splitlines()[:1])
            self.stderr.write(f"The database refuses or is away: {reason}")
            connections.close_all()
            return False
        return True

    def _tell(self, done: Pass) -> None:
        if done.is_busy:
            self.stdout.write("Another sealer is at work.")
        elif done.alarm:
            raise CommandError(f"{done.alarm} ({done.alarm.code})")
        else:
            self.stdout.write(f"Sealed: {done.size} entries, {done.placed} of them new.")


def _scrub_is_due(keep: Keep, now: datetime) -> bool:
    """The hour of the scrub has come since the last one; a sealer that never scrubbed waits for
    that hour too."""
    hour = settings.INTERLOCK_SEAL_SCRUB_HOUR
    due = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if due > now:
        due -= timedelta(days=1)
    told = keep.scrubbed()
    last = parse_datetime(told["at"]) if told else None
    return now - due < timedelta(hours=1) if last is None else last < due
