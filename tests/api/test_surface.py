"""The whole interface at once: what is offered, what never is, what each list costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver

from apps.accounts.api import DelegationView, TeamShiftView
from apps.accounts.models import Delegation, TeamShift
from apps.approvals.api import ObligationView
from apps.approvals.models import Obligation
from apps.core.moves import Move
from apps.evidence.api import Creates, Edits, GovernedView, Moves, RecordView
from apps.portal.api_urls import router, urlpatterns
from tests.api import worlds
from tests.changes.worlds import Bank
from tests.releases.worlds import Night

VIEWS = [(prefix, view) for prefix, view, _name in router.registry]
RECORDS = [(prefix, view) for prefix, view in VIEWS if issubclass(view, RecordView)]
WRITING = {"post", "put", "patch", "delete"}

#: Every address that takes more than a GET, and nothing else does.
OFFERED = {
    "create": {"post"},
    "partial_update": {"patch"},
    "comment": {"post"},
    "attach": {"post"},
    "make_move": {"post"},
    "export": {"post"},
    "export_docket": {"post"},
    "export_rows": {"post"},
    "remove": {"post"},
    "template": {"post"},
    "reschedule_now": {"post"},
    "remind": {"post"},
    "download": {"post"},
}


def routes() -> Iterator[tuple[str, Any, dict[str, str]]]:
    for pattern in router.urls:
        assert isinstance(pattern, URLPattern)
        yield str(pattern.pattern), pattern.callback.cls, pattern.callback.actions  # type: ignore[union-attr]


def test_only_declared_actions_write() -> None:
    for path, view, actions in routes():
        for method, name in actions.items():
            if method in WRITING and issubclass(view, RecordView):
                assert method in OFFERED[name], f"{method} {path}"


def test_approvals_decisions_and_evidence_have_no_address_of_their_own() -> None:
    found = {
        view.queryset.model: view
        for _prefix, view in RECORDS
        if view.queryset.model._meta.app_label in ("approvals", "evidence", "accounts")
    }
    assert found == {
        Obligation: ObligationView, Delegation: DelegationView, TeamShift: TeamShiftView,
    }  # fmt: skip
    assert not issubclass(ObligationView, Creates), "a condition comes with its signature"
    assert not issubclass(DelegationView, Edits), "a delegation is given and revoked"
    paths = " ".join(path for path, _view, _actions in routes())
    for word in ("approval", "decision", "evidence", "exhibit"):
        assert word not in paths


def test_nothing_that_the_portal_keeps_can_be_entered() -> None:
    kept = ("state", "evidence_", "fingerprint", "requester", "approved_", "created_at",
            "changed_at", "history", "signed_content", "booked_", "production_version", "id",
            "risk_band", "submitted_at", "decisions", "approvals", "content_digest")  # fmt: skip
    for prefix, view in RECORDS:
        if not issubclass(view, Creates):
            continue
        for name in view.write_serializer().fields:
            entered = name in ("identity", "approved_until") or prefix == "gate-profiles"
            assert entered or not name.startswith(kept), f"{prefix}.{name}"
        if issubclass(view, Edits):
            assert set(view.edit_serializer().fields) == {
                *view.write_serializer().fields,
                "comment",
            }


def test_moves_do_not_take_the_words_of_the_interface() -> None:
    for prefix, view in RECORDS:
        moves: tuple[Move, ...] = view.moves if issubclass(view, Moves) else ()
        names = {field.name for move in moves for field in move.fields}
        assert not names & {"version", "comment", "pk", "actor", "expected_seq"}, prefix


def test_every_record_with_moves_has_history_and_comments() -> None:
    for prefix, view in RECORDS:
        assert issubclass(view, GovernedView) or not issubclass(view, Moves), prefix


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", [prefix for prefix, _view in RECORDS])
def test_a_list_costs_the_same_at_one_and_three_rows(
    night: Night, call_as: Any, prefix: str
) -> None:
    client = call_as(night.bank.manager)
    worlds.rows(night, prefix, 1)
    with CaptureQueriesContext(connection) as one:
        first = client.get(f"/api/v1/{prefix}/?page_size=1").json()
    worlds.rows(night, prefix, 3)
    with CaptureQueriesContext(connection) as three:
        second = client.get(f"/api/v1/{prefix}/?page_size=3").json()
    assert len(second["results"]) > len(first["results"]) >= 1
    assert len(one) == len(three) <= 5, [q["sql"] for q in three]


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", [prefix for prefix, _view in RECORDS])
def test_every_record_is_read_searched_and_exported(
    night: Night, call_as: Any, prefix: str
) -> None:
    client = call_as(night.bank.manager)
    worlds.rows(night, prefix, 2)
    listed = client.get(f"/api/v1/{prefix}/?page_size=100").json()["results"]
    row = client.get(f"/api/v1/{prefix}/{listed[0]['id']}/")
    assert row.status_code == 200
    assert client.get(f"/api/v1/{prefix}/", {"q": "a"}).status_code == 200
    file = client.post(f"/api/v1/{prefix}/export/")
    assert len(b"".join(file.streaming_content).decode().splitlines()) == 1 + len(listed)
    view = dict(RECORDS)[prefix]
    if issubclass(view, GovernedView):
        assert row["ETag"] == f'"{row.json()["version"]}"'
        assert client.get(f"/api/v1/{prefix}/{listed[0]['id']}/history/").json()["results"]
    if issubclass(view, Moves):
        every = client.get(f"/api/v1/{prefix}/{listed[0]['id']}/moves/?all=1").json()
        assert [m["move"] for m in every] == [move.name for move in view.moves]
    for declared in view.filters:
        for value in declared.allowed() or ["true" if declared.kind == "boolean" else "NONE"]:
            assert client.get(f"/api/v1/{prefix}/", {declared.name: value}).status_code == 200
    for order in view.orderings:
        assert client.get(f"/api/v1/{prefix}/", {"order": order}).status_code == 200


@pytest.mark.django_db
def test_messages_of_others_are_not_there(night: Night, call_as: Any) -> None:
    theirs = worlds.message(night.bank.owner, "theirs")
    client = call_as(night.bank.manager)
    assert client.get("/api/v1/messages/").json()["results"] == []
    assert client.get(f"/api/v1/messages/{theirs.pk}/").status_code == 404
    file = client.post("/api/v1/messages/export/")
    assert len(b"".join(file.streaming_content).splitlines()) == 1
    assert call_as(night.bank.owner).get(f"/api/v1/messages/{theirs.pk}/").status_code == 200


def test_the_schema_is_valid_and_without_warnings(tmp_path: Any) -> None:
    out = tmp_path / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(out))
    text = out.read_text()
    assert text.startswith("openapi: 3.1")
    for prefix, _view in VIEWS:
        assert f"/api/v1/{prefix}/" in text


@pytest.mark.django_db
def test_the_docs_need_no_other_server_and_no_inline_script(bank: Bank, client: Any) -> None:
    assert client.get("/api/v1/docs/").status_code == 302
    client.force_login(bank.manager)
    page = client.get("/api/v1/docs/")
    html = page.content.decode()
    assert page.status_code == 200
    assert "style=" not in html
    assert "<style" not in html
    assert html.count("<script src=") == html.count("<script") == 3
    assert "http://" not in html
    assert "https://" not in html
    assert "unsafe" not in page["Content-Security-Policy"]
    script = client.get("/api/v1/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert client.get("/api/v1/schema/").status_code == 200
    client.logout()
    assert client.get("/api/v1/schema/").status_code == 401


def test_the_catch_all_comes_last() -> None:
    assert urlpatterns[-1].name == "api-nothing-here"  # type: ignore[union-attr]
    assert get_resolver().resolve("/api/v1/changes/").url_name == "api-change-list"
