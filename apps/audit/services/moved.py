"""Compare a report of what moved with what was authorised: all of it, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apps.audit import events
from apps.audit.adapters import READERS
from apps.audit.adapters.lines import Wrong
from apps.audit.domain.moved import UNAUTHORISED, Match, Move, counts_of, matched
from apps.audit.models import AuditFinding, MovedItem, MovedReport
from apps.audit.models.finding import MOVED
from apps.audit.policies import moved as rules
from apps.audit.policies.finding import owner_blockers
from apps.audit.services.authorised import authorised_lines
from apps.audit.services.codes import next_code
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record_created, record_many_created
from apps.evidence.services.register import model_blockers
from apps.releases.services.rows import comment_blockers, fill

CREATABLE_FIELDS = ("file_format", "file_name", "first_on", "last_on", "zone", "owner")
#: How long the owner has to answer for what was not authorised.
ANSWER_WITHIN = timedelta(days=5)


@door("moved_report")
def import_moves(
    *, actor: Actor, values: Mapping[str, Any], text: str, comment: str = ""
) -> MovedReport:
    """Read the report, put every line into its bucket, and open a finding for each move that
    nothing authorised. Raises Refused naming every line that cannot be used."""
    refuse_if_any([*rules.import_blockers(actor), *comment_blockers(comment)])
    report = MovedReport(code=next_code(MovedReport, "MR"), imported_by_id=actor.user_id)
    fill(report, values, CREATABLE_FIELDS)
    report.sha256 = hashlib.sha256(text.encode()).hexdigest()
    report.imported_at = clock.now()
    refuse_if_any(
        [
            *model_blockers(report),
            *owner_blockers(actor, report.owner_id),
            *rules.file_blockers(text, report.sha256),
        ]
    )
    told = list(READERS[report.file_format].read(text, ZoneInfo(report.zone)))
    moves = [row for row in told if isinstance(row, Move)]
    wrongs = list(rules.line_blockers(row for row in told if isinstance(row, Wrong)))
    refuse_if_any(wrongs or rules.move_blockers(report, moves))
    matches = matched(authorised_lines(report.starts_at, report.ends_at), moves)
    report.counts = counts_of(matches)
    record_created(report, actor=actor, event=events.MOVES_IMPORTED, comment=comment)
    items = MovedItem.objects.bulk_create(
        [_item(report, number, match) for number, match in enumerate(matches, start=1)],
        batch_size=1000,
    )
    _open_findings(report, items, actor)
    return report


def _item(report: MovedReport, number: int, match: Match) -> MovedItem:
    item = MovedItem(
        report=report, position=number, bucket=match.bucket, reasons=list(match.reasons)
    )
    if match.line is not None:
        item.change_id, item.package_id = match.line.change, match.line.package
        item.element, item.version = match.line.element, match.line.version
    if match.move is not None:
        move = match.move
        item.line, item.element, item.version = move.line, move.element, move.version
        item.element_type, item.scm_package = move.element_type, move.scm_package
        item.moved_at, item.job, item.user = move.moved_at, move.job, move.user
        item.rc, item.raw = move.rc, move.raw
    return item


def _open_findings(report: MovedReport, items: list[MovedItem], actor: Actor) -> None:
    wanted = [item for item in items if item.bucket == UNAUTHORISED]
    if not wanted:
        return
    first = next_code(AuditFinding, "AF")
    findings = [
        AuditFinding(
            code=f"{first[:5]}{int(first[5:]) + number:03d}",
            report=report,
            control=MOVED,
            about=item.subject,
            about_name=str(item)[:120],
            fact=item.subject,
            what=_what(item),
            owner_id=report.owner_id,
            due_at=clock.now() + ANSWER_WITHIN,
            opened_by_id=actor.id,
        )
        for number, item in enumerate(wanted)
    ]
    record_many_created(findings, actor=actor, event=events.FINDING_OPENED)


def _what(item: MovedItem) -> str:
    assert item.moved_at is not None
    by = f" by {item.user}" if item.user else ""
    job = (
        f" in job {item.job}" if item.job else f" in {item.scm_package}" if item.scm_package else ""
    )
    return f"{item} moved at {item.moved_at:%Y-%m-%d %H:%M %Z}{by}{job}: {' '.join(item.reasons)}"
