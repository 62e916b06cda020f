"""After the night, over HTTP: release notes, outcomes, and how other systems are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.releases.worlds import Night

pytestmark = pytest.mark.django_db


def test_notes_outcomes_and_systems_are_read(night: Night, call_as: Any) -> None:
    package = night.drafted()
    client = call_as(night.bank.manager)
    for address in (f"packages/{package.pk}", f"windows/{night.window.pk}"):
        notes = client.get(f"/api/v1/{address}/release-notes/").json()
        assert notes["title"].startswith("Release notes") and notes["markdown"].startswith("# ")
    assert client.get("/api/v1/outcomes/").json() == []
    assert client.get("/api/v1/outcomes/?first_day=soon").status_code == 400
    for name, day in (("first_day", "0001-01-01"), ("last_day", "9999-12-31")):
        wrong = client.get(f"/api/v1/outcomes/?{name}={day}")
        assert wrong.status_code == 400 and wrong.json()["blockers"][0]["field"] == name
    (system,) = client.get("/api/v1/systems/").json()
    assert (system["code"], system["state"], system["watched"]) == ("zosmf", "off", 0)
