"""The page of a window's plan, and what can be done there."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.accounts.services.people import edit_team
from apps.releases.models import Simulation
from apps.releases.services import simulation, what_if
from apps.windows.models import ReleaseWindow
from tests.factories import SETUP, make_user
from tests.releases.worlds import Night, small_night

pytestmark = pytest.mark.django_db


@pytest.fixture
def night() -> Night:
    night = small_night()
    night.planned()
    return night


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(night: Night, query: str = "", user: User | None = None, status: int = 200) -> str:
    client = client_of(user or night.coordinator)
    answer = client.get(f"/windows/{night.window.pk}/plan/{query}")
    assert answer.status_code == status
    return answer.content.decode()


def simulate(night: Night, user: User | None = None, **typed: Any) -> Any:
    return client_of(user or night.coordinator).post(
        f"/windows/{night.window.pk}/plan/simulate/", {"seed": 7, "trials": 100, **typed}
    )


def test_everybody_sees_the_plan_with_what_would_gain_time(night: Night) -> None:
    text = page(night, user=make_user("reader", "viewer"))
    for words in ("Point of no return", 'class="g-pnr"', "is-critical", "The cut-off 60 min later",
                  "gains 60 min", "A3 Smoke job"):  # fmt: skip
        assert words in text.replace("</span> ", " ").replace('<span class="il-name">', "")
    assert "<form" in page(night), "who plans may simulate"


def test_what_may_not_be_dropped_is_told_last_with_its_rule(night: Night) -> None:
    first = night.planned(name="First")
    night.planned(name="Second", after=[first])
    text = page(night)
    assert "vetoed" in text
    assert text.index("What gains time") < text.index("What may not be done")


def test_a_plan_that_is_not_possible_says_why_instead_of_an_error(night: Night) -> None:
    edit_team(pk=night.ops.pk, actor=SETUP, values={"capacity": 0})
    assert "There is no plan" in page(night)
    assert f"of {night.ops.code}; there is none" in page(night)
    run_book = client_of(night.coordinator).get(f"/windows/{night.window.pk}/run-book/")
    assert "There is no plan" in run_book.content.decode()


def test_a_window_without_steps_has_an_empty_plan() -> None:
    assert "No step is planned in this window yet." in page(small_night())


def test_a_window_that_is_not_there_is_not_found(night: Night) -> None:
    client = client_of(night.coordinator)
    assert client.get(f"/windows/{night.coordinator.pk}/plan/").status_code == 404


def test_the_run_book_is_a_numbered_list_of_times(night: Night) -> None:
    answer = client_of(night.operator).get(f"/windows/{night.window.pk}/run-book/")
    text = answer.content.decode()
    assert "22:00-22:10" in text
    assert text.index("Backup lib") < text.index("Smoke job")


def test_a_simulation_is_shown_and_repeated(night: Night) -> None:
    assert simulate(night).status_code == 302
    kept = Simulation.objects.get()
    text = page(night)
    assert "100 % in time" in text
    assert "No kind of step has five recorded durations yet" in text
    assert "The same numbers came out." in page(night, f"?repeat={kept.pk}")
    page(night, f"?repeat={night.window.pk}", status=404)


@pytest.mark.parametrize(("typed", "status"), [({"trials": 1}, 400), ({"seed": "x"}, 400)])
def test_what_cannot_be_simulated_is_told_at_its_field(
    night: Night, typed: dict[str, Any], status: int
) -> None:
    answer = simulate(night, **typed)
    assert answer.status_code == status
    assert "il-field-error" in answer.content.decode()


def test_who_plans_no_night_is_told_why_not(night: Night) -> None:
    reader = make_user("reader", "viewer")
    assert "Why you cannot simulate" in page(night, user=reader)
    answer = simulate(night, reader)
    assert (answer.status_code, Simulation.objects.count()) == (403, 0)
    assert "Not simulated" in answer.content.decode()


def test_a_long_simulation_is_followed(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "AT_ONCE", 10)
    assert simulate(night).status_code == 302
    assert "data-progress" in page(night)
    address = f"/windows/{night.window.pk}/plan/progress/"
    assert client_of(night.coordinator).get(address).json()["busy"] is True


def test_what_ifs_of_a_large_plan_come_from_a_worker(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what_if, "AT_ONCE_STEPS", 1)
    assert "A worker reckons these" in page(night)
    what_if.reckon_outlook(str(night.window.pk))
    assert "The cut-off 60 min later" in page(night)


def test_the_page_costs_the_same_for_any_plan(night: Night) -> None:
    def cost() -> int:
        page(night)
        with CaptureQueriesContext(connection) as queries:
            page(night)
        return len(queries)

    one = cost()
    night.planned(name="Second")
    simulate(night)
    simulate(night)
    assert cost() == one


def test_a_window_with_packages_is_moved_by_its_preview_and_not_by_its_form(night: Night) -> None:
    client = client_of(night.coordinator)
    values = {"opens_at": "2026-11-21T23:00:00+01:00"}
    seen = ReleaseWindow.objects.get(pk=night.window.pk).version
    address = f"/api/v1/windows/{night.window.pk}/"
    with night.before():
        answer = client.patch(
            address, values, content_type="application/json", headers={"If-Match": seen}
        )
    (told,) = [each for each in answer.json()["blockers"] if each.get("field") == "opens_at"]
    assert (answer.status_code, told["code"]) == (400, "needs_move")
    assert "Move the window" in told["fix"]
