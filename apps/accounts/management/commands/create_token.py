from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.accounts.services.tokens import create_token
from apps.core.actor import system_actor
from apps.core.errors import Refused


class Command(BaseCommand):
    help = "Make a token for a service account and print it once. People make theirs over the API."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER", help="The service account's user name.")
        parser.add_argument("--days", type=int, default=90, help="Its life, 1 to 366 (90).")
        parser.add_argument("--name", default="command line", help="What it is used for.")

    def handle(self, *_: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']}.")
        if not 1 <= options["days"] <= 366:
            raise CommandError("--days is 1 to 366.")
        try:
            token, text = create_token(
                pk=user.pk,
                actor=system_actor("command line").through("command"),
                name=options["name"],
                lifetime=timedelta(days=options["days"]),
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stderr.write(f"Valid until {token.expiry:%Y-%m-%d %H:%M} UTC; shown this once:")
        self.stdout.write(text)
