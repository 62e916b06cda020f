"""Moves of a night through the interface: their inputs are checked by kind, named each."""

from __future__ import annotations

from typing import Any

import pytest

from apps.releases.models import Activity, ReleasePackage
from apps.windows.models import ReleaseWindow
from tests.releases.worlds import Night

pytestmark = pytest.mark.django_db


def fields_of(answer: Any, status: int) -> set[str]:
    assert answer.status_code == status, answer.json()
    return {blocker.get("field", "") for blocker in answer.json()["blockers"]}


def test_a_package_is_drafted_and_planned(night: Night, call_as: Any) -> None:
    change = night.change()
    client = call_as(night.coordinator)
    sent = {
        "name": "Account layout",
        "window": night.window.code,
        "owner": night.coordinator.username,
        "coordinator": night.coordinator.username,
        "members": [{"change": change.code}],
    }
    made = client.post("/api/v1/packages/", sent)
    assert made.status_code == 201, made.json()
    assert [m["change"]["code"] for m in made.json()["members"]] == [change.code]
    address = made["Location"]
    assert client.get(f"/api/v1/packages/?change={change.code}").json()["results"]

    told = {m["move"]: m for m in client.get(f"{address}moves/").json()}
    answer = client.post(f"{address}moves/plan/", HTTP_IF_MATCH=made["ETag"])
    if told["plan"]["possible"]:
        assert answer.json()["state"] == "planned"
    else:
        assert answer.status_code == 409
        assert answer.json()["blockers"] == told["plan"]["blockers"]


def test_a_window_tells_its_room_and_is_opened(night: Night, call_as: Any) -> None:
    client = call_as(night.coordinator)
    address = f"/api/v1/windows/{night.window.pk}/"
    told = client.get(address).json()
    assert {use["unit"] for use in told["capacity"]} == {"changes", "points", "packages"}
    assert told["cutoffs"][0]["label"] == "CLOSEFIL"
    assert told["effective_cutoff_at"].endswith("Z")
    moves = {m["move"] for m in client.get(f"{address}moves/?all=1").json()}
    assert {"open", "lock_scope", "start", "hand_back", "close"} <= moves


@pytest.mark.parametrize(
    "moment", ["2026-11-21T22:00:00", "2026-11-21", "tomorrow", "2026-02-30T00:00:00Z",
               "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", 7, None, ["x"]]
)  # fmt: skip
def test_a_time_without_zone_or_sense_is_refused(
    night: Night, call_as: Any, moment: object
) -> None:
    client = call_as(night.coordinator)
    address = f"/api/v1/windows/{night.window.pk}/"
    version = ReleaseWindow.objects.get().evidence_seq
    answer = client.patch(address, {"opens_at": moment}, HTTP_IF_MATCH=f'"{version}"')
    assert fields_of(answer, 400) == {"opens_at"}
    step = night.steps(night.drafted())["A1"]
    answer = client.post(f"/api/v1/activities/{step.pk}/moves/start/", {"started_at": moment})
    assert fields_of(answer, 400) == {"started_at"}


@pytest.mark.parametrize("number", ["x", 1.5, 10**12, True, None, [1]])
def test_what_is_no_whole_number_is_refused(night: Night, call_as: Any, number: object) -> None:
    step = night.steps(night.drafted())["A1"]
    url = f"/api/v1/activities/{step.pk}/moves/progress/"
    answer = call_as(night.operator).post(url, {"percent": number})
    assert answer.status_code == 400
    assert fields_of(answer, 400) == {"percent"}


def test_every_wrong_input_of_a_move_is_named_at_once(night: Night, call_as: Any) -> None:
    step = night.steps(night.drafted())["A1"]
    url = f"/api/v1/activities/{step.pk}/moves/fail/"
    answer = call_as(night.operator).post(
        url, {"code": "tiredness", "rc": "high", "percent": 3, "pk": "x"}
    )
    assert fields_of(answer, 400) == {"code", "rc", "percent", "pk"}
    assert Activity.objects.get(pk=step.pk).state == "planned"


def test_a_reference_is_one_of_those_offered(night: Night, call_as: Any) -> None:
    step = night.steps(night.drafted())["A1"]
    url = f"/api/v1/activities/{step.pk}/moves/assign/"
    client = call_as(night.coordinator)
    answer = client.post(url, {"owner": str(night.validator.pk)})
    assert fields_of(answer, 400) == {"owner"}
    answer = client.post(url, {"owner": str(night.stand_in.pk), "version": step.evidence_seq})
    assert answer.status_code == 200, answer.json()
    assert answer.json()["owner"]["username"] == "stand.in"


def test_a_decision_of_the_night_needs_a_step_up(night: Night, call_as: Any) -> None:
    package = night.drafted()
    url = f"/api/v1/packages/{package.pk}/moves/confirm_ready/"
    sent = {"version": package.evidence_seq}
    answer = call_as(night.coordinator).post(url, sent)
    assert answer.status_code == 403
    codes = [b["code"] for b in answer.json()["blockers"]]
    assert codes[0] == "step_up_needed"
    assert len(codes) > 1, "the state of the package is told as well"
    answer = call_as(night.coordinator, fresh=True).post(url, sent)
    assert answer.status_code == 409
    assert ReleasePackage.objects.get().state == "draft"


def test_a_cycle_in_the_plan_is_refused(night: Night, call_as: Any) -> None:
    steps = night.steps(night.drafted())
    answer = call_as(night.coordinator).patch(
        f"/api/v1/activities/{steps['A1'].pk}/",
        {"dependencies": [{"predecessor": str(steps["A3"].pk)}]},
        HTTP_IF_MATCH=f'"{steps["A1"].evidence_seq}"',
    )
    assert answer.status_code in (400, 409), answer.json()
    assert "A1" in answer.json()["detail"]
    assert not steps["A1"].dependencies.exists()
