"""A session of the board at two browsers: what one does, the other sees, without a reload."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.approvals.models import Decision
from apps.changes.models import CabMeeting
from tests.changes.meeting_worlds import board, high
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)
#: A page asks every three seconds; this is how long nobody waits in vain.
SOON = 10_000


@pytest.fixture
def meeting() -> CabMeeting:
    for name in ("board.chair", "board.one", "board.two"):
        make_user(name, password=PASSWORD)
    world = board()
    high(world)
    return world.frozen()


def test_a_member_follows_the_chair_and_signs_with_a_key(
    open_page: Callable[..., Page], meeting: CabMeeting
) -> None:
    chair, member = open_page("board.chair"), open_page("board.one")
    for page in (chair, member):
        page.goto(f"/board/{meeting.pk}/")
    member.locator("#meet-side li", has_text="board.one").get_by_role("button").click()
    chair.get_by_role("button", name="Open the session").click()
    expect(member.locator("#meet-title")).to_contain_text("In session", timeout=SOON)
    expect(member.locator("#meet-side")).to_contain_text("Met", timeout=SOON)

    chair.keyboard.press("t")
    chair.keyboard.press("Enter")
    expect(member.locator("#meet-docket")).to_contain_text("Up now", timeout=SOON)
    expect(member.locator(".il-meet-timer b")).to_contain_text(":")

    member.keyboard.press("a")
    expect(member.locator("button[value=approve_item]")).to_be_focused()
    assert not Decision.objects.exists()
    member.keyboard.press("Enter")
    expect(member.locator("#meet-docket")).to_contain_text("1 of 2")
    expect(chair.locator("#meet-docket")).to_contain_text("1 of 2", timeout=SOON)
    assert Decision.objects.get().by.username == "board.one"


def test_what_somebody_types_is_kept_while_the_meeting_goes_on(
    open_page: Callable[..., Page], meeting: CabMeeting
) -> None:
    chair, member = open_page("board.chair"), open_page("board.one", width=390)
    for page in (chair, member):
        page.goto(f"/board/{meeting.pk}/")
    member.fill("#meet-comment", "Only after the acceptance test.")
    chair.get_by_role("button", name="Open the session").click()
    expect(member.locator("#meet-title")).to_contain_text("In session", timeout=SOON)
    expect(member.locator("#meet-comment")).to_have_value("Only after the acceptance test.")
    expect(member.locator("#meet-behind")).to_be_visible()
    member.fill("#meet-comment", "")
    expect(member.locator("#meet-behind")).to_be_hidden(timeout=SOON)
