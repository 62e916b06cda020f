"""Readiness, waivers and the forecast over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from apps.gates.models import ReadinessItem, Waiver
from apps.notifications.models import Message
from tests.api.worlds import MAKERS
from tests.releases.worlds import Night

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def waiver(night: Night) -> Waiver:
    MAKERS["waivers"](night, 1)
    return Waiver.objects.get()


def test_a_waiver_is_read_by_its_package_and_decided_with_its_version(
    night: Night, waiver: Waiver, call_as: Any
) -> None:
    manager = call_as(night.manager, fresh=True)
    (row,) = manager.get(f"{API}/waivers/?about={waiver.about}").json()["results"]
    assert (row["gate"], row["state"], row["level"]) == ("G09", "requested", "hard")
    assert row["covers"] and row["until"] == row["valid_until"]
    done = manager.post(
        f"{API}/waivers/{waiver.pk}/moves/approve/", {"comment": "Agreed."},
        HTTP_IF_MATCH=waiver.version,
    )  # fmt: skip
    assert done.status_code == 200, done.json()
    assert done.json()["state"] == "approved"
    items = manager.get(f"{API}/readiness/?gate=G09&state=waived").json()["results"]
    assert [item["waiver"] for item in items] == [str(waiver.pk)]


def test_one_call_reminds_the_owner_and_a_second_one_is_refused(
    night: Night, waiver: Waiver, call_as: Any
) -> None:
    item = ReadinessItem.objects.get(gate="G09")
    coordinator = call_as(night.coordinator)
    address = f"{API}/readiness/{item.pk}/remind/"
    first = coordinator.post(address, {"comment": "The desk asks."})
    again = coordinator.post(address, {})
    assert first.status_code == 200 and len(first.json()["told"]) == 1, first.json()
    assert (again.status_code, again.json()["blockers"][0]["code"]) == (409, "chased_already")
    assert Message.objects.filter(kind="readiness").count() == 1


def test_the_forecast_tells_what_it_rests_on(night: Night, waiver: Waiver, call_as: Any) -> None:
    address = f"{API}/windows/{night.window.pk}/readiness-forecast/"
    told = call_as(night.coordinator).get(address).json()
    assert (told["packages"], told["ready_now"]) == (1, 0)
    assert told["sentence"].startswith(("At this pace", "The package is not ready yet"))
