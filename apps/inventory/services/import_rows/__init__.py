"""Import an inventory: all of it, or nothing and every reason.

Rows are staged in temporary tables as they are read and compared with what is known there, so that
memory does not grow with the files. `checks` judges a row alone, `staging` keeps it, `comparing`
finds what is to be done, `telling` puts it into words, `writing` does it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input, refuse_if_any
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record_fact
from apps.inventory.domain.rows import FEED_MAX, ImportReport, Problem, Row
from apps.inventory.events import INVENTORY_IMPORTED
from apps.inventory.policies import import_blockers
from apps.inventory.services.import_rows.checks import Checks
from apps.inventory.services.import_rows.comparing import Comparison
from apps.inventory.services.import_rows.staging import Stage
from apps.inventory.services.import_rows.telling import tell
from apps.inventory.services.import_rows.writing import Writing

#: Two imports at once would both insert the same asset; the second waits for the first.
IMPORT_LOCK = 0x494E56
TOLD_IN_REFUSAL = 100
TOLD_IN_ENTRY = 100
PROGRESS_ROWS = 1_000

Progress = Callable[[str, int], None]


class ImportRefused(Refused):
    """Nothing was imported. `report.problems` has every one, `blockers` the first hundred."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        super().__init__(
            Blocker("bad_row", str(problem), "Correct the file.", "you", "input", problem.field)
            for problem in report.problems[:TOLD_IN_REFUSAL]
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """What is imported: whose words it is, and whether it tells all of them.

    `feed` is the name of the source, the same every time. A complete listing tells every edge of
    its feed; a `partial` one only the edges of the assets that it tells of. `digests` are the
    files' sha256 by name.
    """

    feed: str
    source: str
    digests: Mapping[str, str]
    partial: bool = False


@door("import")
def import_inventory(
    *,
    actor: Actor,
    rows: Iterable[Row | Problem],
    listing: Listing,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring the inventory to what a source tells.

    A reader yields a Problem in the place of a row it could not read. Any fatal problem, of the
    reader or found here, raises ImportRefused with all of them; a dry run returns them instead.
    What a row does not tell stays; edges drawn by hand stay. An edge that its feed does not tell
    any more counts a miss and is stale after INTERLOCK_STALE_AFTER_IMPORTS of them; a listing
    without a single edge says nothing about edges. `progress(what, done)` is called now and then.
    """
    refuse_if_any([*import_blockers(actor), *feed_blockers(listing.feed)])
    watch = progress or _silent
    report = ImportReport(dry_run=dry_run)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])
        stage = Stage(cursor)
        _read(rows, stage, report, watch)
        watch("rows compared", stage.rows)
        now = clock.now()
        comparison = Comparison(cursor, listing.feed, now, settings.INTERLOCK_STALE_AFTER_IMPORTS)
        comparison.compare(partial=listing.partial)
        _tell(report, comparison.problems())
        if report.is_refused:
            report.problems.sort(key=lambda problem: (problem.place.file, problem.place.line))
            if dry_run:
                return report
            raise ImportRefused(report)
        tell(cursor, report, listing.feed)
        if not dry_run:
            Writing(cursor, actor, listing.feed, now, f"Import of {listing.source}", watch).write()
            _record(report, listing, actor)
    return report


def _record(report: ImportReport, listing: Listing, actor: Actor) -> None:
    """One entry about the import, where it changed something."""
    if report.changes:
        record_fact(
            "import",
            actor=actor,
            event=INVENTORY_IMPORTED,
            comment=f"Import of {listing.source}",
            facts={
                "source": listing.source,
                "feed": listing.feed,
                "partial": listing.partial,
                "sha256": dict(listing.digests),
                "counts": report.count,
                "unauthorised": report.lines.get("versions_unauthorised", [])[:TOLD_IN_ENTRY],
            },
        )


def _silent(what: str, done: int) -> None:
    """Progress that nobody watches."""


def feed_blockers(feed: str) -> Iterator[Blocker]:
    if not re.fullmatch(rf"[a-z0-9][a-z0-9._-]{{0,{FEED_MAX - 1}}}", feed):
        yield bad_input(
            "feed",
            f"{feed[:60]!r} is no name of a feed.",
            f"Use up to {FEED_MAX} of a-z, 0-9, '.', '_' and '-', such as ca7-production.",
        )


def _read(
    rows: Iterable[Row | Problem], stage: Stage, report: ImportReport, progress: Progress
) -> None:
    checks = Checks()
    for number, row in enumerate(rows, start=1):
        report.rows = number
        if number % PROGRESS_ROWS == 0:
            progress("rows", number)
        if isinstance(row, Problem):
            _tell(report, (row,))
            continue
        problems = tuple(checks.problems(row))
        _tell(report, problems)
        checks.stage(row, stage, is_good=not problems)
    stage.finish()


def _tell(report: ImportReport, problems: Iterable[Problem]) -> None:
    for problem in problems:
        (report.problems if problem.fatal else report.notices).append(problem)
