"""What was known of assets before the portal counted their changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of
from apps.inventory.events import BALANCE_TAKEN
from apps.inventory.models import Asset

#: So far back the counters of an asset reach (domain 5.6).
RECORD_SPAN = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Opening:
    """The last opening balance of an asset: its changes, those that went badly, and when it was
    taken."""

    changes: int
    bad: int
    taken_at: datetime


def openings_of(assets: Iterable[UUID]) -> dict[UUID, Opening]:
    """By asset, as the ledger tells; one query. Assets without a balance are left out."""
    subjects = {f"{Asset.SUBJECT}:{pk}": pk for pk in assets}
    entries = EvidenceEntry.objects.filter(subject__in=subjects, action=BALANCE_TAKEN.code)
    found = {}
    for entry in entries.order_by("id"):
        facts = body_of(entry)["facts"]
        found[subjects[entry.subject]] = Opening(facts["changes"], facts["bad"], entry.at)
    return found
