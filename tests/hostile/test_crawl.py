"""Every address of the console and of the interface, for everybody: no fault, and a reader
changes nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.urls import NoReverseMatch, reverse

from apps.console.site import site
from apps.portal.api_urls import router
from apps.windows.models import ReleaseWindow
from tests.hostile.worlds import World, kept

pytestmark = pytest.mark.django_db
MODELS = sorted(site._registry, key=lambda model: model._meta.label)
PREFIXES = [prefix for prefix, _view, _name in router.registry]
PAGES = ("/", "/healthz", "/search/", "/search/?q=card", "/my/approvals/", "/my/readiness/",
         "/my/steps/", "/board/", "/release-board/", "/release-board/move/", "/calendar/",
         "/calendar/?view=quarter", "/calendar/import/", "/calendars/nothing.ics",
         "/my/calendars/", "/admin/", "/admin/step-up/", "/admin/autocomplete/",
         "/admin/jsi18n/", "/admin/password_change/", "/admin/nothing/", "/admin/changes/",
         "/api/v1/me/", "/api/v1/schema/", "/api/v1/docs/", "/api/v1/step-up/",
         "/api/v1/nothing/")  # fmt: skip
NOBODY = UUID(int=7)


def admin_pages(model: Any, pk: Any) -> Iterator[str]:
    """Each page that the model's admin has for the record `pk`, those of its moves included."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    for what in ("changelist", "add", "export"):
        yield reverse(f"{name}_{what}")
    for what in ("change", "history", "comment", "delete", "password_change"):
        try:
            yield reverse(f"{name}_{what}", args=[pk])
        except NoReverseMatch:
            continue
    yield reverse(f"{name}_change", args=[pk]).removesuffix("change/")
    for move in getattr(site._registry[model], "moves", ()):
        yield reverse(f"{name}_move", args=[pk, move.name])


def plan_pages(pk: Any) -> list[str]:
    tails = ("plan/", f"plan/?repeat={NOBODY}", "plan/?repeat=x", "plan/simulate/",
             "plan/progress/", "run-book/")  # fmt: skip
    return [f"/windows/{pk}/{tail}" for tail in tails]


def api_pages(prefix: str, pk: Any) -> Iterator[str]:
    yield f"/api/v1/{prefix}/"
    for tail in ("", "history/", "comments/", "moves/", "moves/?all=1", "moves/submit/", "export/"):
        yield f"/api/v1/{prefix}/{pk}/{tail}"
    yield f"/api/v1/{prefix}/export/"
    yield f"/api/v1/{prefix}"


def first_of(model: Any) -> Any:
    found = model._base_manager.order_by("pk").first()
    assert found is not None, f"The world has no row of {model._meta.label}."
    return found.pk


@pytest.mark.parametrize("who", ["viewer", "auditor", "root", "coordinator", "robot"])
def test_whoever_reads_changes_nothing(world: World, who: str) -> None:
    client = world.browser(who)
    before = kept()
    addresses = [*PAGES, *plan_pages(first_of(ReleaseWindow)), *plan_pages(NOBODY)]
    for model in MODELS:
        addresses += admin_pages(model, first_of(model))
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code in (200, 302, 301, 400, 401, 403, 404, 405), (address, answer)
    assert kept() == before


@pytest.mark.parametrize("who", ["viewer", "coordinator", "robot"])
def test_whoever_reads_the_interface_changes_nothing(world: World, who: str) -> None:
    client = world.caller(who)
    before = kept()
    for prefix in PREFIXES:
        listed = client.get(f"/api/v1/{prefix}/").json()
        rows = listed["results"] if isinstance(listed, dict) else listed
        key = (rows[0].get("id") or rows[0]["key"]) if rows else NOBODY
        for address in api_pages(prefix, key):
            assert client.get(address).status_code in (200, 404, 405), address
            assert client.head(address).status_code in (200, 404, 405), address
            for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
                if prefix == "tokens" and method == "DELETE":
                    continue
                answer = client.generic(method, address, b"{}", "application/json")
                assert answer.status_code in (404, 405), (method, address, answer)
    assert kept() == before


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_nobody_writes_where_no_service_is(world: World, model: Any) -> None:
    """Every method on every page of the console that is no form, no comment and no move."""
    client = world.browser("root")
    before = kept()
    for address in admin_pages(model, first_of(model)):
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND"):
            answer = client.generic(method, address)
            assert answer.status_code in (200, 302, 403, 404, 405), (method, address)
        if address.endswith(("/history/", "/delete/")) or address.count("/") == 4:
            answer = client.post(address, {"action": "delete_selected", "_selected_action": "x"})
            assert answer.status_code in (302, 403, 404, 405), address
    assert kept() == before


ODD = (str(NOBODY), "0", "-1", "9" * 30, "x", "%00", "..", "x" * 3000, "a/b/c", "_3A", "\u202e",
       "'", "{{7*7}}")  # fmt: skip


@pytest.mark.parametrize("key", ODD, ids=range(len(ODD)))
def test_a_record_that_is_not_there_is_not_found(world: World, key: str) -> None:
    client = world.browser("coordinator")
    before = kept()
    for model in random.Random(key).sample(MODELS, 20):
        name = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{key}/"
        for tail in ("change/", "history/", ""):
            answer = client.get(name + tail, follow=True)
            assert answer.status_code in (400, 404), (name, tail, answer)
        for tail in ("change/", "comment/", "history/", "move/start/"):
            answer = client.post(name + tail, {"evidence_seq": "1", "text": "x", "comment": "x"})
            assert answer.status_code in (400, 403, 404), (name, tail, answer)
    assert kept() == before
