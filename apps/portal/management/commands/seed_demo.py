from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.audit.services.invariants import check_invariants
from apps.core import clock
from apps.core.clock import set_demo_clock
from apps.core.models import DemoClock
from apps.evidence.services.reconciliation import reconcile
from apps.portal.demo.worlds import NIGHT_AT, northgate
from apps.releases.services.alerts import watch_nights


class Command(BaseCommand):
    help = "Fill an empty database with Northgate Card Services, in the middle of a release night."

    def handle(self, *_: Any, **__: Any) -> None:
        if not settings.INTERLOCK_DEMO:
            raise CommandError("INTERLOCK_DEMO is off: the demo is only for trying things out.")
        if DemoClock.objects.exists():
            self.stdout.write("The demo is there already; `make demo` starts it anew.")
            return
        if User.objects.exists():
            raise CommandError(
                "This database holds other data, or a demo that was interrupted while it was "
                "built. Nothing was written; `make demo` starts with an empty one."
            )
        started = time.monotonic()
        northgate(tell=self._tell)
        with clock.at(NIGHT_AT):
            # What a worker does every minute: the night is red from the first look on.
            watch_nights()
        # Last, because it says that the demo is complete.
        set_demo_clock(NIGHT_AT)
        reconcile()
        check_invariants(live=False)
        took = time.monotonic() - started
        self.stdout.write(self.style.SUCCESS(f"Built the demo in {took:.0f} seconds."))

    def _tell(self, done: int, scenes: int) -> None:
        if done % 100 == 0 or done == scenes:
            self.stdout.write(f"… {done} of {scenes} events")
            self.stdout.flush()
