"""What stands against a report of what moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.audit.adapters.lines import Wrong
from apps.audit.domain.moved import Move
from apps.audit.models import MovedReport
from apps.audit.policies.auditor import auditor_blockers
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input

#: Bytes and moves of one report.
BYTES_MOST = 5_000_000
MOVES_MOST = 20_000
#: Lines that are named of a report that cannot be used.
WRONGS_TOLD = 50


def import_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from auditor_blockers(actor)


def file_blockers(text: str, sha256: str) -> Iterator[Blocker]:
    if not text.strip():
        yield bad_input("text", "The file is empty.", "Choose the report.", "empty")
    if len(text.encode()) > BYTES_MOST:
        yield bad_input("text", f"The file has more than {BYTES_MOST // 1_000_000} MB.",
                        "Split it by days.", "too_long")  # fmt: skip
    if "\0" in text:
        yield bad_input("text", "The file holds a NUL character.", "Transfer it as text.")
    known = MovedReport.objects.filter(sha256=sha256).first()
    if known is not None:
        yield bad_input("text", f"This very file was imported as {known.code}.",
                        "Look at that report.", "duplicate")  # fmt: skip


def line_blockers(wrongs: Iterable[Wrong]) -> Iterator[Blocker]:
    """Every line that cannot be used, as far as a person reads them."""
    told = list(wrongs)
    for wrong in told[:WRONGS_TOLD]:
        yield bad_input("text", str(wrong), "Mend the line, or leave it out of the file.", "line")
    if len(told) > WRONGS_TOLD:
        yield bad_input("text", f"{len(told) - WRONGS_TOLD} more lines cannot be used.",
                        "Mend those named first.", "line")  # fmt: skip


def move_blockers(report: MovedReport, moves: list[Move]) -> Iterator[Blocker]:
    if not moves:
        yield bad_input("text", "The report tells of no move.",
                        "Check its format and its period.", "no_moves")  # fmt: skip
    if len(moves) > MOVES_MOST:
        yield bad_input("text", f"The report tells of {len(moves):,} moves; {MOVES_MOST:,} fit.",
                        "Split it by days.", "too_many")  # fmt: skip
    early, late = report.starts_at, report.ends_at
    outside = [move for move in moves if not early <= move.moved_at < late]
    yield from line_blockers(
        Wrong(
            move.line, f"{move.element} moved {move.moved_at:%Y-%m-%d %H:%M}, outside the period."
        )
        for move in outside
    )
