from __future__ import annotations

import shutil
import time
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date, parse_datetime

from apps.accounts.models import User
from apps.accounts.selectors import actor_for
from apps.audit.models import EvidencePack
from apps.audit.services.pack_making import make_pack, verifier
from apps.audit.services.packs import ask_for_pack, open_pack
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.evidence.selectors import keys_of_log

#: The field that a refusal names → the option that it came from.
OPTIONS = {
    "release": "--release:", "change": "--change:", "from_at": "--from:", "to_at": "--to:",
    "challenge": "--challenge:", "earlier_size": "--earlier:",
}  # fmt: skip


class Command(BaseCommand):
    help = "Make a pack of evidence, which verify_pack.py checks without the portal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--release", default="", metavar="CODE", help="Such as RP-2610-02.")
        parser.add_argument("--change", default="", metavar="CODE")
        parser.add_argument("--from", default="", dest="from_at", metavar="MOMENT",
                            help="2026-11-01 or 2026-11-01T20:00, in UTC.")  # fmt: skip
        parser.add_argument("--to", default="", dest="to_at", metavar="MOMENT",
                            help="A day counts to its end. Left out: now.")  # fmt: skip
        parser.add_argument("--challenge", default="", metavar="TEXT",
                            help="What the auditor chose, that nobody can guess.")  # fmt: skip
        parser.add_argument("--earlier", type=int, metavar="SIZE",
                            help="Second line of the checkpoint that was kept.")  # fmt: skip
        parser.add_argument("--user", metavar="NAME", help="In whose name it is asked for.")
        parser.add_argument("--out", type=Path, metavar="FILE", help="Where the pack is put.")
        parser.add_argument("--wait", type=int, default=120, metavar="SECONDS",
                            help="How long to wait for the seal.")  # fmt: skip
        parser.add_argument("--verifier", type=Path, metavar="FILE",
                            help="Only put verify_pack.py there, and tell the key.")  # fmt: skip

    def handle(self, *_: Any, **options: Any) -> None:
        if options["verifier"]:
            self._put_verifier(options["verifier"])
            for vkey in keys_of_log():
                self.stdout.write(vkey)
            return
        actor = self._actor(options["user"])
        out: Path | None = options["out"]
        if out is not None and (out.is_dir() or not out.parent.is_dir()):
            raise CommandError(
                f"--out {out} is a folder. Add the name of the file." if out.is_dir()
                else f"--out {out}: there is no folder {out.parent}. Make it, or choose another."
            )  # fmt: skip
        try:
            pack: EvidencePack = ask_for_pack(
                actor=actor,
                release=options["release"],
                change=options["change"],
                from_at=_moment("--from", options["from_at"]),
                to_at=_moment("--to", options["to_at"], ends=True),
                challenge=options["challenge"],
                earlier_size=options["earlier"],
            )
        except Refused as refusal:
            raise self._refused(refusal, "No pack was made.") from None
        self._make(pack, actor, options["wait"])
        try:
            self._hand_over(pack, actor, out or Path(pack.file_name))
        except Refused as refusal:
            raise self._refused(refusal, "The pack was made and not handed out.") from None

    def _refused(self, refusal: Refused, what: str) -> CommandError:
        """Tell every reason under the option that it is about."""
        for blocker in refusal.blockers:
            option = OPTIONS.get(blocker.field, "")
            self.stderr.write(f"{option} {blocker.text} {blocker.fix}".strip())
        return CommandError(what)

    def _put_verifier(self, file: Path) -> None:
        try:
            file.write_bytes(verifier())
        except OSError as error:
            raise CommandError(
                f"--verifier {file} cannot be written: {error.strerror}. Name a file in a folder "
                "that is there."
            ) from None

    def _make(self, pack: EvidencePack, actor: Actor, wait: int) -> None:
        ends = time.monotonic() + wait
        while pack.is_busy:
            make_pack(pk=pack.pk, actor=actor)
            pack.refresh_from_db()
            if pack.is_busy and time.monotonic() >= ends:
                raise CommandError(
                    f"The entry of asking was not sealed within {wait} seconds. Start the sealer "
                    "(manage.py seal); the pack is then made by a worker and waits on its page."
                )
            if pack.is_busy:
                time.sleep(1)
        if pack.state == EvidencePack.State.FAILED:
            raise CommandError(pack.error)

    def _hand_over(self, pack: EvidencePack, actor: Actor, out: Path) -> None:
        try:
            with open_pack(pack=pack, actor=actor) as file, out.open("wb") as copy:
                shutil.copyfileobj(file, copy)
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"{out}: {pack.what}")
        self.stdout.write(f"{pack.entries:,} entries, SHA-256 {pack.sha256}")
        if pack.in_flight:
            self.stdout.write("It is in flight: more entries will follow.")

    def _actor(self, username: str | None) -> Actor:
        user = User.objects.filter(username=username or "").first()
        if user is None:
            raise CommandError(
                f"There is no user {username}." if username
                else "Name with --user in whose name the pack is asked for."
            )  # fmt: skip
        return actor_for(user)


def _moment(option: str, text: str, *, ends: bool = False) -> datetime | None:
    """A day, or a moment, in UTC. `ends`: a day counts to its end."""
    if not text:
        return None
    try:
        day = parse_date(text)
        moment = None if day else parse_datetime(text)
    except ValueError:
        day = moment = None
    found = day or moment
    if found and not clock.is_conceivable(found):
        raise CommandError(f"{option} {text} is of a year in which nothing can have happened.")
    if day is not None:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return start + timedelta(days=1) if ends else start
    if moment is None:
        raise CommandError(f"{option} {text} is no moment. Enter 2026-11-01 or 2026-11-01T20:00.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
