"""The opening balance of how often assets were changed."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from uuid import uuid4

import pytest

from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.inventory.models import Asset
from apps.inventory.services.balances import Balance, take_balances
from tests.changes.worlds import Bank, small_bank
from tests.factories import SETUP, actor
from tests.support import commit_now, once_a_module, refused

pytestmark = pytest.mark.django_db


built = once_a_module(small_bank)


@pytest.fixture
def bank(built: Bank, db: None) -> Bank:
    return deepcopy(built)


def test_a_balance_is_taken_with_one_entry_for_each_asset(bank: Bank) -> None:
    take_balances(
        actor=SETUP, balances={bank.copybook.pk: Balance(9, 3), bank.table.pk: Balance(1)}
    )
    commit_now()
    asset = Asset.objects.get(pk=bank.copybook.pk)
    assert (asset.change_count, asset.bad_outcome_count) == (9, 3)
    assert EvidenceEntry.objects.filter(action="asset.balance_taken").count() == 2


def test_what_cannot_have_been_is_refused(bank: Bank) -> None:
    ahead = clock.now() + timedelta(days=1)
    with refused("invalid", "unknown_asset") as caught:
        take_balances(
            actor=SETUP,
            balances={bank.copybook.pk: Balance(1, 2), uuid4(): Balance(1),
                      bank.table.pk: Balance(1, 0, ahead)},
        )  # fmt: skip
    assert len(caught.value.blockers) == 3  # type: ignore[attr-defined]


def test_who_imports_no_inventory_takes_no_balance(bank: Bank) -> None:
    with refused("role_missing"):
        take_balances(actor=actor(bank.owner), balances={bank.copybook.pk: Balance(1)})
