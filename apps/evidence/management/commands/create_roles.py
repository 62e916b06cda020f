from __future__ import annotations

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection
from psycopg import sql

from apps.evidence.domain.roles import CREATE_ROLES, ROLES

_SHORTEST = 16


class Command(BaseCommand):
    help = (
        "Make the roles of the database that the processes log in with: interlock_app for the web, "
        "interlock_worker, interlock_sealer. Run it as the owner of the tables, who may create "
        "roles. What each may do is granted by the migrations."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--login", choices=ROLES, help="Let this role log in; asks for its password."
        )

    def handle(self, *_: Any, login: str | None, **__: Any) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(CREATE_ROLES)
            if login:
                self._let_in(login)
        except ProgrammingError as error:
            raise CommandError(
                f"{str(error).splitlines()[0]}: connect as the owner of the tables, who has "
                "CREATEROLE, or let your database administrator run this."
            ) from None
        self.stdout.write(f"The roles are there: {', '.join(ROLES)}.")

    def _let_in(self, role: str) -> None:
        """The password is hashed here: neither the server nor its log ever sees it."""
        asked = f"Password of {role}: "
        password = getpass(asked) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        if len(password) < _SHORTEST:
            raise CommandError(f"A password has {_SHORTEST} characters or more; nothing was set.")
        connection.ensure_connection()
        hashed = connection.connection.pgconn.encrypt_password(
            password.encode(), role.encode(), b"scram-sha-256"
        )
        set_password = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
        with connection.cursor() as cursor:
            cursor.execute(set_password.format(sql.Identifier(role), sql.Literal(hashed.decode())))
