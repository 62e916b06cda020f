from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.accounts.selectors import actor_for
from apps.core.actor import Actor, system_actor
from apps.core.errors import Refused
from apps.integrations.adapters.formats import READERS
from apps.integrations.services.imports import import_files
from apps.inventory.domain.rows import KINDS, ImportReport
from apps.inventory.services.import_rows import ImportRefused


class Command(BaseCommand):
    help = "Import assets and their relations from files: all of it, or nothing and every reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--format", required=True, choices=sorted(READERS), dest="file_format")
        parser.add_argument("--dry-run", action="store_true", help="Tell what would change.")
        parser.add_argument("--feed", default="", metavar="NAME", help="The same every time.")
        parser.add_argument(
            "--partial",
            action="store_true",
            help="The files tell of some assets only; edges of others are not missed.",
        )
        parser.add_argument("--user", metavar="NAME", help="Import in the name of this user.")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            report = import_files(
                actor=self._actor(options["user"]),
                file_format=options["file_format"],
                paths=options["paths"],
                feed=options["feed"],
                partial=options["partial"],
                dry_run=options["dry_run"],
                progress=self._progress if options["verbosity"] else None,
            )
        except ImportRefused as refusal:
            report = refusal.report
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        for notice in report.notices:
            self.stdout.write(f"note: {notice}")
        for problem in report.problems:
            self.stderr.write(str(problem))
        if report.problems:
            count = len(report.problems)
            raise CommandError(
                f"Nothing was imported: {count:,} problem{'s' if count > 1 else ''}."
            )
        if report.dry_run:
            self._preview(report)
        self.stdout.write(self.style.SUCCESS(self._summary(report)))

    def _preview(self, report: ImportReport) -> None:
        for kind in KINDS:
            for line in report.lines.get(kind.code, ()):
                self.stdout.write(f"{kind.label}: {line}")

    def _actor(self, username: str | None) -> Actor:
        if username is None:
            return system_actor("import").through("command")
        try:
            return actor_for(User.objects.get(username=username, is_active=True))
        except User.DoesNotExist:
            raise CommandError(f"There is no active user {username}.") from None

    def _progress(self, what: str, done: int) -> None:
        self.stdout.write(f"… {done:,} {what}")

    def _summary(self, report: ImportReport) -> str:
        told = "; ".join(
            f"{kind.label.lower()}: {report.count[kind.code]:,}"
            for kind in KINDS
            if report.count[kind.code]
        )
        return f"{'Would import' if report.dry_run else 'Imported'} {told or 'nothing'}."
