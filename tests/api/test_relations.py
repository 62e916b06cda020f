"""Edges of the inventory through the interface: drawn, refused, removed."""

from __future__ import annotations

from typing import Any

import pytest

from apps.evidence.models import EvidenceEntry
from apps.inventory.models import AssetRelation
from tests.changes.worlds import Bank
from tests.factories import make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/relations/"


def edge(bank: Bank, **more: Any) -> dict[str, Any]:
    return {
        "source": str(bank.table.pk),
        "kind": "refers_to",
        "target": str(bank.copybook.pk),
        **more,
    }


def test_an_edge_is_drawn_and_recorded_on_its_source(bank: Bank, call_as: Any) -> None:
    made = call_as(bank.developer).post(URL, edge(bank), format="json")
    assert made.status_code == 201, made.json()
    assert made.json()["origin"] == "manual"
    assert made.json()["target"]["name"] == "CVACT01Y"
    last = EvidenceEntry.objects.filter(subject=bank.table.subject).latest("seq")
    assert last.action == "asset.related"


def test_the_same_edge_twice_is_refused(bank: Bank, call_as: Any) -> None:
    client = call_as(bank.developer)
    client.post(URL, edge(bank), format="json")
    again = client.post(URL, edge(bank), format="json")
    assert again.status_code == 409
    assert again.json()["blockers"][0]["code"] == "known"


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "eats"), ("target", "7"), ("target", None), ("origin", "scan"), ("key", "\x00")],
)
def test_a_bad_edge_names_the_field(bank: Bank, call_as: Any, field: str, value: Any) -> None:
    answer = call_as(bank.developer).post(URL, edge(bank, **{field: value}), format="json")
    assert answer.status_code == 400
    assert field in {blocker["field"] for blocker in answer.json()["blockers"]}
    assert not AssetRelation.objects.exists()


def test_an_edge_is_removed_with_its_reason(bank: Bank, call_as: Any) -> None:
    client = call_as(bank.developer)
    made = client.post(URL, edge(bank), format="json")
    gone = client.post(f"{made['Location']}remove/", {"comment": "A typing error."}, format="json")
    assert gone.status_code == 204
    assert not AssetRelation.objects.exists()
    last = EvidenceEntry.objects.filter(subject=bank.table.subject).latest("seq")
    assert last.action == "asset.unrelated"


def test_a_reader_draws_nothing(bank: Bank, call_as: Any) -> None:
    answer = call_as(make_user("reader", "viewer")).post(URL, edge(bank), format="json")
    assert answer.status_code == 403
    assert not AssetRelation.objects.exists()
