"""Room in windows over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.releases.models import ReleasePackage
from tests.releases.worlds import NOTE, OPENS, Night
from tests.windows.worlds import window_in

pytestmark = pytest.mark.django_db
LATER = OPENS + timedelta(days=14)


def later(night: Night) -> Any:
    cutoff = {"kind": "batch_start", "label": "X", "at": LATER + timedelta(hours=6)}
    return window_in("open", night.planners, code="W-2612", opens_at=LATER,
                     closes_at=LATER + timedelta(hours=8), cutoffs=[cutoff])  # fmt: skip


def test_the_ledger_and_a_reservation(night: Night, call_as: Any) -> None:
    client, address = call_as(night.coordinator), f"/api/v1/windows/{night.window.pk}"
    draft = night.draft()
    with night.before():
        made = client.post(
            f"{address}/moves/reserve/", {"about": draft.code, "hours": 48, "comment": NOTE},
            format="json",
        )  # fmt: skip
        assert made.status_code == 200, made.json()
        told = client.get(f"{address}/ledger/").json()
    by_unit = {row["unit"]: row for row in told["units"]}
    assert by_unit["packages"]["reserved"] == 1
    assert by_unit["packages"]["word"] == "free"
    assert by_unit["minutes"]["is_hard"] is False
    assert [held["about"] for held in told["reservations"]] == [draft.code]


def test_the_finder_for_a_package_and_for_a_load(night: Night, call_as: Any) -> None:
    found, target, client = night.planned(), later(night), call_as(night.coordinator)
    with night.before():
        (slot,) = client.get(f"/api/v1/packages/{found.pk}/slots/").json()
        assert (slot["window"]["code"], slot["fits"]) == (target.code, True)
        free = client.get("/api/v1/windows/slots/", {"points": "500", "application": "CARD"})
        assert {b["code"] for slot in free.json() for b in slot["blockers"]} == {"no_capacity"}
        assert client.get("/api/v1/windows/slots/", {"days": "9999"}).status_code == 400


def test_a_package_and_a_window_are_moved_by_digest(night: Night, call_as: Any) -> None:
    found, target, client = night.planned(), later(night), call_as(night.coordinator)
    address = f"/api/v1/packages/{found.pk}/reschedule/"
    with night.before():
        told = client.get(address, {"window": str(target.pk)}).json()
        assert told["possible"], told
        body = {"window": str(target.pk), "digest": "0" * 64, "comment": NOTE}
        stale = client.post(address, body, format="json")
        assert (stale.status_code, stale.json()["blockers"][0]["code"]) == (409, "preview_stale")
        body["digest"] = told["ripple"]["digest"]
        moved = client.post(address, body, format="json")
        assert moved.json()["window"]["code"] == target.code
        assert ReleasePackage.objects.get(pk=found.pk).window == target
        address = f"/api/v1/windows/{night.window.pk}/reschedule/"
        opens = (LATER + timedelta(days=1)).isoformat()
        told = client.get(address, {"opens_at": opens}).json()
        body = {"opens_at": opens, "digest": told["ripple"]["digest"], "comment": NOTE}
        assert client.post(address, body, format="json").status_code == 200
        assert client.get(address, {"opens_at": "2026-12-05T22:00"}).status_code == 400
