"""Commands of simple-history that would delete history, or make some up."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError


class Refusing(BaseCommand):
    """Says why it does nothing, whatever options of the original it is called with."""

    help = "Refuses."
    why = ""

    def run_from_argv(self, argv: list[str]) -> NoReturn:
        raise SystemExit(f"{argv[1]}: {self.why}")

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        raise CommandError(self.why)
