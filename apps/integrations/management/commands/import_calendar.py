from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.accounts.selectors import actor_for
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.integrations.adapters.calendars import CALENDARS
from apps.integrations.services.calendars import (
    DAY_KINDS,
    Report,
    check_calendar,
    defaults_at,
    import_calendar,
)
from apps.inventory.models import Site
from apps.windows.domain.calendar import STRENGTHS
from apps.windows.domain.series import HORIZON_MOST


class Command(BaseCommand):
    help = "Enter a calendar file: rules, series and windows; all of it, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE")
        parser.add_argument("--format", required=True, choices=[*CALENDARS], dest="format_code")
        parser.add_argument("--site", required=True, metavar="CODE", help="Whose calendar it is.")
        parser.add_argument("--zone", default="", help="Of what the file does not say.")
        parser.add_argument(
            "--days", default="freeze", choices=[code for code, _ in DAY_KINDS],
            help="What whole days are, where the file does not say.",
        )  # fmt: skip
        parser.add_argument("--strength", default="advisory", choices=[*STRENGTHS])
        parser.add_argument("--horizon", type=int, default=28, metavar="DAYS",
                            help="How far ahead series of windows are drafted.")  # fmt: skip
        parser.add_argument(
            "--user", required=True, metavar="NAME", help="In whose name it is entered."
        )
        parser.add_argument(
            "--check", action="store_true",
            help="Tell what entering it would do; fails where a line is wrong.",
        )  # fmt: skip

    def handle(self, *_: Any, **options: Any) -> None:
        if not 1 <= options["horizon"] <= HORIZON_MOST:
            raise CommandError(f"--horizon is 1 to {HORIZON_MOST} days.")
        site = Site.objects.filter(code=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.")
        question: dict[str, Any] = {
            "text": self._text(options["path"]),
            "format_code": options["format_code"],
            "site": site,
            "defaults": defaults_at(
                site, zone=options["zone"], kind=options["days"], strength=options["strength"],
                horizon_days=options["horizon"],
            ),
        }  # fmt: skip
        try:
            enter = check_calendar if options["check"] else import_calendar
            report = enter(actor=self._actor(options["user"]), **question)
        except Refused as refusal:
            for blocker in refusal.blockers:
                self.stderr.write(f"{blocker.text} {blocker.fix}".strip())
            raise CommandError("Nothing was entered.") from None
        self._tell(report, "Would enter" if options["check"] else "Entered")

    def _text(self, path: Path) -> str:
        try:
            return path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise CommandError(f"{path} is no UTF-8 text. Save it as such.") from None

    def _actor(self, username: str) -> Actor:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {username}.")
        return actor_for(user).through("command")

    def _tell(self, report: Report, verb: str) -> None:
        for entry in report.entries:
            self.stdout.write(
                f"{entry.what:<8} {entry.kind:<7} {entry.code} {entry.name} (line {entry.line})"
            )
        for problem in report.problems:
            self.stderr.write(f"Line {problem.line}: {problem.text}")
        if report.problems:
            count = len(report.problems)
            raise CommandError(f"{count:,} line{'s are' if count > 1 else ' is'} wrong.")
        counts = ", ".join(
            f"{report.count(what):,} {what}"
            for what in ("new", "changed", "same", "kept")
            if report.count(what)
        )
        passed = f"; {report.skipped:,} are nothing for the calendar" if report.skipped else ""
        self.stdout.write(self.style.SUCCESS(f"{verb}: {counts or 'nothing'}{passed}."))
