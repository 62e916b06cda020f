"""The page and the interface of time travel."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIClient

from apps.core import clock
from tests.audit.past import AFTER, EDITED, PLANNED, RUN, Past, a_package_with_a_past

pytestmark = pytest.mark.django_db


def answered(client: Client, url: str, status: int = 200) -> str:
    with clock.at(AFTER):
        response = client.get(url)
    assert response.status_code == status, response.content[:400]
    return response.content.decode()


def client_of(past: Past) -> Client:
    client = Client()
    client.force_login(past.auditor)
    return client


def test_the_page_tells_the_difference_first_then_all_of_it() -> None:
    past = a_package_with_a_past()
    client = client_of(past)
    url = f"/travel/package/{past.package.pk}/"

    text = answered(client, url)
    for words in ("Confirmed ready", "Backup lib", "Before", "as of", "Europe/Amsterdam time",
                  "No gate was asked anew"):  # fmt: skip
        assert words in text, words
    assert text.index("changed</h2>") < text.index("as of")

    planned = answered(client, f"{url}?from={PLANNED.isoformat().replace('+', '%2B')}")
    assert "Minutes" in planned and "25" in planned and "<del>10" in planned
    same = answered(client, f"{url}?from={EDITED.isoformat()}&to={EDITED.isoformat()}")
    assert "Nothing changed" in same
    wrong = answered(client, f"{url}?from=2099-01-01T00:00&to=nonsense", 400)
    assert "is still to come" in wrong and "is no moment" in wrong
    for year in ("0001-01-01T00:00", "9999-12-31T23:59"):
        assert "is no moment" in answered(client, f"{url}?from={year}", 400)
    assert "2099-01-01T00:00" in wrong
    window = answered(client, f"/travel/window/{past.package.window_id}/?from={PLANNED:%FT%T}Z")
    assert past.package.code in window
    answered(client, f"/travel/asset/{past.package.pk}/", 404)
    record = answered(client, f"/admin/releases/releasepackage/{past.package.pk}/change/")
    assert f'href="{url}"' in record


def test_the_interface_tells_the_same() -> None:
    past = a_package_with_a_past()
    client = APIClient()
    client.force_login(past.auditor)
    base = f"/api/v1/packages/{past.package.pk}"

    def asked(path: str, status: int = 200, **query: str) -> dict:  # type: ignore[type-arg]
        with clock.at(AFTER):
            response = client.get(f"{base}/{path}/", query)
        assert response.status_code == status, response.content[:400]
        found: dict = response.json()  # type: ignore[type-arg]
        return found

    then = asked("as-of", at=RUN.isoformat())
    parts = {part["part"]: part["items"] for part in then["parts"]}
    assert parts["package"][0]["values"]["state"] == "in_progress"
    assert len(parts["members"]) == 6
    assert {moment["code"] for moment in then["moments"]} >= {"created", "agreed", "started"}

    told = asked("difference", **{"from": PLANNED.isoformat(), "to": RUN.isoformat()})
    (package,) = next(p["changed"] for p in told["parts"] if p["part"] == "package")
    assert {"field": "state", "label": "State", "before": "planned", "after": "in_progress"} in (
        package["changes"]
    )
    assert asked("difference", 400, **{"from": RUN.isoformat(), "to": PLANNED.isoformat()})[
        "blockers"
    ][0]["code"] == "from_after_to"  # fmt: skip
    naive = asked("as-of", 400, at="2026-11-21T23:00:00")
    assert (naive["blockers"][0]["code"], naive["blockers"][0]["field"]) == ("no_zone", "at")
    assert asked("as-of", 400, when="now")["blockers"][0]["code"] == "unknown_parameter"
