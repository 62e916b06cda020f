"""The interface's own page, under the portal's content security policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_docs_list_every_address_without_another_server(
    open_page: Callable[..., Page],
) -> None:
    make_user("reader", "viewer", password=PASSWORD)
    page = open_page("reader")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/v1/docs/")
    page.get_by_role("link", name="changes", exact=True).click(timeout=60_000)
    expect(page.get_by_text("/changes/{id}/moves/{move}/").first).to_be_visible(timeout=30_000)
    own = page.url.partition("/api/")[0]
    assert [url for url in asked if not url.startswith((own, "data:", "blob:"))] == []
