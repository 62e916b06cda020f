"""People read their own messages in the console; auditors and site administrators read all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.notifications.models import Message
from apps.notifications.services.messages import notify
from tests.console.conftest import browser
from tests.factories import make_user

__all__ = ["browser"]
pytestmark = pytest.mark.django_db

URL = "/admin/notifications/message/"
Browser = Callable[..., Client]


def message_to(user: User, number: int = 1) -> Message:
    found = notify(
        recipient=user, kind=Message.Kind.CHANGE, dedupe_key=f"{user.pk}:{number}",
        subject_line=f"CHG-{number} for {user.username}", text="It is <b>approved</b>.",
        about="change:1", url="/admin/changes/",
    )  # fmt: skip
    assert found is not None
    return found


def test_people_read_their_own_messages(browser: Browser) -> None:
    anna, bert = make_user("anna", "viewer"), make_user("bert", "viewer")
    mine, theirs = message_to(anna), message_to(bert)
    client = browser(anna)

    page = client.get(URL).content.decode()
    assert "CHG-1 for anna" in page and "for bert" not in page
    page = client.get(f"{URL}{mine.pk}/change/").content.decode()
    assert "It is &lt;b&gt;approved&lt;/b&gt;." in page
    assert 'href="/admin/changes/"' in page
    assert client.get(f"{URL}{theirs.pk}/change/").status_code == 404
    assert b"for bert" not in client.post(f"{URL}export/").getvalue()


@pytest.mark.parametrize("role", ["auditor", "site_admin"])
def test_who_watches_over_the_portal_reads_all(browser: Browser, role: str) -> None:
    client = browser(make_user("watcher", role))
    message = message_to(make_user("anna", "viewer"))
    assert "CHG-1 for anna" in client.get(URL).content.decode()
    assert client.get(f"{URL}{message.pk}/change/").status_code == 200


def test_nobody_writes_a_message(browser: Browser) -> None:
    anna = make_user("anna", "site_admin")
    url = f"{URL}{message_to(anna).pk}/change/"
    client = browser(anna)
    assert client.post(url, {"text": "Something else"}).status_code == 403
    assert client.get(f"{URL}add/").status_code == 403
    assert Message.objects.get().text == "It is <b>approved</b>."


def test_the_list_costs_the_same_for_one_and_for_three(
    browser: Browser, django_assert_max_num_queries: Any
) -> None:
    anna = make_user("anna", "auditor")
    client = browser(anna)
    for number in range(3):
        message_to(anna, number)
        with django_assert_max_num_queries(12):
            client.get(URL)
