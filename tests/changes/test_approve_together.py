"""Several approvals at once: only what was opened, only low and medium risk, each on its own."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.selectors import AUTH_AT_KEY
from apps.approvals.models import Decision, ViewLog
from apps.changes.models import ChangeRequest
from apps.changes.services import requests
from tests.changes.worlds import Bank, draft, small_bank, submitted
from tests.factories import PASSWORD, SETUP, actor
from tests.support import commit_now, once_a_module, refused_by_database

pytestmark = pytest.mark.django_db
URL = "/admin/changes/changerequest/together/"


built = once_a_module(small_bank)


@pytest.fixture
def bank(built: Bank, db: None) -> Bank:
    return deepcopy(built)


@pytest.fixture
def owner(bank: Bank, client: Any) -> Any:
    """The owner's browser, the password just given."""
    client.force_login(bank.owner)
    return client


def look_at(client: Any, *changes: ChangeRequest) -> None:
    for change in changes:
        address = f"/admin/changes/changerequest/{change.pk}/change/"
        assert client.get(address).status_code == 200


def send(client: Any, *changes: ChangeRequest, **more: str) -> Any:
    data: dict[str, Any] = {"row": [f"{change.pk}/application_owner" for change in changes]}
    for change in changes:
        data[f"seq/{change.pk}/application_owner"] = change.evidence_seq
        data[f"digest/{change.pk}/application_owner"] = change.fingerprint
    return client.post(URL, data | more)


def states() -> list[str]:
    return list(ChangeRequest.objects.order_by("code").values_list("state", flat=True))


def test_what_was_opened_is_signed_together(bank: Bank, owner: Any) -> None:
    one, two = submitted(bank), submitted(bank, "medium")
    look_at(owner, one, two)
    answer = send(owner, one, two, comment="Read both.")
    commit_now()
    assert answer.status_code == 200
    assert states() == ["approved", "approved"]
    assert set(Decision.objects.values_list("comment", flat=True)) == {"Read both."}


def test_what_was_not_opened_is_refused_and_the_rest_signed(bank: Bank, owner: Any) -> None:
    one, two = submitted(bank), submitted(bank)
    look_at(owner, one)
    html = send(owner, one, two).content.decode()
    assert states() == ["approved", "assessing"]
    assert f"You have not opened {two.code} as it is now since you signed in." in html


def test_high_risk_is_decided_on_its_own_page(bank: Bank, owner: Any) -> None:
    change = submitted(bank, "high")
    look_at(owner, change)
    assert "only low and medium are approved together" in send(owner, change).content.decode()
    assert states() == ["assessing"]


def test_what_changed_since_it_was_opened_is_refused(bank: Bank, owner: Any) -> None:
    change = submitted(bank)
    look_at(owner, change)
    requests.edit_change(
        pk=change.pk, actor=actor(bank.requester), values={"backout_summary": "None."}
    )
    assert "Refused" in send(owner, change).content.decode()
    change = ChangeRequest.objects.get()
    assert "You have not opened" in send(owner, change).content.decode()
    assert not Decision.objects.exists()


def test_what_was_opened_before_signing_in_again_does_not_count(bank: Bank, owner: Any) -> None:
    change = submitted(bank)
    look_at(owner, change)
    owner.logout()
    owner.force_login(bank.owner)
    assert "You have not opened" in send(owner, change).content.decode()


def test_a_new_proof_of_identity_keeps_what_was_opened(bank: Bank, owner: Any) -> None:
    bank.owner.set_password(PASSWORD)
    bank.owner.save()
    owner.force_login(bank.owner)
    change = submitted(bank)
    look_at(owner, change)
    session = owner.session
    session[AUTH_AT_KEY] = (timezone.now() - timezone.timedelta(minutes=6)).isoformat()
    session.save()
    asked = send(owner, change)
    assert "Confirm that it is you" in asked.content.decode()
    assert not Decision.objects.exists()
    send(owner, change, password=PASSWORD)
    assert states() == ["approved"]


def test_the_page_tells_what_stands_against_each_row(bank: Bank, owner: Any) -> None:
    open_one, high, unread = submitted(bank), submitted(bank, "high"), submitted(bank)
    look_at(owner, open_one, high)
    html = owner.get(URL).content.decode()
    assert html.count('type="checkbox"') == 1
    assert f'value="{open_one.pk}/application_owner"' in html
    assert f"You have not opened {unread.code}" in html


def test_nothing_chosen_signs_nothing(bank: Bank, owner: Any) -> None:
    submitted(bank)
    assert owner.post(URL, {}).status_code == 400
    assert states() == ["assessing"]


def test_what_waits_no_more_is_told(bank: Bank, owner: Any) -> None:
    one, two = submitted(bank), submitted(bank)
    look_at(owner, one, two)
    requests.cancel(pk=two.pk, actor=actor(bank.requester), comment="Not needed.")
    html = send(owner, one, two).content.decode()
    assert "1 of what you chose waits for you no more." in html
    assert states() == ["approved", "cancelled"]


@pytest.mark.parametrize("seq", ["", "x", "9" * 40, "-1"])
def test_a_row_without_its_version_is_refused(bank: Bank, owner: Any, seq: str) -> None:
    change = submitted(bank)
    look_at(owner, change)
    send(owner, change, **{f"seq/{change.pk}/application_owner": seq})
    assert states() == ["assessing"]


def test_the_page_costs_the_same_for_one_and_three_rows(bank: Bank, owner: Any) -> None:
    costs = []
    for more in (1, 2):
        for _ in range(more):
            submitted(bank)
        owner.get(URL)
        with CaptureQueriesContext(connection) as queries:
            owner.get(URL)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 20


def test_one_view_of_a_content_is_kept_once_and_never_changed(bank: Bank, owner: Any) -> None:
    change = draft(bank)
    look_at(owner, change, change)
    view = ViewLog.objects.get()
    assert (view.about, view.user) == (change.subject, bank.owner)
    with refused_by_database("append-only|permission denied"):
        ViewLog.objects.update(about="change:x")
    assert SETUP.session_hash == ""
