"""Count anew how the changes of assets went, so that what is older than two years drops out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.changes.domain import lifecycle as life
from apps.changes.domain.outcomes import COUNTED
from apps.changes.events import WORK_ENDED
from apps.changes.models import ChangeAsset, ChangeRequest
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.inventory.domain.outcomes import Tally
from apps.inventory.models import Asset
from apps.inventory.selectors.balances import RECORD_SPAN, openings_of
from apps.inventory.services.outcomes import set_outcomes

#: Assets that are counted in one transaction.
BATCH = 500


def recount_outcomes() -> int:
    """Set the counters of every asset that has any to what they should be; how many were not.

    An asset counts its last opening balance, which as a whole drops out 730 days after it was
    taken, since nobody knows the days of its changes; and of the changes whose work ended after
    that and within 730 days each once, by how it stands now. Idempotent.
    """
    counted = Asset.objects.filter(Q(change_count__gt=0) | Q(bad_outcome_count__gt=0))
    keys = list(counted.order_by("pk").values_list("pk", flat=True))
    batches = (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
    return sum(map(_recount, batches))


@transaction.atomic
def _recount(keys: Sequence[UUID]) -> int:
    """Who ends a change meanwhile waits for the lock, and adds to what is set here."""
    list(Asset.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    since = clock.now() - RECORD_SPAN
    openings = openings_of(keys)
    tallies = {
        pk: Tally(openings[pk].changes, openings[pk].bad)
        if pk in openings and openings[pk].taken_at > since
        else Tally()
        for pk in keys
    }
    for pk, ended_at, went in _endings(keys):
        if ended_at > max([since, *([openings[pk].taken_at] if pk in openings else [])]):
            tallies[pk] += went
    return set_outcomes(tallies)


def _endings(keys: Sequence[UUID]) -> list[tuple[UUID, datetime, Tally]]:
    """By asset and change: when the work on it ended last, and how that counts. Two queries."""
    lines = ChangeAsset.objects.filter(
        Q(change__state__in=COUNTED) | Q(change__state=life.CLOSED, change__outcome__in=COUNTED),
        asset__in=keys,
    )
    scopes: dict[str, set[UUID]] = defaultdict(set)
    went: dict[str, Tally] = {}
    for pk, change, state, outcome in lines.values_list(
        "asset", "change", "change__state", "change__outcome"
    ):
        subject = f"{ChangeRequest.SUBJECT}:{change}"
        scopes[subject].add(pk)
        went[subject] = COUNTED[outcome or state]
    ended = EvidenceEntry.objects.filter(
        subject__in=scopes, action__in=[event.code for event in WORK_ENDED]
    )
    last = dict(ended.order_by("id").values_list("subject", "at"))
    return [(pk, at, went[subject]) for subject, at in last.items() for pk in scopes[subject]]
