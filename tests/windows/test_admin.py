"""Windows in the console."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.core import clock
from apps.windows.models import ReleaseWindow
from apps.windows.services.planning import open_window
from tests.windows.worlds import BEFORE, OPENS, draft_window, planners

pytestmark = pytest.mark.django_db
LIST = "/admin/windows/releasewindow/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form(window: ReleaseWindow | None, **more: Any) -> dict[str, Any]:
    """What a browser posts; times on the wall clock of the console."""
    data: dict[str, Any] = {
        "code": "W-2612", "name": "December", "zone": "", "window_type": "monthly",
        "opens_at": "2026-12-05T22:00", "closes_at": "2026-12-06T06:00",
        "capacity_changes": 10, "capacity_points": "20", "max_parallel_packages": 5,
        "capacity_binds": 0, "capacity_minutes": 0, "reserve_percent": 20, "decide_minutes": 15,
        "verify_after_backout_minutes": 20, "safety": "0.10", "bridge": "",
        "cutoffs-TOTAL_FORMS": 1, "cutoffs-INITIAL_FORMS": 0,
        "cutoffs-0-kind": "batch_start", "cutoffs-0-label": "CLOSEFIL",
        "cutoffs-0-at": "2026-12-06T04:30", "cutoffs-0-is_hard": "on",
    }  # fmt: skip
    if window is not None:
        data["evidence_seq"] = window.evidence_seq
    return data | more


def test_a_coordinator_drafts_a_window_with_its_cutoff() -> None:
    people = planners()
    client = signed_in(people.coordinator)
    assert client.get(f"{LIST}add/").status_code == 200
    with clock.at(BEFORE):
        response = client.post(f"{LIST}add/", form(None, site=str(people.site.pk)))
    assert response.status_code == 302
    window = ReleaseWindow.objects.get(code="W-2612")
    assert window.zone == "Europe/Amsterdam"
    assert window.opens_at.isoformat() == "2026-12-05T21:00:00+00:00"
    assert window.effective_cutoff.isoformat() == "2026-12-06T03:30:00+00:00"


def test_a_time_that_does_not_exist_is_refused_on_the_form() -> None:
    people = planners()
    response = signed_in(people.coordinator).post(
        f"{LIST}add/",
        form(None, site=str(people.site.pk), opens_at="2026-03-29T02:30"),
    )
    assert response.status_code == 400
    assert not ReleaseWindow.objects.exists()


def test_a_stranger_reads_and_cannot_write() -> None:
    people = planners()
    window = draft_window(people)
    client = signed_in(people.stranger)
    page = client.get(f"{LIST}{window.pk}/change/")
    assert page.status_code == 200
    assert "Open for packages" in page.content.decode()
    posted = client.post(f"{LIST}{window.pk}/move/open/", {"evidence_seq": 1})
    assert posted.status_code == 403
    assert client.post(f"{LIST}add/", form(None, site=str(people.site.pk))).status_code == 403
    assert ReleaseWindow.objects.get().state == "draft"


def test_a_move_is_posted() -> None:
    people = planners()
    window = draft_window(people)
    client = signed_in(people.manager)
    with clock.at(BEFORE):
        response = client.post(f"{LIST}{window.pk}/move/open/", {"evidence_seq": 1})
    assert response.status_code == 302
    assert ReleaseWindow.objects.get().state == "open"


def test_the_page_shows_capacity_and_cutoff() -> None:
    people = planners()
    window = draft_window(people)
    with clock.at(BEFORE):
        open_window(pk=window.pk, actor=people.actors["release_manager"])
    with clock.at(OPENS - timedelta(days=1)):
        text = signed_in(people.coordinator).get(f"{LIST}{window.pk}/change/").content.decode()
    assert "0 of 20" in text
    assert "Sun 22 Nov 04:30" in text
    assert "in 1 d" in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_has_a_query_budget(count: int, django_assert_max_num_queries: Any) -> None:
    people = planners()
    for number in range(count):
        draft_window(people, code=f"W-{number}")
    client = signed_in(people.coordinator)
    client.get(LIST)
    with django_assert_max_num_queries(9):
        assert client.get(LIST).status_code == 200
