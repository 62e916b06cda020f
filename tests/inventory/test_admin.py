"""The inventory's pages in the console."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.inventory.models import Asset
from apps.inventory.services.relations import relate_asset
from tests.factories import make_user
from tests.inventory.factories import keeper, make_application, make_asset, make_environment
from tests.inventory.test_versions import install

pytestmark = pytest.mark.django_db

MODELS = ("asset", "application", "businessservice", "subsystem", "sysplex", "systemimage",
          "environment", "site", "batchcycle", "jobschedule", "assettype")  # fmt: skip


def signed_in(*roles: str) -> Client:
    client = Client()
    client.force_login(make_user("looker", *roles))
    return client


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("role", ["viewer", "site_admin"])
def test_every_list_can_be_read_and_searched(model: str, role: str) -> None:
    client = signed_in(role)
    assert client.get(reverse(f"admin:inventory_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:inventory_{model}_changelist"), {"q": "x"}).status_code == 200


@pytest.mark.parametrize("model", MODELS[:-1])
def test_only_keepers_add(model: str) -> None:
    address = reverse(f"admin:inventory_{model}_add")
    assert signed_in("viewer").get(address).status_code == 403
    assert signed_in("site_admin").get(address).status_code == 200


def test_an_asset_shows_its_relations_both_ways_and_its_versions() -> None:
    by = keeper()
    program, copybook = make_asset("CBACT04C", by=by), make_asset("CVACT01Y", "copybook", by=by)
    job = make_asset("INTCALC", "job", by=by)
    relate_asset(pk=program.pk, actor=by, kind="copies", target=copybook.pk)
    relate_asset(pk=job.pk, actor=by, kind="executes", target=program.pk)
    install(asset_id=program.pk, actor=by, environment=make_environment(by=by), level="01.15")
    page = signed_in("viewer").get(reverse("admin:inventory_asset_change", args=[program.pk]))
    text = page.content.decode()
    assert page.status_code == 200
    for told in ("CVACT01Y", "INTCALC", "01.15", "Baseline"):
        assert told in text


def test_the_form_creates_and_edits_through_the_services() -> None:
    client = signed_in("site_admin")
    application = make_application(by=keeper())
    typed = {
        "type": "job", "qualifier": "-", "name": "INTCALC", "description": "", "attributes": "{}",
        "application": str(application.pk), "owner_team": "", "criticality": "tier1",
        "status": "active", "confidence": "100",
    }  # fmt: skip
    bad = client.post(reverse("admin:inventory_asset_add"), {**typed, "name": "NINECHARS"})
    assert bad.status_code == 400
    assert "at most 8" in bad.content.decode()
    assert client.post(reverse("admin:inventory_asset_add"), typed).status_code == 302
    asset = Asset.objects.get(name="INTCALC")
    address = reverse("admin:inventory_asset_change", args=[asset.pk])
    typed |= {"criticality": "tier0", "name": "FORGED", "evidence_seq": "1"}
    assert client.post(address, typed).status_code == 302
    asset.refresh_from_db()
    assert (asset.criticality, asset.name, asset.evidence_seq) == ("tier0", "INTCALC", 2)
    stale = client.post(address, {**typed, "criticality": "tier2", "attributes": '{"a": 1}'})
    assert stale.status_code == 409


def test_the_list_asks_the_same_number_of_queries_for_one_and_for_three() -> None:
    by = keeper()
    client = signed_in("viewer")
    address = reverse("admin:inventory_asset_changelist")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    make_asset("CBACT01C", by=by, application=make_application(by=by))
    client.get(address)
    one = queries()
    for name in ("CBACT02C", "CBACT03C"):
        make_asset(name, by=by, application=make_application(by=by))
    assert queries() == one
