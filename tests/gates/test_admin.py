"""Readiness in the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.gates.catalogue import GATES
from apps.gates.domain.evaluation import evaluate_all
from apps.gates.models import ReadinessItem
from apps.gates.services.items import store_results
from tests.factories import make_user
from tests.gates.facts import OPENS, spoiled

pytestmark = pytest.mark.django_db
LIST = "/admin/gates/readinessitem/"


@pytest.fixture
def client() -> Client:
    browser = Client()
    browser.force_login(make_user("keeper", "site_admin"))
    return browser


def store(count: int) -> None:
    results = evaluate_all(spoiled(changes=(), attestations={}), GATES)
    for number in range(count):
        store_results(
            subject=f"package:{number}", subject_code=f"RP-{number}", results=results,
            opens_at=OPENS, owners={"package_owner": make_user("owner.card").pk},
        )  # fmt: skip


def test_an_item_is_read_and_never_written(client: Client) -> None:
    store(1)
    item = ReadinessItem.objects.get(gate="G01")
    url = f"{LIST}{item.pk}/change/"
    page = client.get(url).content.decode()
    assert "The package has no change." in page
    assert "Every change is approved" in page
    assert client.post(url, {"state": "met"}).status_code == 403
    assert client.post(f"{LIST}add/", {}).status_code == 403
    item.refresh_from_db()
    assert item.state == "not_met"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_has_a_query_budget(
    client: Client, count: int, django_assert_max_num_queries: Any
) -> None:
    store(count)
    client.get(LIST)
    with django_assert_max_num_queries(8):
        assert client.get(LIST).status_code == 200
