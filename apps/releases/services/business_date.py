"""For which business date a step holds the batch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record
from apps.releases import events
from apps.releases.models import Activity
from apps.releases.policies import activity as rules
from apps.releases.services.activity_plan import lock_step
from apps.releases.services.rows import comment_blockers


def day_of(told: str) -> date | None:
    """2026-11-22 as a date; None for anything else."""
    try:
        return date.fromisoformat(told.strip())
    except ValueError:
        return None


def day_blockers(told: str) -> Iterator[Blocker]:
    if day_of(told) is None:
        yield bad_input(
            "business_date",
            f"{told[:40]!r} is no date." if told.strip() else "It does not say the business date.",
            "Enter the date that the scheduler shows, such as 2026-11-22.",
        )


@door("activity")
def tell_business_date(
    *,
    pk: UUID,
    actor: Actor,
    business_date: str,
    expected_seq: int | None = None,
    comment: str = "",
) -> Activity:
    """Say for which business date (2026-11-22) the step holds the batch, also after it was done:
    the last word counts, and gate G20 looks at it."""
    step = lock_step(pk, expected_seq=expected_seq)
    refuse_if_any(
        [
            *rules.tell_date_blockers(actor, step),
            *day_blockers(business_date),
            *comment_blockers(comment),
        ]
    )
    step.business_date = day_of(business_date)
    return record(step, actor=actor, event=events.ACTIVITY_DATE_TOLD, comment=tidy(comment))
