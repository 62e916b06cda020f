"""A small bank to change: one application, its people, a few assets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from apps.accounts.models import User
from apps.changes.domain.policy import DELIVERED, plain_rules
from apps.changes.models import ChangeRequest
from apps.changes.selectors import policy_in_force
from apps.changes.services import decisions, requests
from apps.changes.services.policies import edit_policy
from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.evidence.models import GovernedModel
from apps.evidence.services.register import create_in_register
from apps.inventory.models import Application, Asset, AssetType
from tests.factories import SETUP, actor, make_team, make_user

SCOPE_LINE = {"action": "change", "from_version": "01.14", "to_version": "01.15"}

#: What the impact form asks, as somebody answers it whose change harms nobody.
IMPACT_FORM = {
    "impact": "none",
    "impact_words": "It runs at night.",
    "security_impact": "none",
    "security_words": "No rule changes.",
    "data_impact": "changed",
    "data_words": "The account file gets longer records.",
    "continuity": "updated",
    "continuity_words": "The run book names the job.",
}


@dataclass
class Bank:
    application: Application
    requester: User
    developer: User
    owner: User
    db2_lead: User
    board: tuple[User, User]
    manager: User
    copybook: Asset
    table: Asset


def small_bank() -> Bank:
    owner = make_user("owner.card", "application_owner@application:CARD")
    application = create_in_register(
        Application,
        actor=SETUP,
        values={
            "code": "CARD",
            "name": "Cards",
            "criticality": "tier2",
            "business_owner": owner,
            "technical_owner": make_team("CARD-DEV"),
        },
        check=anybody,
    )
    return Bank(
        application=application,
        requester=make_user("requester", "requester"),
        developer=make_user("developer", "developer"),
        owner=owner,
        db2_lead=make_user("lead.db2", "technical_lead@family:db2"),
        board=(make_user("board.one", "cab_member"), make_user("board.two", "cab_member")),
        manager=make_user("manager", "change_manager"),
        copybook=make_asset("CVACT01Y", "copybook", application),
        table=make_asset("CARDDEMO.ACCOUNT", "db2_table", application),
    )


def make_asset(name: str, kind: str, application: Application) -> Asset:
    kind_of = AssetType.objects.get(code=kind)
    values = {"type": kind_of, "name": name, "application": application}
    return create_in_register(Asset, actor=SETUP, values=values, check=anybody)


def anybody(actor: Actor, obj: GovernedModel) -> tuple[Blocker, ...]:
    """No rule about who keeps the register: a world is built by nobody in particular."""
    return ()


def draft(bank: Bank, risk: str = "low", assets: Any = None, **values: Any) -> ChangeRequest:
    """A draft that could be submitted, asked for by the requester and written by the developer."""
    return requests.create_change(
        actor=actor(bank.requester),
        values={
            "title": "Account record 300 to 340",
            "application": bank.application,
            "author": bank.developer,
            "owner": bank.requester,
            "reason": "The regulator wants the new field.",
            "implementation_summary": "Recompile and phase in.",
            "backout_summary": "Restore the members.",
            "validation_summary": "Smoke job and control totals.",
            "declared_risk": risk,
            "tests_due_on": "2026-11-20",
            **IMPACT_FORM,
            **values,
        },
        parts={"assets": assets or [SCOPE_LINE | {"asset": bank.copybook}]},
    )


def submitted(bank: Bank, risk: str = "low", **more: Any) -> ChangeRequest:
    change = draft(bank, risk, **more)
    return requests.submit(pk=change.pk, actor=actor(bank.requester), expected_seq=1)


def sign(change: ChangeRequest, *people: User, verdict: str = "approve", comment: str = "") -> Any:
    for person in people:
        change = ChangeRequest.objects.get(pk=change.pk)
        getattr(decisions, verdict)(
            pk=change.pk, actor=actor(person), expected_seq=change.evidence_seq, comment=comment
        )
    return ChangeRequest.objects.get(pk=change.pk)


def board_comes_last(bank: Bank) -> None:
    """From now on the board is asked about what is of high risk when everybody else has signed.

    The release managers are there who have to be for the policy to be kept."""
    for username in ("duty.one", "duty.two"):
        make_user(username, "release_manager")
    e1, n1, n2, n3, *_reviews = DELIVERED
    edit_policy(
        pk=policy_in_force().pk, actor=actor(bank.manager), values={},
        parts={"rules": plain_rules([e1, n1, n2, replace(n3, order=2)])},
    )  # fmt: skip


def approved(bank: Bank, **more: Any) -> ChangeRequest:
    return sign(submitted(bank, **more), bank.owner)
