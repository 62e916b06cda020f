"""Every move of every record, by everybody who must not, with everything that cannot be."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.models import Delegation, RoleGrant, TeamShift
from apps.accounts.services.people import edit_user
from apps.audit.models import AuditFinding, LegalHold, Population
from apps.changes.models import ChangeRequest
from apps.changes.services.requests import cancel
from apps.console.site import site
from apps.core.moves import Move
from apps.evidence.api import Creates, Edits, Moves
from apps.evidence.models import EvidenceEntry
from apps.portal.api_urls import router
from apps.windows.models import CalendarFeed
from tests.factories import SETUP, actor
from tests.hostile.test_crawl import first_of
from tests.hostile.worlds import AT, World, kept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_panels")]
MOVED = sorted(
    (m for m, a in site._registry.items() if getattr(a, "moves", ())),
    key=lambda model: model._meta.label,
)
#: What a keeper of accounts ends.
KEPT = (CalendarFeed, Delegation, LegalHold, RoleGrant, TeamShift)
#: What an auditor finds and writes down beside what is audited.
AUDITED = (AuditFinding, Population)
VIEWS = [(prefix, view) for prefix, view, _name in router.registry]
BAD_TEXTS = ("\x00", "a\x07b", "a\u202eb", "x" * 200_000)
BAD: dict[str, tuple[Any, ...]] = {
    "text": (*BAD_TEXTS, 7, None, [], {}, "=1+1" * 9999),
    "choices": ("x", 7, ["x", "\x00"], [7], {"a": 1}, [[]]),
    "choice": ("x", "", "\x00", 7, [], {"a": 1}),
    "datetime": ("2027-03-28T02:30", "2027-02-31T10:00:00Z", "99999-01-01T00:00:00Z", "0001-01-01",
                 "yesterday", 7, "0001-01-01T00:00:00+23:00", [], None),
    "integer": ("x", 10**30, -(10**30), 1.5, "1e400", [], True),
    "reference": ("x", "\x00", "00000000-0000-0000-0000-000000000007", 7, [], "0" * 200),
    "boolean": ("perhaps", 7, [], None, "\x00"),
}  # fmt: skip


def versions() -> dict[str, Any]:
    """What is kept, but for the refusals themselves."""
    return {k: v for k, v in kept().items() if "Entry" not in k and "Outbox" not in k}


def latest(model: Any) -> Any:
    return model._base_manager.get(pk=first_of(model))


def shown_by(view: Any) -> Any:
    """A record of the view: two of them may show one model in parts."""
    found = view.queryset.order_by("pk").first()
    assert found is not None, f"The world has nothing that {view.__name__} shows."
    return found


@pytest.mark.parametrize("who", ["root", "robot", "viewer", "auditor", "keeper"])
def test_who_has_no_business_role_makes_no_move(world: World, who: str) -> None:
    """A superuser, a service account, readers and keepers of accounts: each is refused each."""
    browser, caller = world.browser(who), world.caller(who)
    before = versions()
    for model in MOVED:
        obj = latest(model)
        for move in _moves_of(model, site._registry[model].moves, who):
            url = reverse(
                f"admin:{model._meta.app_label}_{model._meta.model_name}_move",
                args=[obj.pk, move.name],
            )
            sent = {"evidence_seq": obj.evidence_seq, "comment": "I may do anything."}
            answer = browser.post(url, {**sent, **{f.name: _some(f, obj) for f in move.fields}})
            # The calendars that somebody else reads are not there for others, nor is the workbench.
            unseen = 404 if model in (CalendarFeed, *AUDITED) else 403
            assert answer.status_code in (302, 400, 403, 409, 412, unseen), (url, answer)
            assert who != "robot" or answer.status_code == 302
            assert who == "robot" or answer.status_code != 302, url
    for prefix, view in VIEWS:
        if not issubclass(view, Moves):
            continue
        obj = shown_by(view)
        for move in _moves_of(view.queryset.model, view.moves, who):
            obj = shown_by(view)  # a note of the robot makes a version
            body = {"comment": "I may do anything.", "version": obj.evidence_seq}
            body |= {f.name: _some(f, obj) for f in move.fields}
            answer = caller.post(f"/api/v1/{prefix}/{obj.pk}/moves/{move.name}/", body)
            if who == "robot" and move.name in ("note", "escalate"):
                continue  # a scheduler tells what its step prints, and calls for help
            unseen = 404 if view.queryset.model in AUDITED else 403
            assert answer.status_code in (400, 403, 409, unseen), (
                prefix, move.name, answer.content[:300],
            )  # fmt: skip
        if issubclass(view, Creates):
            assert caller.post(f"/api/v1/{prefix}/", {}).status_code in (400, 403)
        if issubclass(view, Edits):
            patched = caller.patch(
                f"/api/v1/{prefix}/{obj.pk}/", {}, HTTP_IF_MATCH=str(obj.evidence_seq)
            )
            assert patched.status_code in (200, 400, 403, 409)
    assert who == "robot" or versions() == before


def _moves_of(model: Any, moves: Any, who: str) -> Any:
    """Those that are not the keeper's or the auditor's own business."""
    own = {"keeper": KEPT, "auditor": AUDITED}.get(who, ())
    return () if model in own else moves


def _some(field: Any, obj: Any) -> Any:
    """A value of the right kind."""
    choices = list(field.choices_for(obj))
    if field.kind == "choices":
        return [code for code, _ in choices]
    if choices:
        return choices[0][0]
    moment = (AT - timedelta(minutes=1)).isoformat()
    kinds = {"integer": 1, "datetime": moment, "boolean": True, "text": "x", "choice": ""}
    return kinds.get(field.kind, "00000000-0000-0000-0000-000000000007")


@pytest.mark.parametrize("model", MOVED, ids=lambda model: model._meta.label)
def test_a_move_with_impossible_input_does_nothing(world: World, model: Any) -> None:
    """Through the console, and where there is one through the interface."""
    obj, admin = latest(model), site._registry[model]
    view = next((v for v in VIEWS if _shows(v[1], obj) and v[1].moves == admin.moves), None)
    browser, caller = world.browser("coordinator"), world.caller("coordinator")
    before, dice = versions(), random.Random(model._meta.label)
    for move in admin.moves:
        url = reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_move", args=[obj.pk, move.name]
        )
        for bad in _impossible(move, dice):
            sent = {"evidence_seq": str(obj.evidence_seq), **bad}
            form = {k: "" if v is None else str(v) for k, v in sent.items()}
            answer = browser.post(url, form)
            assert answer.status_code in (200, 302, 400, 403, 404, 409), (url, str(bad)[:80])
            if view is None:
                continue
            body = {k: v for k, v in bad.items() if k != "evidence_seq"}
            address = f"/api/v1/{view[0]}/{obj.pk}/moves/{move.name}/"
            said = caller.post(address, body, HTTP_IF_MATCH=f'"{obj.evidence_seq}"')
            unseen = 404 if model in AUDITED else 403
            assert said.status_code in (200, 400, 403, 409, 412, unseen), (address, str(bad)[:80])
        for seq in dice.sample(("", "x", "-1", "9" * 40, "0", "\x00", "\u00b2"), 2):
            answer = browser.post(url, {"evidence_seq": seq, "comment": "x"})
            unseen = 404 if model in AUDITED else 400
            assert answer.status_code in (400, 412, unseen), (url, seq, answer)
    assert versions() == before


def _shows(view: Any, obj: Any) -> bool:
    """Two views may show one model in parts."""
    is_of = issubclass(view, Moves) and view.queryset.model is type(obj)
    return is_of and view.queryset.filter(pk=obj.pk).exists()


def _impossible(move: Move, dice: random.Random) -> list[dict[str, Any]]:
    """A comment that cannot be, and of each input some values that cannot."""
    found: list[dict[str, Any]] = [{"comment": dice.choice(BAD_TEXTS)}]
    for field in move.fields:
        values = dice.sample(BAD[field.kind], 2)
        found += [{"comment": "\x07", field.name: value} for value in values]
    return found


def test_a_decision_on_a_change_closed_meanwhile_is_refused(world: World) -> None:
    """The page and the program looked at it before; the requester cancelled it since."""
    change = world.asked
    browser, caller = world.browser("owner"), world.caller("owner")
    cancel(pk=change.pk, actor=actor(world.people["requester"]), comment="Not needed.")
    url = reverse("admin:changes_changerequest_move", args=[change.pk, "approve"])
    stale = browser.post(url, {"evidence_seq": change.evidence_seq, "comment": "Yes"})
    assert stale.status_code == 412
    now = ChangeRequest.objects.get(pk=change.pk)
    sent = {"evidence_seq": now.evidence_seq, "content_digest": now.fingerprint}
    assert browser.post(url, sent).status_code in (403, 409)
    address = f"/api/v1/changes/{change.pk}/moves/approve/"
    assert caller.post(address, {"version": change.evidence_seq}).status_code == 412
    assert caller.post(address, {"version": now.evidence_seq}).status_code in (403, 409)
    assert ChangeRequest.objects.get(pk=change.pk).evidence_seq == now.evidence_seq


def test_the_same_click_twice_counts_once(world: World) -> None:
    browser, change = world.browser("requester"), world.change
    url = reverse("admin:changes_changerequest_move", args=[change.pk, "submit"])
    sent = {"evidence_seq": change.evidence_seq, "comment": ""}
    assert [browser.post(url, sent).status_code for _ in range(3)] == [302, 412, 412]
    found = EvidenceEntry.objects.filter(subject=change.subject, action="change.submitted")
    assert found.count() == 1


def test_who_left_is_out_at_once(world: World) -> None:
    """Token and session of somebody deactivated open nothing any more."""
    browser, caller = world.browser("board"), world.caller("board")
    person = world.people["board"]
    edit_user(pk=person.pk, actor=SETUP, values={"is_active": False})
    address = f"/api/v1/changes/{world.asked.pk}/"
    assert caller.get(address).status_code == 401
    assert caller.post(f"{address}moves/approve/", {"version": 2}).status_code == 401
    assert browser.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "path",
    ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example",
     "javascript:alert(1)", "\thttps://elsewhere.example", "///x.y"],
)  # fmt: skip
def test_nothing_leads_to_another_site(world: World, path: str) -> None:
    browser, change = world.browser("requester"), world.change
    comment = reverse("admin:changes_changerequest_comment", args=[change.pk])
    move = reverse("admin:changes_changerequest_move", args=[change.pk, "submit"])
    for url, sent in (
        (comment, {"text": "Hello"}),
        (move, {"evidence_seq": change.evidence_seq}),
        ("/admin/login/", {}),
    ):
        answer = browser.post(url, {**sent, "next": path})
        where = answer.headers.get("Location", "/")
        assert where.startswith("/") and not where.startswith(("//", "/\\")), (url, where)


def test_a_host_that_is_not_ours_is_refused(world: World) -> None:
    browser = world.browser("viewer")
    for host in ("elsewhere.example", "testserver@elsewhere.example", "testserver:x", "a b"):
        assert browser.get("/admin/", headers={"host": host}).status_code == 400
        assert browser.get("/api/v1/changes/", headers={"host": host}).status_code == 400


def test_a_request_id_cannot_forge_a_line_or_a_header(world: World) -> None:
    caller = world.caller("viewer")
    for text in ("a\r\nSet-Cookie: x=1", "a\nb", "\x1b[31m", "x" * 5000, '{"a": 1}', "é"):
        answer = caller.get("/api/v1/nothing/", headers={"x-request-id": text})
        assert answer.status_code == 404
        assert "Set-Cookie" not in answer
        told = answer.json()["request_id"]
        assert told.isprintable()
        assert len(told) <= 64


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b"7", b'"x"', b"{" * 1000, b'{"a":' * 1000, b"\xff\xfe{}", b'{"comment": NaN}',
     b'{"comment": 1e999}', b'{"version": {}}', b'{"version": true}', b'{"comment": ["x"]}',
     b'{"comment": "\\ud800"}', b"\x00", b"{}x"],
    ids=range(15),
)  # fmt: skip
def test_a_body_of_another_shape_is_refused(world: World, body: bytes) -> None:
    caller, before = world.caller("coordinator"), versions()
    for prefix, view in VIEWS:
        if not issubclass(view, Moves):
            continue
        obj = shown_by(view)
        for move in view.moves[:3]:
            address = f"/api/v1/{prefix}/{obj.pk}/moves/{move.name}/"
            answer = caller.post(address, body, content_type="application/json")
            assert answer.status_code in (400, 403, 409, 428), (address, answer.content[:200])
    assert versions() == before


def test_ten_thousand_rows_are_refused_at_once(world: World) -> None:
    caller: APIClient = world.caller("requester")
    row = {"asset": str(world.night.bank.copybook.pk)}
    answer = caller.post(
        "/api/v1/changes/", {"title": "x", "application": "CARD", "assets": [row] * 10_000}
    )
    assert answer.status_code in (400, 413)
    assert len(answer.content) < 100_000
