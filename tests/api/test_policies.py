"""The approval policy and the differences since a decision, in the interface."""

from __future__ import annotations

from typing import Any

import pytest

from apps.approvals.models import Decision
from apps.changes.domain.policy import DELIVERED, plain_rules
from apps.changes.models import ApprovalPolicy, ChangeRequest
from apps.changes.services import requests
from tests.changes.worlds import Bank, approved, submitted
from tests.factories import actor, make_user

pytestmark = pytest.mark.django_db


def policy() -> ApprovalPolicy:
    return ApprovalPolicy.objects.get(is_active=True)


def edited(bank: Bank) -> ChangeRequest:
    change = approved(bank)
    return requests.edit_change(
        pk=change.pk, actor=actor(bank.requester), values={"validation_summary": "A look at it."}
    )


def test_the_interface_tells_the_difference_since_the_caller_s_decision(
    bank: Bank, call_as: Any
) -> None:
    change = edited(bank)
    decision = Decision.objects.get()
    address = f"/api/v1/changes/{change.pk}/differences/"
    line = {"what": "validation", "old": "Smoke job and control totals.", "new": "A look at it."}
    told = call_as(bank.owner).get(address).json()
    assert told["since"]["id"] == str(decision.pk)
    assert told["differences"] == [line]
    other = call_as(bank.manager)
    assert other.get(address).json()["since"] is None
    assert other.get(address, {"since": str(decision.pk)}).json()["differences"] == [line]


def test_a_decision_on_another_change_is_none_of_this_one(bank: Bank, call_as: Any) -> None:
    edited(bank)
    elsewhere = submitted(bank)
    address = f"/api/v1/changes/{elsewhere.pk}/differences/"
    client = call_as(bank.owner)
    assert client.get(address, {"since": str(Decision.objects.get().pk)}).status_code == 404
    assert client.get(address, {"since": "x"}).status_code == 404


def test_the_interface_tries_a_policy(bank: Bank, call_as: Any) -> None:
    address = f"/api/v1/policies/{policy().pk}/try/"
    client = call_as(bank.owner)
    told = client.get(address, {"change_type": "normal", "risk_band": "high", "tier": "tier0",
                                "families": ["db2", "ims"]}).json()  # fmt: skip
    assert [slot["code"] for slot in told] == [
        "application_owner", "technical_lead:db2", "board", "service_owner", "release_manager",
    ]  # fmt: skip
    assert told[2]["rules"] == ["N3"]
    bad = client.get(address, {"change_type": "normal", "risk_band": "purple", "what": "?"})
    assert bad.status_code == 400
    assert {b["field"] for b in bad.json()["blockers"]} == {"risk_band", "what"}


def test_the_interface_makes_a_version_and_names_what_is_wrong(bank: Bank, call_as: Any) -> None:
    for username in ("duty.one", "duty.two"):
        make_user(username, "release_manager")
    make_user("chair", "cab_chair")
    make_user("lead.security", "technical_lead@family:security")
    make_user("service", "service_owner@application:CARD")
    client = call_as(bank.manager, fresh=True)
    address = f"/api/v1/policies/{policy().pk}/"
    rules = plain_rules(DELIVERED)
    without = client.patch(address, {"rules": rules[1:]}, HTTP_IF_MATCH="1")
    assert without.status_code == 400
    assert {b["field"] for b in without.json()["blockers"]} == {"rules"}
    rules[1]["sla_hours"] = 24
    made = client.patch(address, {"rules": rules}, HTTP_IF_MATCH="1")
    assert made.status_code == 200, made.json()
    assert made.json()["stamp"] == "BASE v2"
