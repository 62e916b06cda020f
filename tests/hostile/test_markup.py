"""What people type is shown as they typed it: no page runs it, and no spreadsheet does."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from typing import Any

import pytest
from django.urls import reverse

from apps.changes.models import ChangeRequest
from apps.changes.services.requests import create_change, submit
from apps.console.site import site
from apps.evidence.services.remarks import add_comment, add_exhibit
from apps.releases.services.package_content import create_package
from tests.changes.worlds import IMPACT_FORM, SCOPE_LINE
from tests.factories import actor
from tests.hostile.worlds import World

pytestmark = pytest.mark.django_db
MARK = "qqq"
EVIL = (
    f'"><script>{MARK}</script><img src=x onerror={MARK}()>',
    f"'-{MARK}()-' onmouseover={MARK}() javascript:{MARK}() {{{{ 7|add:7 }}}}{{% debug %}}",
    f"</title></textarea></style><svg/onload={MARK}()><a href=javascript:{MARK}()>",
)


class Runs(HTMLParser):
    """What of the page would run: handlers, inline scripts, addresses of scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        for name, value in attrs:
            runs = name.startswith("on") or (value or "").strip().lower().startswith("javascript:")
            if runs or (name in ("src", "href", "action") and MARK in (value or "").split("?")[0]):
                self.found.append(f"<{tag} {name}={value}>")
        if tag in ("script", "svg", "style") and MARK in str(attrs):
            self.found.append(tag)
        self._script = tag == "script"

    def handle_data(self, data: str) -> None:
        if getattr(self, "_script", False) and MARK in data:
            self.found.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._script = False


def told(world: World, text: str) -> tuple[ChangeRequest, Any]:
    """A change and a package whose every text is `text`."""
    bank = world.night.bank
    person = actor(bank.requester)
    with world.night.before():
        change = create_change(
            actor=person,
            values={
                "title": text, "application": bank.application, "author": bank.developer,
                "owner": bank.requester, "reason": text, "implementation_summary": text,
                "backout_summary": text, "validation_summary": text, "declared_risk": "high",
                **IMPACT_FORM, **{name: text for name in IMPACT_FORM if name.endswith("words")},
                "incident_ref": "<b>i</b>", "external_ref": "'\"><i>", "tests_due_on": "2026-11-20",
            },
            parts={
                "assets": [SCOPE_LINE | {"asset": bank.copybook, "scm_ref": "<svg onload=x>"}],
                "links": [{"kind": "regulatory", "ref": "<script>x", "url": ""}],
            },
        )  # fmt: skip
        add_comment(about=change.subject, actor=person, text=text)
        add_exhibit(about=change.subject, actor=person, kind="unit", title=text[:190], text=text)
        package = create_package(
            actor=actor(world.night.coordinator),
            values={"name": text[:110], "window": world.night.window},
            parts={"members": [], "dependencies": []},
        )
        change = submit(pk=change.pk, actor=person, comment=text)
    return change, package


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_no_page_runs_what_was_typed(world: World, text: str) -> None:
    change, package = told(world, text)
    browser = world.browser("coordinator")
    pages = ["/admin/", "/my/approvals/", "/search/?q=" + MARK, "/my/steps/", "/my/readiness/"]
    for model in site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages += [reverse(f"{name}_changelist"), reverse(f"{name}_changelist") + f"?q={MARK}"]
    for obj in (change, package):
        name = f"admin:{obj._meta.app_label}_{obj._meta.model_name}"
        pages += [reverse(f"{name}_{what}", args=[obj.pk]) for what in ("change", "history")]
    shown = 0
    for page in pages:
        answer = browser.get(page)
        html = answer.content.decode()
        assert Runs(html).found == [], page
        assert "unsafe" not in answer["Content-Security-Policy"]
        shown += MARK in html
    assert shown >= 6, "The texts are shown where they are looked for."
    move = reverse("admin:changes_changerequest_move", args=[change.pk, "hold"])
    comment = reverse("admin:changes_changerequest_comment", args=[change.pk])
    for url, sent in (
        (move, {"evidence_seq": "1", "comment": text, "next": text}),
        (move, {"evidence_seq": text, "comment": text}),
        (comment, {"text": text + "\x07"}),
        (f"/admin/login/?next={text}", {"username": text, "password": text}),
        ("/admin/step-up/", {"password": text, "next": text}),
    ):
        assert Runs(browser.post(url, sent).content.decode()).found == [], url
    problem = world.caller("viewer").get(f"/api/v1/changes/{text}/")
    assert problem["Content-Type"] in ("application/problem+json", "application/json")
    assert problem["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_no_exported_cell_is_a_formula(world: World, text: str) -> None:
    told(world, text)
    browser, caller = world.browser("manager"), world.caller("manager")
    for answer in (
        browser.post(reverse("admin:changes_changerequest_export")),
        browser.post(reverse("admin:releases_releasepackage_export")),
        browser.post(reverse("admin:evidence_comment_export")),
        caller.post("/api/v1/changes/export/"),
        caller.post("/api/v1/packages/export/"),
    ):
        assert answer["Content-Type"].startswith("text/csv")
        assert answer["Content-Disposition"].startswith("attachment")
        file = b"".join(answer.streaming_content).decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(file)) for cell in row]
        assert any(text in cell for cell in cells)
        assert not [c for c in cells if c.startswith(("=", "+", "@")) or c == text]
