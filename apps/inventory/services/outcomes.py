"""Count how the changes of assets went, on top of their opening balance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Greatest

from apps.core import clock
from apps.inventory.models import Asset


@dataclass(frozen=True, slots=True)
class Tally:
    """Changes of an asset, and those of them that went badly."""

    changes: int = 0
    bad: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.changes + other.changes, self.bad + other.bad)

    def __sub__(self, other: Tally) -> Tally:
        return Tally(self.changes - other.changes, self.bad - other.bad)


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
