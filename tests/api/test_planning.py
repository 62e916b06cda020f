"""The plan of a window, what would gain time, and simulations, over the interface."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.services.people import edit_team
from tests.factories import SETUP, make_user
from tests.releases.worlds import Night

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(night: Night, call_as: Any) -> Any:
    night.planned()
    return call_as(night.coordinator)


def address(night: Night, tail: str) -> str:
    return f"/api/v1/windows/{night.window.pk}/{tail}/"


def test_the_plan_tells_its_deadlines(client: Any, night: Night) -> None:
    plan = client.get(address(night, "plan")).json()
    assert (plan["window"], plan["is_proven"], plan["shortfalls"]) == (night.window.code, True, [])
    assert [step["label"] for step in plan["steps"]] == ["A1", "A2", "A3"]
    assert all(step["is_critical"] for step in plan["steps"])


def test_what_ifs_are_ranked(client: Any, night: Night) -> None:
    told = client.get(address(night, "what-ifs")).json()
    gains = [each["margin_gained_minutes"] for each in told["what_ifs"]]
    assert told["is_ready"]
    assert gains == sorted(gains, reverse=True)


def test_a_plan_that_is_not_possible_is_refused_with_every_reason(
    client: Any, night: Night
) -> None:
    edit_team(pk=night.ops.pk, actor=SETUP, values={"capacity": 0})
    for tail in ("plan", "what-ifs"):
        answer = client.get(address(night, tail))
        assert answer.status_code == 409
        assert {each["code"] for each in answer.json()["blockers"]} == {"no_plan"}


def test_a_simulation_is_kept_and_repeated(client: Any, night: Night) -> None:
    asked = {"window": str(night.window.pk), "seed": 7, "trials": 100}
    made = client.post("/api/v1/simulations/", asked, format="json")
    assert made.status_code == 201, made.json()
    kept = made.json()
    assert (kept["in_time"], kept["backout_fits"], kept["contributors"]) == (1.0, 1.0, [])
    again = client.get(f"/api/v1/simulations/{kept['id']}/repeat/").json()
    assert (again["is_same"], again["outcome"]["in_time"]) == (True, 100)


def test_who_only_reads_simulates_nothing(night: Night, call_as: Any) -> None:
    night.planned()
    client = call_as(make_user("reader", "viewer"))
    asked = {"window": str(night.window.pk)}
    assert client.post("/api/v1/simulations/", asked, format="json").status_code == 403
