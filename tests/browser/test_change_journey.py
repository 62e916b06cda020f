"""A change from draft to approved, clicked by the people whose duties these are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from apps.changes.models import ChangeRequest
from tests.changes.worlds import draft, small_bank
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def change() -> ChangeRequest:
    for name in ("requester", "owner.card"):
        make_user(name, password=PASSWORD)
    return draft(small_bank())


def address(change: ChangeRequest) -> str:
    return f"/admin/changes/changerequest/{change.pk}/change/"


def test_a_change_is_submitted_and_approved_by_different_people(
    open_page: Callable[..., Page], change: ChangeRequest
) -> None:
    requester = open_page("requester")
    requester.goto(address(change))
    do(requester, "Submit for assessment")
    expect(requester.locator(".il-chip").first).to_have_text("Assessing")
    expect(requester.get_by_text("You hold no role that signs here").first).to_be_visible()

    owner = open_page("owner.card")
    owner.get_by_role("link", name=change.title).first.click()
    owner.wait_for_url(f"**{address(change)}")
    do(owner, "Approve", exact=True)
    expect(owner.locator(".il-chip").first).to_have_text("Approved")


def test_the_second_of_two_tabs_is_told_what_changed(
    open_page: Callable[..., Page], change: ChangeRequest
) -> None:
    first = open_page("requester")
    second = first.context.new_page()
    first.goto(address(change))
    second.goto(address(change))
    first.fill("#id_title", "The first tab was here")
    first.click("input[value=Save]")
    second.fill("#id_title", "The second tab")
    second.click("input[value=Save]")
    expect(second.get_by_text("The first tab was here").first).to_be_visible()
    assert ChangeRequest.objects.get(pk=change.pk).title == "The first tab was here"


def do(page: Page, label: str, **how: Any) -> None:
    """Make a move: its button, and the button of its form where it has one."""
    summary = page.locator("summary", has_text=label).first
    if summary.count():
        summary.click()
    page.get_by_role("button", name=label, **how).last.click()
    page.wait_for_load_state()
