from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.portal.demo.logins import demo_logins, demo_password


class Command(BaseCommand):
    help = "Print who may sign in to the demo."

    def handle(self, *_: Any, **__: Any) -> None:
        if not settings.INTERLOCK_DEMO:
            raise CommandError("INTERLOCK_DEMO is off: there are no demo logins.")
        self.stdout.write(f"Demo logins, all with the password: {demo_password()}")
        for username, role, look_at in demo_logins():
            self.stdout.write(f"  {username:<16} {role:<32} {look_at}")
