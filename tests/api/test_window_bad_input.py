"""What a window, a series, a step or a plan cannot be is refused with what to do about it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from apps.accounts.services.people import edit_team
from apps.releases.domain.planner.plan import plan
from apps.releases.models import Activity, ActivityType
from apps.releases.services import kept_plan, window_plan
from apps.windows.models import ReleaseWindow
from tests.factories import SETUP
from tests.releases.worlds import OPENS, Night

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def asked(**more: Any) -> dict[str, Any]:
    values = {"code": "W-BAD", "name": "Bad", "site": "AMS", "capacity_changes": 5,
              "capacity_points": "5", "max_parallel_packages": 2,
              "release_manager": "release.manager", "coordinator": "coordinator",
              "opens_at": OPENS + 240 * HOUR, "closes_at": OPENS + 248 * HOUR,
              "cutoffs": [], **more}  # fmt: skip
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in values.items()}


def told(answer: Any) -> dict[str | None, str]:
    """Field → the sentence and its remedy; every refusal has both."""
    blockers = answer.json()["blockers"]
    assert all(each["text"] and each["fix"] for each in blockers), blockers
    return {each.get("field"): f"{each['text']} {each['fix']}" for each in blockers}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"closes_at": OPENS + 230 * HOUR}, "closes_at"),
        ({"closes_at": OPENS + 240 * HOUR}, "closes_at"),
        ({"closes_at": OPENS + 24 * 400 * HOUR}, "closes_at"),
        ({"cutoffs": [{"kind": "batch_start", "label": "LATE",
                       "at": (OPENS + 249 * HOUR).isoformat()}]}, "cutoffs"),
        ({"capacity_changes": -1}, "capacity_changes"),
    ],
)  # fmt: skip
def test_a_window_that_cannot_be_is_refused_at_its_field(
    night: Night, call_as: Any, values: dict[str, Any], field: str
) -> None:
    answer = call_as(night.coordinator).post("/api/v1/windows/", asked(**values), format="json")
    assert answer.status_code == 400
    assert field in told(answer)
    assert not ReleaseWindow.objects.filter(code="W-BAD").exists()


def test_two_windows_of_one_site_at_one_time_are_told_where_the_second_fits(
    night: Night, call_as: Any
) -> None:
    cutoff = {"kind": "batch_start", "label": "X", "at": (OPENS + 5 * HOUR).isoformat()}
    values = asked(opens_at=OPENS + HOUR, closes_at=OPENS + 6 * HOUR, cutoffs=[cutoff])
    made = call_as(night.coordinator).post("/api/v1/windows/", values, format="json")
    assert made.status_code == 201, made.json()
    address = f"/api/v1/windows/{made.json()['id']}/moves/open/"
    answer = call_as(night.manager).post(address)
    assert (answer.status_code, "where it fits" in told(answer)["opens_at"]) == (409, True)


def test_a_series_without_an_end_is_drafted_as_far_as_its_horizon(
    night: Night, call_as: Any
) -> None:
    values = {"code": "DLY", "name": "Daily", "site": "AMS", "recurrence": "FREQ=DAILY",
              "first_day": "2026-12-01", "horizon_days": 100_000, "opens_time": "22:00",
              "closes_time": "06:00", "capacity_changes": 1, "capacity_points": 1,
              "max_parallel_packages": 1}  # fmt: skip
    client = call_as(night.coordinator)
    answer = client.post("/api/v1/window-series/", values, format="json")
    assert answer.status_code == 400 and "horizon_days" in told(answer)
    values["horizon_days"] = 30
    assert client.post("/api/v1/window-series/", values, format="json").status_code == 201


@pytest.mark.parametrize("minutes", [0, -1, 525_600])
def test_a_step_of_no_time_or_of_a_year_is_refused(
    night: Night, call_as: Any, minutes: int
) -> None:
    values = {"window": night.window.code, "label": "W1", "type": "SMOKE_JOB", "title": "Smoke",
              "team": night.ops.code, "duration_minutes": minutes}  # fmt: skip
    answer = call_as(night.coordinator).post("/api/v1/activities/", values, format="json")
    assert answer.status_code == 400 and "duration_minutes" in told(answer)


def test_a_step_that_nobody_owns_is_refused_with_what_to_enter(night: Night, call_as: Any) -> None:
    values = {"window": night.window.code, "label": "W1", "type": "SMOKE_JOB", "title": "Smoke",
              "team": night.ops.code, "duration_minutes": 5}  # fmt: skip
    answer = call_as(night.coordinator).post("/api/v1/activities/", values, format="json")
    assert answer.status_code == 400
    assert "A step is owned by somebody." in told(answer)["owner"]


def test_a_team_of_nobody_and_a_plan_that_never_fits_say_what_is_missing(
    night: Night, call_as: Any
) -> None:
    package = night.draft()
    night.step(package, "A1", "BACKUP_LIB", duration_minutes=1_440)
    night.planned(name="Second")
    address = f"/api/v1/windows/{night.window.pk}/plan/"
    client = call_as(night.coordinator)
    night.step(night.window, "W1", "SMOKE_JOB", duration_minutes=1_440)
    found = client.get(address).json()
    assert found["fits"]["F1"]["short_minutes"] > 1_000
    assert f"needs {found['fits']['F1']['short_minutes']} min more" in found["shortfalls"][0]
    assert found["shed"] == [] or not any(each["fits_again"] for each in found["shed"])
    edit_team(pk=night.ops.pk, actor=SETUP, values={"capacity": 0})
    answer = client.get(address)
    assert answer.status_code == 409
    assert f"Give {night.ops.code} more capacity" in str(answer.json())


def test_five_hundred_steps_and_a_solver_out_of_time_answer_with_the_bound(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = ActivityType.objects.get(code="SMOKE_JOB")
    steps = [
        Activity(label=f"S{n}", title="Step", type=kind, team=night.ops, window=night.window,
                 duration_minutes=1 + n % 7)
        for n in range(500)
    ]  # fmt: skip
    edit_team(pk=night.ops.pk, actor=SETUP, values={"capacity": 7})
    night.ops.refresh_from_db()
    monkeypatch.setattr(window_plan, "_steps", lambda window: steps)
    monkeypatch.setattr(kept_plan, "plan", partial(plan, effort=1e-6))
    client = Client()
    client.force_login(night.coordinator)
    answer = client.get(f"/windows/{night.window.pk}/plan/")
    text = answer.content.decode()
    assert answer.status_code == 200 and "S499" in text
    assert "above the shortest" in text or "no plan is shorter" in text
