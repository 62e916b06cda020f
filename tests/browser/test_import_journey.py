"""A scheduler report goes in: handed in, looked at, confirmed; a large one is followed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from apps.integrations.models import ImportRun
from apps.integrations.services import runs
from apps.inventory.models import Asset
from tests.factories import PASSWORD, make_user
from tests.integrations.files import DATA

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    make_user("developer", "developer", password=PASSWORD)
    return open_page("developer")


def hand_in(page: Page) -> None:
    page.get_by_role("link", name="Imports").first.click()
    page.get_by_role("link", name="Add import").click()
    page.select_option("#id_file_format", "ca7")
    page.set_input_files("#id_files", DATA / "CardDemo.ca7")
    page.get_by_role("button", name="Show what would change").click()


def test_a_report_is_previewed_and_imported(page: Page) -> None:
    hand_in(page)
    expect(page.get_by_text("Assets entered")).to_be_visible()
    assert not Asset.objects.exists()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".il-chip").first).to_have_text("Imported")
    assert Asset.objects.filter(qualifier="CA7").count() == 17


def test_the_page_follows_a_worker_by_itself(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "AT_ONCE_BYTES", 0)
    monkeypatch.setattr(runs, "enqueue_on_commit", lambda path, **_: None)
    hand_in(page)
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    runs.read_run(pk=ImportRun.objects.get().pk)
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_visible(timeout=15_000)
