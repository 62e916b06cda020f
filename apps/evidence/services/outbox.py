"""Hand what happened to its consumers, each entry once.

The row of the outbox is deleted in the transaction of the effect: a relay that dies leaves both
undone, and two relays pass each other's locked rows by.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from apps.evidence.models import EvidenceEntry, EvidenceOutbox

Handler = Callable[[EvidenceEntry], None]

#: An entry whose effect failed this often is kept, and not tried again.
ATTEMPTS = 5
_ERROR_MAX = 2_000

logger = logging.getLogger(__name__)


def relay_all() -> int:
    """Relay what waits for every consumer of the settings; returns how many effects happened."""
    return sum(
        relay(consumer["name"], import_string(consumer["handler"]))
        for consumer in settings.EVIDENCE_CONSUMERS
    )


def relay(consumer: str, handle: Handler, batch: int = 100) -> int:
    """Call `handle(entry)` for up to `batch` entries that wait for `consumer`, oldest first.

    Each in a transaction of its own, so `handle` calls no door; it may be called again for an
    entry only when nothing of its effect was kept. An exception undoes the effect, is noted and
    counted; the next entry goes on. Returns how many effects happened.
    """
    done, last = 0, 0
    for _ in range(batch):
        with transaction.atomic(durable=True):
            row = (
                EvidenceOutbox.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("entry")
                .filter(consumer=consumer, attempts__lt=ATTEMPTS, pk__gt=last)
                .order_by("pk")
                .first()
            )
            if row is None:
                break
            last = row.pk
            done += _handled(row, handle)
    return done


def _handled(row: EvidenceOutbox, handle: Handler) -> bool:
    try:
        with transaction.atomic():
            handle(row.entry)
            _check_as_at_commit()
    except Exception as error:
        row.attempts += 1
        row.last_error = f"{type(error).__name__}: {error}"[:_ERROR_MAX]
        row.save(update_fields=["attempts", "last_error"])
        logger.log(
            logging.ERROR if row.attempts >= ATTEMPTS else logging.WARNING,
            "Outbox entry %s of %s failed (%s of %s)",
            row.entry_id, row.consumer, row.attempts, ATTEMPTS, exc_info=error,
        )  # fmt: skip
        return False
    row.delete()
    return True


def _check_as_at_commit() -> None:
    """Let a deferred guard fail here, where it counts as this entry's failure."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
