"""Tell that a batch runs late, or early: its window's effective cut-off moves with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record
from apps.windows import events
from apps.windows.domain.cutoff import late_cause
from apps.windows.models import Cutoff, ReleaseWindow
from apps.windows.policies import (
    batch_cutoffs,
    expected_blockers,
    reason_blockers,
    report_blockers,
    report_input_blockers,
)
from apps.windows.selectors import windows_with_people

_CAUSE_MAX = 200


@door("window")
def report_batch(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    minutes: int | None = None,
    starts_at: datetime | None = None,
    cutoff: str = "",
) -> ReleaseWindow:
    """The batch starts `minutes` later than planned (earlier where negative), or at `starts_at`.

    `cutoff` is the key of the cut-off at which it begins, where there are several. Minutes always
    count from the plan: telling the same again changes nothing, and 0 takes a report back.
    """
    window = lock(windows_with_people(), pk, expected_seq=expected_seq, parts=True)
    refuse_if_any(
        [
            *report_blockers(actor, window),
            *report_input_blockers(window, cutoff, minutes, starts_at),
            *reason_blockers(comment),
        ]
    )
    batch = next(c for c in batch_cutoffs(window) if cutoff in ("", str(c.pk)))
    expected = starts_at if starts_at is not None else batch.at + timedelta(minutes=minutes or 0)
    refuse_if_any(expected_blockers(window, batch, expected))
    before, was = batch.governed_values(), window.effective_cutoff
    _expect(batch, expected, comment)
    if batch.governed_values() == before:
        return window
    batch.save(update_fields=["expected_at", "cause"])
    window = _reread(window)
    return record(
        window, actor=actor, event=events.BATCH_REPORTED, comment=comment,
        parts=window.part_values(),
        facts={"effective_cutoff": window.effective_cutoff, "was": was,
               "cause": window.cutoff_cause},
    )  # fmt: skip


def _expect(batch: Cutoff, expected: datetime, comment: str) -> None:
    late = expected != batch.at
    batch.expected_at = expected if late else None
    cause = f"{late_cause(batch.at, expected)} ({comment})" if late else ""
    batch.cause = cause if len(cause) <= _CAUSE_MAX else f"{cause[: _CAUSE_MAX - 2]}…)"


def _reread(window: ReleaseWindow) -> ReleaseWindow:
    """Without the parts that were read before."""
    window._prefetched_objects_cache = {}  # type: ignore[attr-defined]
    return window
