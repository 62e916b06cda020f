"""The dependency picture and the search in a real browser, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.inventory.models import Asset
from apps.inventory.services.relations import relate_asset
from tests.factories import PASSWORD, make_user
from tests.inventory.factories import keeper, make_asset

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def book(transactional_db: None) -> Asset:
    """A copybook that eight programs copy, of which a job executes one."""
    reader = make_user("reader", "viewer")
    reader.set_password(PASSWORD)
    reader.save()
    by = keeper()
    book = make_asset("CVACT01Y", "copybook", by=by)
    programs = [make_asset(f"CBTRN0{n}C", by=by) for n in range(8)]
    job = make_asset("POSTTRAN", "job", by=by)
    for program in programs:
        relate_asset(pk=program.pk, actor=by, kind="copies", target=book.pk)
    relate_asset(pk=job.pk, actor=by, kind="executes", target=programs[2].pk)
    return book


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_picture_keeps_to_its_place_and_every_box_opens_its_asset(
    open_page: Callable[..., Page], book: Asset, width: int, dark: bool
) -> None:
    page = open_page("reader", width=width, dark=dark)
    page.goto(f"/impact/asset/{book.pk}/")
    expect(page.locator(".d-box")).to_have_count(9)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for text in page.locator(".d-box .d-name").all():
        inside = text.evaluate(
            "t => { const f = t.parentNode.querySelector('.d-face').getBBox(), b = t.getBBox();"
            " return b.x >= f.x && b.x + b.width <= f.x + f.width; }"
        )
        assert inside, text.inner_text()
    page.locator(".d-box", has_text="CBTRN02C").click()
    expect(page.locator("h1")).to_contain_text("CBTRN02C")


def test_the_modes_are_a_click_apart_and_groups_fold(
    open_page: Callable[..., Page], book: Asset
) -> None:
    page = open_page("reader")
    page.goto(f"/admin/inventory/asset/{book.pk}/change/")
    page.get_by_role("link", name="Run impact tonight").click()
    expect(page.locator(".il-tabs [aria-current]")).to_have_text("Run impact tonight")
    page.get_by_role("link", name="Whole picture").click()
    page.get_by_role("link", name="Build impact").click()
    page.get_by_role("link", name="Fold 8 batch programs").click()
    expect(page.locator(".d-box .d-name")).to_have_text(["CVACT01Y", "8 batch programs"])
    page.locator(".d-box", has_text="8 batch programs").click()
    expect(page.locator(".d-box")).to_have_count(9)


def test_slash_searches_from_any_page_and_arrows_walk_through_what_is_found(
    open_page: Callable[..., Page], book: Asset
) -> None:
    page = open_page("reader")
    page.goto(f"/admin/inventory/asset/{book.pk}/change/")
    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type("CBTRN02C")
    page.keyboard.press("Enter")
    expect(page.locator(".il-found a").first).to_have_text("CBTRN02C")
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".il-found a").nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".il-found a").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("POSTTRAN")


def test_slash_on_a_phone_opens_the_search(open_page: Callable[..., Page], book: Asset) -> None:
    page = open_page("reader", width=390)
    page.goto(f"/admin/inventory/asset/{book.pk}/change/")
    page.locator("h1").click()
    page.keyboard.press("/")
    page.wait_for_url("**/search/")
    page.fill("#find", "CBTRN02C")
    page.keyboard.press("Enter")
    expect(page.locator(".il-found a").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
