from __future__ import annotations

from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.selectors import holders_of
from apps.accounts.services.people import create_user, grant_role
from apps.core.actor import system_actor
from apps.core.errors import Refused


class Command(BaseCommand):
    help = (
        "Make the first site administrator of a new installation, who grants all other roles. "
        "Refuses when there is one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER", help="The new account's user name.")

    def handle(self, *_: Any, **options: Any) -> None:
        known = holders_of(["site_admin"]).first()
        if known is not None:
            raise CommandError(f"There is a site administrator, {known}: ask them for the role.")
        password = getpass("Password (12 characters or more): ")
        if getpass("Again: ") != password:
            raise CommandError("The two passwords differ; nothing was done.")
        actor = system_actor("set-up").through("command")
        try:
            user = create_user(actor=actor, username=options["user"], password=password)
            grant_role(actor=actor, user=user, role="site_admin", comment="First administrator.")
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{user.username} signs in at /admin/ and grants the other roles.")
