"""The release board in a real browser: by mouse, by keyboard, and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.releases.models import ReleasePackage
from tests.factories import PASSWORD
from tests.releases.worlds import small_night
from tests.windows.worlds import window_in

pytestmark = pytest.mark.django_db(transaction=True)


def at_ten_days(number: int) -> dict[str, Any]:
    """When a window opens, by the clock that the server has: in so many times ten days."""
    opens = timezone.now().replace(second=0, microsecond=0) + timedelta(days=10 * number)
    cutoff = {"kind": "batch_start", "label": "X", "at": opens + timedelta(hours=6)}
    return {"opens_at": opens, "closes_at": opens + timedelta(hours=8), "cutoffs": [cutoff]}


@pytest.fixture
def draft(transactional_db: None) -> ReleasePackage:
    """In W-2611; there is W-2612 too."""
    night = small_night(**at_ten_days(1))
    window_in("open", night.planners, code="W-2612", **at_ten_days(2))
    night.coordinator.set_password(PASSWORD)
    night.coordinator.save()
    return night.draft()


def test_mouse_and_keyboard_lead_to_the_preview_before_anything_moves(
    open_page: Callable[..., Page], draft: ReleasePackage
) -> None:
    page = open_page("coordinator")
    page.goto("/release-board/")
    page.locator(f'[data-package="{draft.pk}"]').drag_to(page.locator('[data-code="W-2612"]'))
    expect(page.locator("h1")).to_have_text(f"Move {draft.code} to W-2612")
    page.goto("/release-board/")
    page.locator(f'input[value="{draft.pk}"]').focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".is-target")).to_have_attribute("data-code", "W-2612")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(f"Move {draft.code} to W-2612")
    assert ReleasePackage.objects.get(pk=draft.pk).window == draft.window
    page.locator("#move-comment").fill("The partner is not ready.")
    page.get_by_role("button", name="Move it").click()
    expect(page.locator(".messagelist .success")).to_contain_text("is in W-2612 now")


def test_the_board_and_the_preview_fit_on_a_phone(
    open_page: Callable[..., Page], draft: ReleasePackage
) -> None:
    page = open_page("coordinator", width=390, dark=True)
    page.goto("/release-board/")
    for part in (".il-board-column", ".il-ripple .il-table"):
        boxes = page.locator(part)
        expect(boxes.first).to_be_visible()
        rights = boxes.evaluate_all("all => all.map(e => e.getBoundingClientRect().right)")
        assert max(rights) <= 390
        if part == ".il-board-column":
            page.locator(f'input[value="{draft.pk}"]').check()
            page.locator('[data-code="W-2612"] button').click()
