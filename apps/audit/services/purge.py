"""Erase what is over its term, in portions that each have their entry."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.db import transaction

from apps.audit.domain import retention as life
from apps.audit.events import PURGED
from apps.audit.models import RetentionClass
from apps.audit.policies.retention import DIGESTS_MOST
from apps.audit.policies.retention_facts import BODY, FILE
from apps.audit.selectors.retention import (
    expired_bodies,
    expired_files,
    held_scopes,
    settled_classes,
)
from apps.core.actor import system_actor
from apps.evidence.services.erasure import erase, sweep_files
from apps.evidence.services.ledger import record_fact


def purge() -> dict[str, int]:
    """Erase the bodies of entries and the files of exhibits that are over their term and under no
    hold. Returns how many digests went, by class."""
    gone = {row.code: _purge_class(row) for row in settled_classes()}
    sweep_files()
    return {code: count for code, count in gone.items() if count}


def _purge_class(row: RetentionClass) -> int:
    count, digests = 0, _over(row)
    while portion := list(islice(digests, DIGESTS_MOST)):
        with transaction.atomic(durable=True):
            entry = record_fact(
                "system",
                actor=system_actor("retention"),
                event=PURGED,
                basis=f"{row.name}: {row.years} years. {row.basis}",
                facts={"class": row.code, "version": row.evidence_seq, "years": row.years},
                erased=[each["digest"] for each in portion],
            )
            erase(entry, portion)
        count += len(portion)
    return count


def _over(row: RetentionClass) -> Iterator[dict[str, str]]:
    """What of the class may go: the holds are those of now, and the database asks again."""
    scopes = held_scopes()
    for leaf, subject, about in expired_bodies(row):
        if not life.is_held(scopes, subject, about):
            yield {"what": str(BODY), "digest": leaf}
    for sha256, shown_in in expired_files(row):
        if not any(life.is_held(scopes, *pair) for pair in shown_in):
            yield {"what": str(FILE), "digest": sha256}
