"""How often assets were changed before the portal knew of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input, refuse_if_any
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record_many, remember
from apps.inventory.events import BALANCE_TAKEN
from apps.inventory.models import Asset
from apps.inventory.policies import import_blockers


@dataclass(frozen=True, slots=True)
class Balance:
    """An asset's changes within 730 days, those of them that went badly, and the last of them;
    None leaves what is known of that."""

    changes: int
    bad: int = 0
    last_changed_at: datetime | None = None


@door("asset")
def take_balances(
    *, actor: Actor, balances: Mapping[UUID, Balance], comment: str = ""
) -> Sequence[Asset]:
    """Set the counters of assets to an opening balance, by asset; each is one entry.

    Raises Refused naming every asset that is not there and every count that cannot be.
    """
    assets = list(Asset.objects.select_for_update().filter(pk__in=list(balances)).order_by("pk"))
    refuse_if_any([*import_blockers(actor), *_balance_blockers(balances, assets)])
    for asset in assets:
        remember(asset)
        told = balances[asset.pk]
        asset.change_count, asset.bad_outcome_count = told.changes, told.bad
        asset.last_changed_at = told.last_changed_at or asset.last_changed_at
    facts: dict[Any, dict[str, Any]] = {
        pk: {"changes": b.changes, "bad": b.bad, "last_changed_at": b.last_changed_at}
        for pk, b in balances.items()
    }
    record_many(assets, actor=actor, event=BALANCE_TAKEN, comment=comment, facts=facts)
    return assets


def _balance_blockers(
    balances: Mapping[UUID, Balance], assets: Sequence[Asset]
) -> Sequence[Blocker]:
    names = {asset.pk: asset.name for asset in assets}
    found = [
        bad_input("balances", f"There is no asset {pk}.", "Leave it out.", "unknown_asset")
        for pk in balances.keys() - names.keys()
    ]
    for pk, name in names.items():
        told = balances[pk]
        if not 0 <= told.bad <= told.changes:
            text = f"{name}: {told.bad} of {told.changes} changes cannot have gone badly."
            found.append(bad_input("balances", text))
        if told.last_changed_at is not None and told.last_changed_at > clock.now():
            text = f"{name}: the last change lies ahead."
            found.append(bad_input("balances", text))
    return found
