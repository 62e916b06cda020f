"""Steps, checks and backout plans in the console."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.core import clock
from apps.releases.models import Activity, BackoutPlan, ValidationCheck
from tests.factories import make_team
from tests.releases.night import NIGHT, Night, night

pytestmark = pytest.mark.django_db


@pytest.fixture
def dark(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        yield night()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(obj: Any, tail: str = "change/") -> str:
    return f"/admin/releases/{obj._meta.model_name}/{obj.pk}/{tail}"


def test_every_page_opens_for_everybody(dark: Night) -> None:
    step = dark.step("A1", "completed", changes=(dark.change,), subsystem=dark.subsystem())
    undo = dark.step("U1", is_backout=True, reverses=step)
    client = signed_in(dark.people["viewer"])
    for record in (step, undo, dark.check("V1", "failed", activity=step), dark.plan("reviewed")):
        for tail in ("change/", "history/"):
            assert client.get(address(record, tail)).status_code == 200
        assert client.get(address(record, "").replace(f"{record.pk}/", "")).status_code == 200


@pytest.mark.parametrize("model", [Activity, ValidationCheck, BackoutPlan])
def test_a_list_costs_the_same_for_one_row_and_for_three(dark: Night, model: Any) -> None:
    client = signed_in(dark.people["viewer"])
    url = f"/admin/releases/{model._meta.model_name}/"

    def make(number: int) -> None:
        dark.package = dark.make_package("in_progress")
        dark.step(f"A{number}")
        dark.check(f"V{number}")
        dark.plan()

    make(1)
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert client.get(url).status_code == 200
    for number in (2, 3):
        make(number)
    with CaptureQueriesContext(connection) as three:
        client.get(url)
    assert len(three) == len(one) <= 16


def test_a_step_is_started_with_one_button(dark: Night) -> None:
    step = dark.step("A1", "ready")
    page = address(step, "move/start/")
    data = {"evidence_seq": step.evidence_seq, "started_at": "", "comment": ""}
    client = signed_in(dark.people["implementer"])
    assert client.get(page).status_code == 405
    assert client.post(page, data).status_code == 302
    assert Activity.objects.get(pk=step.pk).state == "in_progress"
    assert client.post(page, data).status_code in (409, 412)


def test_a_locked_move_shows_every_reason(dark: Night) -> None:
    a1 = dark.step("A1")
    step = dark.step("A2", "ready", after=(a1,), owner=None)
    html = signed_in(dark.people["viewer"]).get(address(step)).content.decode()
    for text in ("Step A1 comes first and is planned.", "Step A2 has no owner.",
                 "it takes the role implementer"):  # fmt: skip
        assert text in html


def test_a_result_is_recorded_and_judged(dark: Night) -> None:
    check = dark.check("V1", "running")
    client = signed_in(dark.people["validator"])
    data = {"evidence_seq": check.evidence_seq, "actual_value": "8", "comment": ""}
    assert client.post(address(check, "move/record_result/"), data).status_code == 302
    assert ValidationCheck.objects.get(pk=check.pk).state == "failed"


def form(desk: Night, **more: Any) -> dict[str, Any]:
    return {
        "package": str(desk.package.pk), "window": "", "label": "A1", "type": "COPY_LOAD",
        "title": "Copy the load modules", "instruction": "", "team": str(make_team("OPS").pk),
        "owner": str(desk.people["implementer"].pk), "deputy": "", "duration_minutes": 5,
        "not_before_at": "", "subsystem": "", "expected_result": "", "max_rc": "4",
        "mandatory": "on", "reverses": "",
        **{f"{part}-{count}": 0 for part in ("dependencies", "targets", "change_links")
           for count in ("TOTAL_FORMS", "INITIAL_FORMS")},
        **more,
    }  # fmt: skip


def test_a_step_is_planned_on_a_page_with_its_rows(db: None) -> None:
    with clock.at(NIGHT):
        desk = night("planned")
        first = desk.step("A0")
        client = signed_in(desk.people["coordinator"])
        url = "/admin/releases/activity/add/"
        assert client.get(url).status_code == 200
        rows = {"dependencies-TOTAL_FORMS": 1, "dependencies-0-predecessor": str(first.pk),
                "dependencies-0-strength": "hard"}  # fmt: skip
        assert client.post(url, form(desk, duration_minutes=0, **rows)).status_code == 400
        assert client.post(url, form(desk, **rows)).status_code == 302
        step = Activity.objects.get(label="A1")
        assert [row.predecessor for row in step.dependencies.all()] == [first]

        other = desk.make_package("planned")
        kept = {"dependencies-INITIAL_FORMS": 1,
                "dependencies-0-id": str(step.dependencies.get().pk)}  # fmt: skip
        forged = form(
            desk, title="Copy them all", package=str(other.pk), state="completed",
            evidence_seq=step.evidence_seq, **rows, **kept,
        )  # fmt: skip
        response = client.post(address(step), forged)
        assert response.status_code == 302, response.context["errors"]
        step = Activity.objects.get(pk=step.pk)
        assert (step.title, step.package, step.state) == (
            "Copy them all", desk.package, "planned",
        )  # fmt: skip
        assert client.post(address(step), forged).status_code == 409
        assert signed_in(desk.people["viewer"]).get(url).status_code == 403
