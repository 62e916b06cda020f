"""The tour of the demo: every line of its story is really there."""

from __future__ import annotations

import pytest

from apps.changes.models import ChangeRequest
from apps.inventory.models import Asset, AssetRelation
from tests.scenarios import northgate
from tests.support import commit_now

pytestmark = pytest.mark.django_db


def test_the_register() -> None:
    northgate()
    commit_now()
    assert Asset.objects.count() == 167
    assert AssetRelation.objects.count() == 296
    assert ChangeRequest.objects.count() == 28
