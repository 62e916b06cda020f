"""The readiness matrix in a real browser: by keyboard alone, and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.notifications.models import Message
from apps.releases.models import ReleasePackage
from apps.releases.services.package import plan
from tests.factories import PASSWORD, actor
from tests.releases.worlds import Night, small_night

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def night(transactional_db: None) -> Night:
    opens = timezone.now().replace(second=0, microsecond=0) + timedelta(days=10)
    cutoff = {"kind": "batch_start", "label": "X", "at": opens + timedelta(hours=6)}
    found = small_night(
        opens_at=opens, closes_at=opens + timedelta(hours=8), cutoffs=[cutoff]
    )  # fmt: skip
    found.coordinator.set_password(PASSWORD)
    found.coordinator.save()
    return found


@pytest.fixture
def package(night: Night) -> ReleasePackage:
    """Planned, with a step but without a check and a backout plan."""
    found = night.draft()
    night.step(found, "A1", "COPY_LOAD")
    with night.before():
        return plan(pk=found.pk, actor=actor(night.coordinator))


def test_the_keys_lead_to_a_cell_that_tells_more_and_reminds_its_owner(
    open_page: Callable[..., Page], package: ReleasePackage
) -> None:
    page = open_page("coordinator")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.locator("h1")).to_have_text("Readiness")
    page.locator("[data-cell]").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-cell]").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    shown = page.locator(":popover-open")
    expect(shown).to_contain_text(package.code)
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remind").click()
    expect(page.locator(".messagelist .success")).to_contain_text("Reminded")
    assert Message.objects.filter(kind="readiness").count() == 1


def test_the_matrix_fits_on_a_phone(
    open_page: Callable[..., Page], package: ReleasePackage
) -> None:
    page = open_page("coordinator", width=390, dark=True)
    page.goto("/readiness/")
    page.locator("[data-cell]").first.click()
    expect(page.locator(":popover-open")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
