"""The policy, and the difference since one's own signature, on the page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.services.people import end_role
from apps.approvals.models import Approval
from apps.changes.domain.policy import DELIVERED, plain_rules
from apps.changes.models import ApprovalPolicy, ChangeRequest
from apps.changes.services import requests
from apps.changes.services.policies import edit_policy
from tests.changes.worlds import Bank, approved, sign, small_bank, submitted
from tests.factories import SETUP, actor, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(db: None) -> Bank:
    make_user("duty.one", "release_manager")
    make_user("duty.two", "release_manager")
    make_user("chair", "cab_chair")
    make_user("lead.security", "technical_lead@family:security")
    make_user("service", "service_owner@application:CARD")
    return small_bank()


def page_of(obj: Any, user: User, **query: str) -> str:
    client = Client()
    client.force_login(user)
    address = reverse(f"admin:changes_{obj._meta.model_name}_change", args=[obj.pk])
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def policy() -> ApprovalPolicy:
    return ApprovalPolicy.objects.get(is_active=True)


def edited(bank: Bank) -> ChangeRequest:
    change = approved(bank)
    return requests.edit_change(
        pk=change.pk, actor=actor(bank.requester), values={"validation_summary": "A look at it."}
    )


def test_everybody_reads_the_rules_as_a_table(bank: Bank) -> None:
    html = page_of(policy(), bank.requester)
    assert "Normal or standard, from high risk on" in html
    assert "2 different people" in html
    assert 'name="rules-0-slot"' not in html


def test_who_keeps_the_policy_edits_its_rules_on_the_page(bank: Bank) -> None:
    assert 'name="rules-0-slot"' in page_of(policy(), bank.manager)


def test_a_try_tells_the_slots_and_why(bank: Bank) -> None:
    html = page_of(policy(), bank.requester, change_type="normal", risk_band="high",
                   families="db2, ims", tier="tier0")  # fmt: skip
    assert "N2: From medium risk on, for the touched family db2, ims." in html
    assert "N3: From high risk on, two different members of the board." in html
    assert "T1: The highest criticality (tier 0): the owner of the service answers too." in html
    assert policy().evidence_seq == 1


def test_the_rules_and_a_try_tell_which_slots_are_kept_apart(bank: Bank) -> None:
    rules = plain_rules(DELIVERED)
    board = next(rule for rule in rules if rule["code"] == "N3")
    board["excludes"] = ["slot:application_owner"]
    edit_policy(pk=policy().pk, actor=actor(bank.manager), values={}, parts={"rules": rules})
    told = "not who signed “Owner of the application”"
    html = page_of(policy(), bank.requester, change_type="normal", risk_band="high",
                   families="db2", tier="tier0")  # fmt: skip
    assert html.count(told) == 2


def test_a_signature_that_lapsed_says_so_and_why(bank: Bank) -> None:
    change = sign(submitted(bank), bank.owner)
    assert "counts no more" not in page_of(change, bank.manager)
    end_role(pk=bank.owner.role_grants.get().pk, actor=SETUP, comment="Left the team.")
    html = page_of(change, bank.manager)
    assert "counts no more</span><small>the role that signs here has ended" in html
    assert html.count("counts no more") == 1


def test_a_try_that_cannot_be_names_the_field(bank: Bank) -> None:
    html = page_of(policy(), bank.requester, change_type="normal", risk_band="high",
                   families="vax", tier="tier0")  # fmt: skip
    assert "il-field-error" in html


def test_a_version_is_made_on_the_page(bank: Bank) -> None:
    client = Client()
    client.force_login(bank.manager)
    address = reverse("admin:changes_approvalpolicy_change", args=[policy().pk])
    formset = client.get(address).context["inline_admin_formsets"][0].formset
    counts = formset.management_form.initial
    posted: dict[str, Any] = {
        "code": "BASE", "name": policy().name, "is_active": "on", "evidence_seq": "1",
        **{f"rules-{name}": value for name, value in counts.items()},
    }  # fmt: skip
    for bound in (bound for row in formset.forms for bound in row):
        value = bound.field.prepare_value(bound.value())
        if value not in (None, False):
            posted[bound.html_name] = value
    posted["rules-1-sla_hours"] = "24"
    response = client.post(address, posted)
    assert response.status_code == 302, response.context["errors"]
    assert policy().stamp == "BASE v2"
    assert policy().in_rules()[1].sla_hours == 24
    assert policy().in_rules()[0] == min(DELIVERED, key=lambda rule: rule.code)


def test_an_approver_sees_what_changed_since_their_own_signature(bank: Bank) -> None:
    change = edited(bank)
    html = page_of(change, bank.owner)
    assert "What changed since you decided" in html
    assert "<del>Smoke job and control totals.</del>" in html
    assert "<ins>A look at it.</ins>" in html
    assert "What changed since you decided" not in page_of(change, bank.manager)


def test_a_reader_has_the_change_on_one_page_before_its_form(bank: Bank) -> None:
    change = edited(bank)
    html = page_of(change, bank.board[0])
    assert html.index("In one page") < html.index("Risk and impact")
    assert "Changes stored data" not in html[: html.index("In one page")]
    assert "changes stored data" in html and "The run book names the job." in html
    assert change.backout_summary in html[html.index("If it fails") : html.index("Signatures</h2>")]
    requests.cancel(pk=change.pk, actor=actor(bank.requester), comment="Not wanted any more.")
    assert "In one page" not in page_of(change, bank.board[0])


def test_release_from_hold_is_offered_on_hold_alone(bank: Bank) -> None:
    change = approved(bank)
    assert "Release from hold" not in page_of(change, bank.manager)
    requests.hold(pk=change.pk, actor=actor(bank.manager), comment="Wait for the vendor.")
    assert "Release from hold" in page_of(change, bank.manager)


def test_an_approval_names_the_change_that_it_is_about(bank: Bank) -> None:
    change = approved(bank)
    slot = Approval.objects.filter(about=change.subject).latest("requested_at")
    client = Client()
    client.force_login(bank.manager)
    for address in (
        reverse("admin:approvals_approval_changelist"),
        reverse("admin:approvals_approval_change", args=[slot.pk]),
    ):
        page = reverse("admin:changes_changerequest_change", args=[change.pk])
        assert f'<a href="{page}">{change.code} {change.title}</a>' in client.get(address).text


def test_my_approvals_tell_whose_service_it_is_and_when_it_goes_live(bank: Bank) -> None:
    submitted(bank)
    client = Client()
    client.force_login(bank.owner)
    html = client.get(reverse("my_approvals")).text
    assert f"{bank.application.name}, in no window yet" in html


def test_a_move_locked_beside_others_that_are_possible_keeps_its_reasons_folded(bank: Bank) -> None:
    html = page_of(submitted(bank), bank.owner)
    assert "Why moves are locked" in html
    assert "is locked by" not in html


def test_days_the_wrong_way_round_are_told_at_their_field(bank: Bank) -> None:
    client = Client()
    client.force_login(bank.requester)
    days = {"earliest_on": "2026-12-10", "latest_on": "2026-12-01"}
    answer = client.post(reverse("admin:changes_changerequest_add"), days)
    errors = answer.context["adminform"].form.errors
    assert errors["latest_on"] == ["It is before the earliest day. Enter a later one."]
    assert "__all__" not in errors
