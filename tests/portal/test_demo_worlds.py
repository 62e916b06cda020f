"""The smaller worlds that journeys begin in."""

from __future__ import annotations

import pytest

from apps.approvals.models import Approval
from apps.inventory.models import Asset, AssetRelation
from tests.scenarios import a_change_ready_to_approve, carddemo_inventory
from tests.support import commit_now

pytestmark = pytest.mark.django_db


def test_the_inventory_of_the_sample_application_is_whole() -> None:
    carddemo_inventory()
    commit_now()
    assert Asset.objects.count() == 539
    assert AssetRelation.objects.count() == 1255


def test_a_change_waits_for_two_signatures() -> None:
    change = a_change_ready_to_approve()
    commit_now()
    waiting = Approval.objects.filter(about=change.subject, state="requested")
    assert change.state == "assessing"
    assert sorted(waiting.values_list("slot", flat=True)) == ["board", "technical_lead:db2"]
