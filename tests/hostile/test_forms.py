"""Every form of the console as it is on the page, then forged."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.urls import reverse

from apps.changes.models import ChangeRequest
from apps.console.admin import GovernedAdmin
from apps.console.site import site
from tests.hostile.worlds import World, kept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_panels")]
EDITED = sorted(
    (m for m, a in site._registry.items()
     if isinstance(a, GovernedAdmin) and a._declared("create_service")),
    key=lambda model: model._meta.label,
)  # fmt: skip
#: Who may write most of the register, of the plan and of changes.
WRITERS = ("keeper", "coordinator", "requester", "manager", "planner")


class Inputs(HTMLParser):
    """What a browser would send of the page's main form."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self.texts: set[str] = set()
        self.chosen: set[str] = set()
        self._inside = self._area = self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = told.get("id", "")
        self._select = "" if tag == "select" else self._select
        if not self._inside.endswith("_form") or "__prefix__" in told.get("name", ""):
            return
        name = told.get("name", "")
        if tag == "input" and name and told.get("type") not in ("checkbox", "submit"):
            self.sent[name] = told.get("value", "")
            if told.get("type", "text") == "text":
                self.texts.add(name)
        elif tag == "input" and name and "checked" in told:
            self.sent[name] = "on"
        elif tag == "textarea":
            self._area = name
            self.sent[name] = ""
            self.texts.add(name)
        elif tag == "select":
            self._select = name
            self.sent[name] = ""
            self.chosen.add(name)
        elif tag == "option" and "selected" in told and self._select:
            self.sent[self._select] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        if tag == "form":
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[self._area] += data.removeprefix("\n")


def page_of(world: World, model: Any) -> tuple[Any, str, Inputs]:
    """A browser of somebody who may edit a row of `model`, its address, its inputs."""
    who, url, inputs = world.found(model, _form_of)
    return world.browser(who), url, inputs


def _form_of(world: World, model: Any) -> tuple[str, str, Inputs]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    keys = list(model._base_manager.order_by("-pk").values_list("pk", flat=True)[:6])
    for who in WRITERS:
        client = world.browser(who)
        for pk in keys:
            url = reverse(f"{name}_change", args=[pk])
            inputs = Inputs(client.get(url).content.decode())
            if inputs.texts - {"change_comment"}:
                return who, url, inputs
    url = reverse(f"{name}_add")
    return "keeper", url, Inputs(world.browser("keeper").get(url).content.decode())


FORGED: tuple[dict[str, str], ...] = (
    {"evidence_seq": ""},
    {"evidence_seq": "x"},
    {"evidence_seq": "-1"},
    {"evidence_seq": "9" * 40},
    {"evidence_seq": "\x00"},
    {"change_comment": "\x00"},
    {"change_comment": "\u202e"},
    {"change_comment": "x" * 1_000_000},
)


def one_of_each_row(names: Iterable[str]) -> Iterable[str]:
    """Of the rows of a table in a form the first: the others are read by the same code."""
    return {re.sub(r"-\d+-", "-n-", name): name for name in sorted(names, reverse=True)}.values()


@pytest.mark.parametrize("model", EDITED, ids=lambda model: model._meta.label)
def test_a_forged_form_saves_nothing(world: World, model: Any) -> None:
    client, url, inputs = page_of(world, model)
    before = kept()
    bad: list[dict[str, str]] = [dict(forged) for forged in FORGED]
    for name in one_of_each_row(inputs.texts - {"change_comment"}):
        bad += [{name: text} for text in ("a\x00b", "a\x07b", "a\u202eb")]
    for name in one_of_each_row(inputs.chosen):
        bad += [
            {name: value}
            for value in ("x", "\x00", "0" * 40, "00000000-0000-0000-0000-000000000007")
        ]
    for name in inputs.sent:
        if name.endswith("-TOTAL_FORMS"):
            prefix = name.removesuffix("TOTAL_FORMS")
            bad += [{name: value} for value in ("", "x", "9" * 30)]
            bad += [{f"{prefix}INITIAL_FORMS": value} for value in ("", "x")]
            bad += [{name: "1", f"{prefix}INITIAL_FORMS": "1", f"{prefix}0-id": key}
                    for key in ("x", "\x00", str(world.change.pk))]  # fmt: skip
    # The fields of a form are read by the same code: of a long one some are tried, by its name.
    for forged in random.Random(model._meta.label).sample(bad, min(len(bad), 30)):
        first = next((n for n in ("name", "title", "code") if n in inputs.texts), None)
        honest = {first: inputs.sent[first] + "x"} if first else {}
        answer = client.post(url, {**inputs.sent, **honest, **forged})
        told = {k: v[:50] for k, v in forged.items()}
        if not first or (forged.keys() & {"change_comment", "evidence_seq"}) - inputs.sent.keys():
            assert answer.status_code < 500, (told, answer)
            continue
        assert answer.status_code in (400, 403, 409, 412), (told, answer)
    written = {k: v for k, v in kept().items() if "Entry" not in k and "Outbox" not in k}
    assert written == {k: v for k, v in before.items() if k in written}


@pytest.mark.parametrize("model", EDITED, ids=lambda model: model._meta.label)
def test_what_the_portal_keeps_is_not_taken_from_a_form(world: World, model: Any) -> None:
    client, url, inputs = page_of(world, model)
    if "/add/" in url:
        pytest.skip("Nobody here edits one.")
    obj = model._base_manager.get(pk=url.split("/")[-3])
    forged: dict[str, Any] = {
        "state": "closed", "id": str(world.asked.pk), "pk": "x", "evidence_head": "x",
        "created_at": "2020-01-01T00:00", "requester": str(world.people["viewer"].pk),
        "fingerprint": "0" * 64, "approved_at": "2020-01-01", "is_superuser": "on",
        "risk_band": "low", "production_version": "x", "booked_changes": "0", "password": "x",
        "_saveasnew": "1", "_popup": "1", "action": "delete_selected",
    }  # fmt: skip
    readonly = {f.name for f in model._meta.concrete_fields if f.name not in inputs.sent}
    kept_values = {name: getattr(obj, name, None) for name in readonly}
    client.post(url, {**inputs.sent, **{k: v for k, v in forged.items() if k in readonly}})
    obj = model._base_manager.get(pk=obj.pk)
    for name, value in kept_values.items():
        if name not in ("evidence_seq", "evidence_head", "changed_at", "last_login"):
            assert getattr(obj, name, None) == value, name


@pytest.mark.parametrize("model", EDITED, ids=lambda model: model._meta.label)
def test_lines_as_a_browser_sends_them_are_taken(world: World, model: Any) -> None:
    """CR LF in a text of several lines is no control character."""
    client, url, inputs = page_of(world, model)
    if "/add/" in url:
        pytest.skip("Nobody here edits one.")
    answer = client.post(url, {**inputs.sent, "change_comment": "one\r\ntwo"})
    assert "U+000D" not in answer.content.decode()


def test_a_row_of_another_change_is_not_taken(world: World) -> None:
    """The id of a scope line of somebody else's change, posted as one's own."""
    client = world.browser("requester")
    theirs = world.asked.assets.get()
    url = reverse("admin:changes_changerequest_change", args=[world.change.pk])
    sent = Inputs(client.get(url).content.decode()).sent
    for prefix in ("assets-0-",):
        forged = {f"{prefix}id": str(theirs.pk), f"{prefix}to_version": "99.99"}
        for more in ({}, {f"{prefix}DELETE": "on"}, {f"{prefix}change": str(world.asked.pk)}):
            assert client.post(url, {**sent, **forged, **more}).status_code == 400
    theirs.refresh_from_db()
    assert theirs.to_version == "01.15"
    assert ChangeRequest.objects.get(pk=world.change.pk).evidence_seq == world.change.evidence_seq


@pytest.mark.parametrize("moment", ["2027-03-28T02:30", "2027-02-31T10:00", "99999-01-01T00:00",
                                    "0001-01-01T00:00", "9999-12-31T23:59", "yesterday", "1e9",
                                    "2026-10-25T02:30", "\x00"])  # fmt: skip
def test_a_time_that_cannot_be_is_refused(world: World, moment: str) -> None:
    client = world.browser("planner")
    window = world.night.window
    for url in (
        reverse("admin:windows_releasewindow_change", args=[window.pk]),
        reverse("admin:windows_releasewindow_add"),
    ):
        sent = Inputs(client.get(url).content.decode()).sent
        for name in ("opens_at", "closes_at", "scope_lock_at", "cutoffs-0-at"):
            answer = client.post(url, {**sent, name: moment})
            assert answer.status_code in (400, 403, 409), (name, answer)
