"""Impact, versions and timetables through the interface."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.core import clock
from apps.inventory.models import Asset, AssetVersion
from apps.portal.demo.stage import moment
from tests.inventory.factories import keeper, make_asset
from tests.scenarios import NIGHT_AT, northgate

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db: None) -> Iterator[APIClient]:
    northgate(moment("2026-08-05 00:00"))
    client = APIClient()
    client.force_authenticate(User.objects.get(username="site.admin"))
    with clock.at(NIGHT_AT):
        yield client


def impact(client: APIClient, name: str, **query: object) -> Any:
    return client.get(f"/api/v1/assets/{Asset.objects.get(name=name).pk}/impact/", query)


def test_the_impact_is_told_with_the_first_job(client: APIClient) -> None:
    told = impact(client, "CVACT01Y").json()
    assert told["first_job"]["name"] == "POSTTRAN"
    assert told["time_left_minutes"] == 270
    assert len(told["recompiles"]) == 13
    assert told["unplanned"] == ["READACCT"]


def test_at_another_moment_and_not_so_far(client: APIClient) -> None:
    told = impact(client, "CVACT01Y", at="2026-11-22T05:11:00+01:00", horizon=1).json()
    assert [job["name"] for job in told["jobs"]] == ["INTCALC"]


@pytest.mark.parametrize(
    "query",
    [{"at": "00:40"}, {"at": "2026-11-22T00:40"}, {"horizon": 0}, {"horizon": 10**6}, {"x": "y"}],
)
def test_a_bad_question_names_its_field(client: APIClient, query: dict[str, Any]) -> None:
    answer = impact(client, "CVACT01Y", **query)
    assert answer.status_code == 400
    assert {blocker["field"] for blocker in answer.json()["blockers"]} == set(query)


def test_versions_of_an_asset_and_of_all(client: APIClient) -> None:
    asset = Asset.objects.get(name="CBTRN02C")
    own = client.get(f"/api/v1/assets/{asset.pk}/versions/").json()["results"]
    assert [version["asset"]["name"] for version in own] == ["CBTRN02C"]
    prod = client.get("/api/v1/versions/", {"environment": "PROD", "asset": str(asset.pk)}).json()
    assert prod["results"] == own
    assert client.get("/api/v1/versions/", {"unauthorised": "true"}).json()["results"] == []
    every = client.get("/api/v1/versions/", {"unauthorised": "false", "page_size": 100}).json()
    assert len(every["results"]) == AssetVersion.objects.count()


def test_a_timetable_is_entered_and_edited(client: APIClient) -> None:
    job = make_asset("NEWJOB", "job", by=keeper())
    entered = {
        "job": str(job.pk), "cycle": "CTM:DAILY-CARD-CYCLE", "start_time": "05:15",
        "days": "MO,FR", "elapsed_minutes": 12,
    }  # fmt: skip
    made = client.post("/api/v1/job-schedules/", entered, format="json")
    assert made.status_code == 201, made.json()
    bad = client.patch(made["Location"], {"days": "Monday"}, HTTP_IF_MATCH='"1"', format="json")
    assert bad.status_code == 400 and bad.json()["blockers"][0]["field"] == "days"
    edited = client.patch(made["Location"], {"days": ""}, HTTP_IF_MATCH='"1"', format="json")
    assert (edited.json()["days"], edited.json()["version"]) == ("", 2)
