"""The order of steps, steps of a scope and plan templates in the interface."""

from __future__ import annotations

from typing import Any

import pytest

from apps.releases.models import ActivityDependency, PlanTemplate, Rule
from tests.api import worlds
from tests.factories import make_user
from tests.releases.worlds import Night

pytestmark = pytest.mark.django_db


def test_an_order_is_looked_at_then_derived_then_advice_is_dropped(
    night: Night, call_as: Any
) -> None:
    package = night.draft()
    for label, kind in (("A3", "SMOKE_JOB"), ("A4", "RECON"), ("A2", "SCM_EXECUTE")):
        night.step(package, label, kind)
    client = call_as(night.coordinator)
    address = f"/api/v1/packages/{package.pk}/"
    seen = client.get(f"{address}order/").json()
    assert [(e["before_label"], e["after_label"], e["strength"]) for e in seen["to_add"]] == [
        ("A2", "A3", "hard"), ("A3", "A4", "soft"),
    ]  # fmt: skip
    move = f"{address}moves/derive_order/"
    assert client.post(move, {"content_digest": "0" * 64}, format="json").status_code == 412
    told = client.post(move, {"content_digest": seen["content_digest"]}, format="json")
    assert told.status_code == 200
    assert len(client.get(f"{address}order/").json()["edges"]) == 2
    soft = ActivityDependency.objects.get(strength="soft")
    drop = f"/api/v1/activities/{soft.activity_id}/moves/drop_predecessor/"
    body = {"predecessor": str(soft.predecessor_id), "comment": "The totals need no test run."}
    assert client.post(drop, body, format="json").status_code == 200
    (dropped,) = client.get(f"{address}order/").json()["dropped"]
    assert dropped["dropped_reason"] == "The totals need no test run."
    assert call_as(night.operator).post(move, {}, format="json").status_code == 403


def test_a_rule_of_order_is_narrowed_with_its_version(night: Night, call_as: Any) -> None:
    rule = Rule.objects.get(code="O60W")
    client = call_as(make_user("keeper", "change_manager"))
    address = f"/api/v1/rules/{rule.pk}/"
    body = {"narrowed_to": "related", "comment": "A test without files."}
    assert client.patch(address, body, format="json").status_code == 428
    told = client.patch(address, body, format="json", HTTP_IF_MATCH=rule.version)
    assert (told.json()["narrowed_to"], told.json()["version"]) == ("related", 2)
    bad = client.patch(address, {"severity": "info"}, format="json", HTTP_IF_MATCH='"2"')
    assert bad.status_code == 400 and bad.json()["blockers"][0]["field"] == "severity"
    assert client.post("/api/v1/rules/", {}, format="json").status_code == 405


def test_a_package_is_planned_from_a_template_that_was_looked_at(
    night: Night, call_as: Any
) -> None:
    worlds.rows(night, "plan-templates", 1)
    template = PlanTemplate.objects.get()
    client = call_as(night.manager)
    for move in ("review", "activate"):
        address = f"/api/v1/plan-templates/{template.pk}/moves/{move}/"
        assert client.post(address, {}, format="json").status_code == 200
    package = night.draft()
    planner = call_as(night.coordinator)
    address = f"/api/v1/packages/{package.pk}/template/"
    body = {"template": str(template.pk), "values": {"program": "COACTVWC"}}
    refused = planner.post(address, {**body, "values": {}}, format="json")
    assert refused.json()["blockers"][0]["field"] == "values.program"
    looked = planner.post(address, {**body, "preview": True}, format="json").json()
    assert [step["title"] for step in looked["steps"]] == ["Copy COACTVWC"]
    assert not package.activities.exists()
    assert planner.post(address, body, format="json").status_code == 200
    assert package.activities.get().template == template
    asked = planner.get(f"/api/v1/packages/{package.pk}/scope-steps/").json()
    assert {step["type"] for step in asked["steps"]} == {"BACKUP_LIB"}
