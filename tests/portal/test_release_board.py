"""The release board, and moving from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.releases.models import ReleasePackage
from apps.releases.services.reservations import reserve_room
from apps.windows.models import ReleaseWindow
from tests.factories import actor
from tests.releases.worlds import BEFORE, NOTE, OPENS, Night, small_night
from tests.windows.worlds import window_in

pytestmark = pytest.mark.django_db
LATER = timedelta(days=14)


@pytest.fixture
def dark() -> Night:
    return small_night()


@pytest.fixture
def now(dark: Night) -> Any:
    with dark.before():
        yield


def window(night: Night, code: str, opens_at: Any = OPENS + LATER, state: str = "open") -> Any:
    cutoff = {"kind": "batch_start", "label": "X", "at": opens_at + timedelta(hours=6)}
    return window_in(state, night.planners, code=code, opens_at=opens_at,
                     closes_at=opens_at + timedelta(hours=8), cutoffs=[cutoff])  # fmt: skip


def browser(night: Night, user: Any = None) -> Client:
    client = Client()
    client.force_login(user or night.coordinator)
    return client


def text(answer: Any) -> str:
    return answer.content.decode()  # type: ignore[no-any-return]


def test_the_board_shows_windows_with_what_is_in_them(dark: Night, now: None) -> None:
    planned, delayed = dark.planned(), dark.draft()
    loose = dark.draft(window=None)
    reserve_room(pk=dark.window.pk, actor=actor(dark.coordinator), about=delayed.code, hours=24,
                 comment=NOTE)  # fmt: skip
    page = text(browser(dark).get("/release-board/"))
    for package in (planned, delayed, loose):
        assert f'data-package="{package.pk}"' in page
    assert "Without a night" in page and "2 of 5, free" in page and "reserved" in page
    assert f'name="to" value="{dark.window.pk}"' in page
    assert "style=" not in page and "onclick" not in page


def test_the_board_costs_the_same_for_more(dark: Night, now: None) -> None:
    client, costs = browser(dark), []
    dark.planned()
    for number in range(2):
        client.get("/release-board/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/release-board/").status_code == 200
        costs.append(len(asked))
        dark.planned()
        later = OPENS + (number + 1) * LATER
        dark.draft(window=window(dark, f"W-{number}", later))
    assert costs[0] == costs[1] <= 16


def test_a_choice_leads_to_the_preview_and_the_preview_to_the_move(dark: Night, now: None) -> None:
    found, target, client = dark.planned(), window(dark, "W-2612"), browser(dark)
    asked = {"package": found.pk, "window": dark.window.pk, "to": target.pk}
    page = client.get("/release-board/move/", asked)
    assert "Nothing has moved yet" in text(page)
    ripple = page.context["ripple"]
    sent = {"package": found.pk, "window": target.pk, "digest": "0" * 64, "reason": "business",
            "comment": NOTE}  # fmt: skip
    stale = client.post("/release-board/move/", sent)
    assert (stale.status_code, "Not moved" in text(stale)) == (409, True)
    assert NOTE in text(stale)
    moved = client.post("/release-board/move/", {**sent, "digest": ripple.digest})
    assert moved.status_code == 302
    assert ReleasePackage.objects.get(pk=found.pk).window == target


def test_what_cannot_be_moved_is_told_with_every_reason(dark: Night, now: None) -> None:
    found = dark.planned()
    target = window(dark, "W-2612", state="locked")
    page = browser(dark, dark.validator).get(
        "/release-board/move/", {"package": found.pk, "window": target.pk}
    )
    assert {b.code for b in page.context["preview"].blockers} == {"role_missing", "scope_locked"}
    assert "Make this move" not in text(page)


@pytest.mark.parametrize("asked", [{}, {"package": "x"}, {"package": "1", "window": "y"}])
def test_an_incomplete_choice_goes_back_to_the_board(
    dark: Night, now: None, asked: dict[str, str]
) -> None:
    answer = browser(dark).get("/release-board/move/", asked)
    assert (answer.status_code, answer["Location"]) == (302, "/release-board/")


def test_a_window_is_moved_from_its_page(dark: Night, now: None) -> None:
    client, address = browser(dark), f"/release-board/window/{dark.window.pk}/"
    assert "Enter the new opening" in text(client.get(address))
    times = {"opens_at": "2026-12-05T22:00", "closes_at": "2026-12-06T07:30"}
    page = client.get(address, times)
    sent = {"exactly": page.context["opens_at"].isoformat(), "comment": NOTE,
            "closing": page.context["closes_at"].isoformat(),
            "digest": page.context["ripple"].digest}  # fmt: skip
    assert f'value="{sent["exactly"]}"' in text(page)
    assert client.post(address, sent).status_code == 302
    moved = ReleaseWindow.objects.get(pk=dark.window.pk)
    assert moved.opens_at == OPENS + LATER
    assert moved.closes_at - moved.opens_at == timedelta(hours=9, minutes=30)


def test_the_page_of_room_tells_where_a_package_fits(dark: Night) -> None:
    found = dark.planned()
    window(dark, "W-2612")
    window(dark, "W-2613", OPENS + 2 * LATER, "draft")
    with clock.at(BEFORE + timedelta(days=2)):
        page = text(browser(dark).get(f"/release-board/slots/{found.pk}/"))
    assert "Has room" in page and "W-2613 is draft" in page
