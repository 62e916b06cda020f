"""What cannot be: told clearly, saved nowhere, and never a fault of ours."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DataError, OperationalError
from rest_framework.test import APIClient

from apps.changes.models import ChangeRequest
from apps.changes.services import requests
from apps.evidence.models import Comment
from tests.changes.worlds import Bank, draft
from tests.factories import make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/changes/"


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content[:500]
    assert answer["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert "Traceback" not in answer.content.decode()
    return told


@pytest.fixture
def client(bank: Bank, call_as: Any) -> APIClient:
    made: APIClient = call_as(bank.requester)
    return made


@pytest.mark.parametrize(
    "key",
    [str(UUID(int=7)), "1", "no-key", "%00", "..", "x" * 3000],
    ids=["unknown", "number", "text", "nul", "dots", "long"],
)
def test_an_unknown_record_is_not_found(client: APIClient, key: str) -> None:
    for tail in ("", "moves/", "history/", "comments/"):
        problem(client.get(f"{URL}{key}/{tail}"), 404)
    problem(client.post(f"{URL}{key}/moves/submit/"), 404)
    problem(client.post(f"{URL}{key}/moves/approve/", {"version": 1}), 404)
    problem(client.post(f"{URL}{key}/comments/", {"text": "x"}), 404)
    problem(client.patch(f"{URL}{key}/", {"title": "x"}, HTTP_IF_MATCH="1"), 404)


def test_an_unknown_move_is_not_found(bank: Bank, client: APIClient) -> None:
    change = draft(bank)
    for move in ("fly", "schedule", "__init__", "submit.json"):
        problem(client.post(f"{URL}{change.pk}/moves/{move}/"), 404)


@pytest.mark.parametrize("path", ["", "changes", "nothing/", "changes//", "tokens/x/y/"])
def test_an_unknown_address_is_a_problem(client: APIClient, path: str) -> None:
    problem(client.get(f"/api/v1/{path}"), 404)


def test_nobody_reads_without_signing_in(bank: Bank) -> None:
    answer = APIClient().get(URL)
    problem(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"title": NaN}',
        b'{"title": "a", "title": "b"}',
        b'{"title": "\\ud800"}',
        b"[" * 100_000,
        b'{"downtime_minutes": ' + b"9" * 5000 + b"}",
        b'{"\\u0000": 1}',
    ],
)
def test_a_body_that_is_no_object_is_refused(client: APIClient, body: bytes) -> None:
    problem(client.post(URL, data=body, content_type="application/json"), 400)
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize(
    "content_type",
    ["text/xml", "text/plain", "multipart/form-data; boundary=x",
     "application/x-www-form-urlencoded"],
)  # fmt: skip
def test_other_content_is_not_read(client: APIClient, content_type: str) -> None:
    problem(client.post(URL, data=b"title=x", content_type=content_type), 415)


def test_a_body_of_more_than_a_mebibyte_is_too_large(bank: Bank, client: APIClient) -> None:
    change = draft(bank)
    answer = client.post(f"{URL}{change.pk}/comments/", {"text": "x" * (1 << 20)})
    problem(answer, 413)
    almost = client.post(f"{URL}{change.pk}/comments/", {"text": "x" * 1_000_000})
    assert "1,000,000 characters" in problem(almost, 400)["detail"]
    long = client.post(f"{URL}{change.pk}/moves/hold/", {"comment": "x" * 1_000_000})
    assert long.status_code in (400, 403)
    assert not Comment.objects.exists()


@pytest.mark.parametrize("text", ["bell\x07", "nul\x00", "\u202eright to left"])
def test_control_characters_are_refused(bank: Bank, client: APIClient, text: str) -> None:
    change = draft(bank)
    problem(client.post(f"{URL}{change.pk}/comments/", {"text": text}), 400)
    edit = client.patch(f"{URL}{change.pk}/", {"title": text}, HTTP_IF_MATCH="1")
    assert problem(edit, 400)["blockers"][0]["field"] == "title"
    problem(client.get(URL, {"q": text}), 400)


def test_every_wrong_field_is_named_at_once(client: APIClient) -> None:
    sent = {
        "title": 7.5,
        "application": "NOWHERE",
        "author": str(uuid4()),
        "change_type": "quick",
        "downtime_minutes": 10**20,
        "tests_due_on": "2026-02-30",
        "irreversible": "perhaps",
        "state": "approved",
    }
    told = problem(client.post(URL, sent), 400)
    assert {b["field"] for b in told["blockers"]} == set(sent) - {"title"}
    assert all(b["fix"] for b in told["blockers"])


@pytest.mark.parametrize(
    "query",
    [
        "state=flying", "application=%00", "code=%1b", "nonsense=1", "page_size=0",
        "page_size=101", "page_size=-1", "page_size=x", "order=title", "order=evidence_head",
        "cursor=x", "cursor=%00", "q=" + "x" * 101, "order=-created_at&cursor=WzEsMiwzXQ",
    ],
)  # fmt: skip
def test_a_question_nobody_declared_is_refused(client: APIClient, query: str) -> None:
    problem(client.get(f"{URL}?{query}"), 400)


@pytest.mark.parametrize(
    "cursor",
    [
        ["-created_at", "yesterday", str(uuid4())],
        ["-created_at", "2026-01-01T00:00:00+00:00", "7"],
        ["password", "x", str(uuid4())],
        ["-created_at", "", ""],
        {"a": 1},
        ["-created_at", "9999-12-31T23:59:59-23:00", str(uuid4())],
        ["-created_at", "2026-01-01T00:00:00", "\0"],
    ],
)
def test_a_forged_cursor_is_refused(client: APIClient, cursor: Any) -> None:
    packed = base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode()
    answer = client.get(URL, {"cursor": packed})
    if answer.status_code != 200:
        problem(answer, 400)


def test_filters_of_things_that_are_not_there_find_nothing(bank: Bank, client: APIClient) -> None:
    draft(bank)
    for query in (f"application={uuid4()}", "application=NOPE", "code=x", "q=nothing like it"):
        assert client.get(f"{URL}?{query}").json()["results"] == []
    assert (
        len(client.get(f"{URL}?application=CARD&state=draft&state=closed").json()["results"]) == 1
    )


def test_pages_follow_each_other_without_gap(bank: Bank, client: APIClient) -> None:
    made = [draft(bank).code for _ in range(5)]
    for order, expected in (("-created_at", made[::-1]), ("created_at", made)):
        url, seen = f"{URL}?page_size=2&order={order}", []
        while url:
            page = client.get(url).json()
            seen += [row["code"] for row in page["results"]]
            url = page["next"]
        assert seen == expected


@pytest.mark.parametrize("method", ["put", "delete", "options", "trace"])
def test_other_methods_are_not_offered(bank: Bank, client: APIClient, method: str) -> None:
    change = draft(bank)
    for url in (URL, f"{URL}{change.pk}/", f"{URL}{change.pk}/history/"):
        assert client.generic(method.upper(), url).status_code == 405
    override = client.post(f"{URL}{change.pk}/", HTTP_X_HTTP_METHOD_OVERRIDE="DELETE")
    assert override.status_code == 405


def test_another_answer_than_json_is_not_offered(client: APIClient) -> None:
    problem(client.get(URL, HTTP_ACCEPT="text/html"), 406)


class _Cause(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def _raising(error: Exception, sqlstate: str = "") -> Any:
    def service(**_: Any) -> None:
        raise error from _Cause(sqlstate)

    return service


@pytest.mark.parametrize(
    ("error", "sqlstate", "status"),
    [
        (OperationalError("canceling statement"), "55P03", 409),
        (OperationalError("deadlock detected"), "40P01", 409),
        (OperationalError("terminating connection"), "57P01", 503),
        (DataError("too far"), "22008", 400),
        (RuntimeError("secret inside"), "", 500),
    ],
)
def test_faults_tell_nothing_of_the_inside(
    bank: Bank, client: APIClient, monkeypatch: Any, error: Exception, sqlstate: str, status: int
) -> None:
    from apps.changes.api import ChangeView

    monkeypatch.setattr(ChangeView, "create_service", staticmethod(_raising(error, sqlstate)))
    answer = client.post(URL, {"title": "x", "application": "CARD"})
    told = problem(answer, status)
    assert str(error) not in answer.content.decode()
    assert told["request_id"]
    assert requests.create_change is not ChangeView.create_service


def test_an_inactive_person_cannot_be_named(bank: Bank, client: APIClient) -> None:
    gone = make_user("gone")
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    answer = client.post(URL, {"title": "x", "application": "CARD", "owner": "gone"})
    assert problem(answer, 400)["blockers"][0]["field"] == "owner"
