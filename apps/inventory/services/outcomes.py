"""Count how the changes of assets went, on top of their opening balance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Greatest

from apps.core import clock
from apps.evidence.services.ledger import keep_derived
from apps.inventory.domain.outcomes import Tally
from apps.inventory.models import Asset


def count_outcomes(tallies: Mapping[UUID, Tally]) -> None:
    """Inner: add to the counters of each asset; less than nothing takes back what was counted.

    The counters are derived: the entry that tells the outcome is that of the change. Locks the
    assets in the order of their keys. No counter falls below zero: a balance may have been taken
    over meanwhile.
    """
    wanted = {pk: tally for pk, tally in tallies.items() if tally != Tally()}
    locked = Asset.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    alike: dict[Tally, list[UUID]] = defaultdict(list)
    for pk in locked.values_list("pk", flat=True):
        alike[wanted[pk]].append(pk)
    for tally, keys in alike.items():
        changed = {"last_changed_at": Greatest("last_changed_at", Value(clock.now()))}
        Asset.objects.filter(pk__in=keys).update(
            change_count=Greatest(F("change_count") + tally.changes, 0),
            bad_outcome_count=Greatest(F("bad_outcome_count") + tally.bad, 0),
            **(changed if tally.changes > 0 else {}),
        )


def set_outcomes(tallies: Mapping[UUID, Tally]) -> int:
    """Inner: set the counters of locked assets; how many had others."""
    known = Asset.objects.filter(pk__in=tallies).in_bulk()
    wrong = []
    for pk, asset in known.items():
        right = tallies[pk]
        if (asset.change_count, asset.bad_outcome_count) != (right.changes, right.bad):
            asset.change_count, asset.bad_outcome_count = right.changes, right.bad
            wrong.append(asset)
    keep_derived(wrong)
    return len(wrong)
