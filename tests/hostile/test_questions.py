"""Nonsense in the address of every list, search and history of the console."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from apps.console.site import site
from tests.hostile.test_crawl import first_of
from tests.hostile.worlds import World, kept

pytestmark = pytest.mark.django_db
MODELS = sorted(site._registry, key=lambda model: model._meta.label)
TEXTS = ("%00", "%07", "%E2%80%AE", "%ED%A0%80", "%FF%FE", "'%22%3C", "x" * 5000, "%25", "%5C", "(")
QUESTIONS = (
    *(f"q={text}" for text in TEXTS),
    *(f"{name}={value}" for name in ("p", "o", "all", "e", "_facets", "_popup", "_to_field",
                                     "_changelist_filters")
      for value in ("", "-1", "x", "9" * 40, "0.1", "%00", "1.-1.99.x")),
    "id__exact=x", "id__in=x,y", "id__isnull=perhaps", "pk=%00",
    "state__exact=%00", "state__exact=flying", "state__regex=(", "nothing=1", "__=1", "a__b__c=1",
    "created_at__gte=yesterday", "created_at__year=99999", "created_at__gt=9999-12-31T23:59-14:00",
    "is_active__exact=2", "kind__exact=%00", "on_hold__exact=x",
    "application__id__exact=x", "type__family=%00", "history_user_id=1",
    "q=a&q=b&o=1&o=2", "id__lt=" + "9" * 60, "id__exact=%00",
)  # fmt: skip
SENSITIVE = ("password__startswith=a", "user__password=x", "owner__password__startswith=m",
             "evidence_head__exact=x")  # fmt: skip
OF_A_PAGE = (
    "p=%00", "p=-1", f"p={'9' * 40}", "_popup=1", "_to_field=password", "_changelist_filters=%00",
    "next=//elsewhere.example", "owner=x", "application=%00", "package=x", "type=%00", "opens_at=x",
    "tests_due_on=2026-02-31", "title=%00",
)  # fmt: skip


# Every model is asked some of them, drawn by its name: together they are asked all, many times.
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_list_takes_any_question(world: World, model: Any) -> None:
    client = world.browser("keeper")
    before = kept()
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    dice = random.Random(model._meta.label)
    for question in [*SENSITIVE, *dice.sample(QUESTIONS, 16)]:
        sid = transaction.savepoint()
        answer = client.get(f"{url}?{question}")
        assert answer.status_code in (200, 302, 400, 403, 404), (question, answer)
        if question in SENSITIVE:
            assert answer.status_code in (400, 403), question
        transaction.savepoint_rollback(sid)
    for question in dice.sample(QUESTIONS, 5):
        answer = client.post(f"{url}export/?{question}")
        assert answer.status_code in (200, 400, 403, 404), (question, answer)
        if answer.streaming:
            b"".join(answer.streaming_content)
    assert kept() == before


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_page_takes_any_question(world: World, model: Any) -> None:
    client = world.browser("keeper")
    before, dice = kept(), random.Random(model._meta.label)
    pk = first_of(model)
    for what, args in (("change", [pk]), ("history", [pk]), ("add", [])):
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)
        for question in dice.sample(OF_A_PAGE, 4):
            answer = client.get(f"{url}?{question}")
            assert answer.status_code in (200, 400, 403, 404), (url, question, answer)
    assert kept() == before


@pytest.mark.parametrize("path", ["/search/", "/admin/", "/my/steps/", "/admin/step-up/"])
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_pages_across_take_any_question(world: World, path: str, text: str) -> None:
    client = world.browser("viewer")
    assert client.get(f"{path}?q={text}&next={text}&p={text}").status_code in (200, 400)


def test_choosers_show_no_more_than_lists(world: World) -> None:
    client = world.browser("viewer")
    url = "/admin/autocomplete/?app_label={}&model_name={}&field_name={}&term={}"
    for asked in (
        ("changes", "changerequest", "owner", "%00"), ("changes", "changerequest", "owner", "x"),
        ("changes", "changerequest", "password", "x"), ("accounts", "user", "password", "x"),
        ("nothing", "nothing", "nothing", "x"), ("%00", "x", "y", "z"),
        ("changes", "changeasset", "asset", "%00&page=x"),
        ("changes", "changeasset", "asset", "a&page=" + "9" * 40),
        ("releases", "activity", "package", "%ED%A0%80"),
    ):  # fmt: skip
        answer = client.get(url.format(*asked))
        assert answer.status_code in (200, 400, 403, 404), (asked, answer)
        assert "pbkdf2" not in answer.content.decode()
        assert "md5$" not in answer.content.decode()
