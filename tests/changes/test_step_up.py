"""What decides, and what says who or what decides, asks for a fresh proof of identity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Delegation, RoleGrant
from apps.accounts.selectors import AUTH_AT_KEY
from apps.accounts.services.delegations import delegate_role, revoke_delegation
from apps.accounts.services.people import end_role, grant_role
from apps.approvals.models import Obligation
from apps.approvals.services.obligations import doubt_obligation, meet_obligation
from apps.audit.models import AuditFinding
from apps.audit.services.findings import (
    accept_finding,
    close_finding,
    explain_finding,
    open_finding,
)
from apps.changes.domain.policy import DELIVERED, plain_rules
from apps.changes.models import ApprovalPolicy, RiskWeights
from apps.changes.services.policies import create_policy, edit_policy
from apps.changes.services.risk import edit_weights
from apps.core import clock
from apps.core.actor import Actor
from apps.gates.services.profiles import create_profile
from tests.changes.worlds import Bank, sign, small_bank, submitted
from tests.factories import PASSWORD, actor, make_user
from tests.support import refused

pytestmark = pytest.mark.django_db
Door = Callable[[Bank, Callable[[Any], Actor]], object]


@pytest.fixture
def bank(db: None) -> Bank:
    make_user("keeper", "site_admin", password=PASSWORD)
    return small_bank()


def keeper() -> Any:
    return make_user("keeper")


def condition(bank: Bank) -> Obligation:
    sign(submitted(bank), bank.owner, verdict="approve_with_conditions", comment="Tell the desk.")
    return Obligation.objects.get()


def met(bank: Bank) -> Obligation:
    row = condition(bank)
    return meet_obligation(pk=row.pk, actor=actor(bank.requester), comment="Mail of today.")


def finding(bank: Bank, *, answered: bool = False) -> AuditFinding:
    found = open_finding(
        actor=actor(make_user("agnes", "auditor")),
        values={"about_name": "CHG0001", "what": "Nobody said why.", "owner": bank.owner,
                "due_at": clock.now() + timedelta(days=5)},
    )  # fmt: skip
    return (
        explain_finding(pk=found.pk, actor=actor(bank.owner), comment="Because.")
        if answered
        else found
    )


def delegated(bank: Bank, who: Actor) -> Delegation:
    return delegate_role(
        actor=who, delegate=make_user("deputy"), role="application_owner", reason="Holidays",
        ends_at=clock.now() + timedelta(days=3),
    )  # fmt: skip


DOORS: dict[str, Door] = {
    "give a role": lambda bank, by: grant_role(
        actor=by(keeper()), user=bank.requester, role="validator"
    ),
    "end a role": lambda bank, by: end_role(
        pk=RoleGrant.objects.get(user=bank.owner).pk, actor=by(keeper()), comment="Left."
    ),
    "delegate": lambda bank, by: delegated(bank, by(bank.owner)),
    "revoke a delegation": lambda bank, by: revoke_delegation(
        pk=delegated(bank, actor(bank.owner)).pk, actor=by(bank.owner), comment="Back."
    ),
    "enter a policy": lambda bank, by: create_policy(
        actor=by(bank.manager), values={"code": "OTHER", "name": "Other"},
        parts={"rules": plain_rules(DELIVERED[:1])},
    ),
    "edit the policy": lambda bank, by: edit_policy(
        pk=ApprovalPolicy.objects.get().pk, actor=by(bank.manager), values={"name": "Other"}
    ),
    "weigh risk otherwise": lambda bank, by: edit_weights(
        pk=RiskWeights.objects.get().pk, actor=by(bank.manager), values={"blast_points": 20.0}
    ),
    "ask gates otherwise": lambda bank, by: create_profile(
        actor=by(bank.manager), values={"gate": "G09", "setting": "soft", "reason": "Trial."}
    ),
    "meet a condition": lambda bank, by: meet_obligation(
        pk=condition(bank).pk, actor=by(bank.requester), comment="Done."
    ),
    "accept the risk of a finding": lambda bank, by: accept_finding(
        pk=finding(bank).pk, actor=by(bank.manager), comment="We live with it."
    ),
    "close a finding": lambda bank, by: close_finding(
        pk=finding(bank, answered=True).pk, actor=by(make_user("second", "auditor"))
    ),
    "judge a proof": lambda bank, by: doubt_obligation(
        pk=met(bank).pk, actor=by(bank.owner), comment="By which mail?"
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_an_old_proof_of_identity_opens_no_such_door(bank: Bank, door: Door) -> None:
    old = timezone.now() - timedelta(minutes=6)
    with refused("step_up_needed"):
        door(bank, lambda user: replace(actor(user), auth_at=old))


def late_browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session[AUTH_AT_KEY] = (timezone.now() - timedelta(minutes=6)).isoformat()
    session.save()
    return client


def test_a_form_that_says_who_decides_asks_for_the_password_and_keeps_what_was_typed(
    bank: Bank,
) -> None:
    client, address = late_browser(keeper()), reverse("admin:accounts_rolegrant_add")
    typed = {"user": bank.requester.pk, "role": "validator", "scope": "", "until_0": ""}
    asked = client.post(address, typed)
    assert 'name="role" value="validator"' in asked.content.decode()
    wrong = client.post(address, {**typed, "password": "not it"})
    assert wrong.status_code == 403
    assert not RoleGrant.objects.filter(role="validator").exists()
    assert client.post(address, {**typed, "password": PASSWORD}).status_code == 302
    assert RoleGrant.objects.get(role="validator").granted_by == keeper()


def test_an_edit_of_the_weights_asks_for_the_password_too(bank: Bank) -> None:
    weights = RiskWeights.objects.get()
    client = late_browser(keeper())
    address = reverse("admin:changes_riskweights_change", args=[weights.pk])
    form = client.get(address).context["adminform"].form
    typed = {field.html_name: field.value() for field in form}
    typed |= {"evidence_seq": weights.evidence_seq, "blast_points": "20"}
    asked = client.post(address, typed)
    assert "This needs your password" in asked.content.decode()
    assert client.post(address, {**typed, "password": PASSWORD}).status_code == 302
    weights.refresh_from_db()
    assert weights.blast_points == 20
