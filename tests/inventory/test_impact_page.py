"""What an asset hits, on its page and on the page of its own; versions past the release."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.inventory.models import Asset
from apps.portal.demo.stage import moment
from tests.factories import make_user
from tests.inventory.factories import keeper, make_asset, make_environment
from tests.inventory.test_versions import install
from tests.scenarios import NIGHT_AT, northgate

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_user("looker", "viewer"))
    return client


@pytest.fixture
def copybook(db: None) -> Iterator[Asset]:
    northgate(moment("2026-08-05 00:00"))
    with clock.at(NIGHT_AT):
        yield Asset.objects.get(name="CVACT01Y")


def text_of(client: Client, page: str, *of: object, status: int = 200, **query: str) -> str:
    answer = client.get(reverse(f"admin:inventory_{page}", args=of), query)
    assert answer.status_code == status
    return answer.content.decode()


def test_an_asset_tells_which_job_it_hits_first_and_the_time_left(
    client: Client, copybook: Asset
) -> None:
    text = text_of(client, "asset_change", copybook.pk)
    for told in ("What it hits", "POSTTRAN", "4 h 30 min", "05:10",
                 "CVACT01Y ← copied by CBTRN02C ← executed by POSTTRAN"):  # fmt: skip
        assert told in text


def test_its_own_page_shows_all_of_it_at_any_time(client: Client, copybook: Asset) -> None:
    text = text_of(client, "asset_impact", copybook.pk, at="2026-11-22T05:11")
    assert "NDM:STMTPRINT" in text and "by 10:00" in text
    assert "05:55" in text  # POSTTRAN has started: INTCALC is the first one then
    assert 'value="2026-11-22T05:11"' in text


def test_a_time_that_is_none_is_told_beside_what_is_hit_now(
    client: Client, copybook: Asset
) -> None:
    text = text_of(client, "asset_impact", copybook.pk, at="tonight", status=400)
    assert "&#x27;tonight&#x27; is no time." in text
    assert "POSTTRAN" in text


def test_the_page_of_an_impact_only_reads(client: Client) -> None:
    asset = make_asset("ALONE", by=keeper())
    address = reverse("admin:inventory_asset_impact", args=[asset.pk])
    assert client.post(address).status_code == 405
    assert "none" in client.get(address).content.decode()
    assert "What it hits" not in text_of(client, "asset_change", asset.pk)


def test_a_level_without_a_package_is_warned_of_and_listed(client: Client) -> None:
    by = keeper()
    asset, prod = make_asset("CBACT04C", by=by), make_environment(by=by)
    for number, level in enumerate(("01.14", "01.15")):
        install(
            asset_id=asset.pk, actor=by, environment=prod, level=level,
            installed_at=NIGHT_AT.replace(hour=number),
        )  # fmt: skip
    assert "Installed without a package" in text_of(client, "asset_change", asset.pk)
    every = text_of(client, "assetversion_changelist")
    assert "01.14" in every and "01.15" in every
    some = text_of(client, "assetversion_changelist", without_package="1")
    assert "01.14" not in some and "01.15" in some
