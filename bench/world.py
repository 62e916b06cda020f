"""A small bank whose changes are measured: people, applications, assets, made by the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.accounts.models import Team, User
from apps.accounts.selectors import actor_for
from apps.accounts.services.people import create_team, create_user, grant_role
from apps.changes.models import ChangeRequest
from apps.changes.services import requests
from apps.core import clock
from apps.core.actor import Actor, system_actor
from apps.evidence.events import RECORD_CREATED
from apps.evidence.services.door import door
from apps.evidence.services.ledger import record_created, record_many_created
from apps.inventory.models import Application, Asset, AssetType

SETUP = system_actor("bench")
PASSWORD = "bench only, of no account"
APPLICATIONS, ASSETS, PEOPLE = 20, 200, 20


@dataclass(frozen=True)
class Bank:
    applications: list[Application]
    assets: list[Asset]
    people: list[User]
    requester: User
    owner: User

    def actor(self, user: User) -> Actor:
        """The user, having proved who they are just now."""
        return actor_for(user, channel="api", auth_at=timezone.now(), auth_methods=("password",))


def _person(name: str, role: str) -> User:
    user = create_user(actor=SETUP, username=name, password=PASSWORD, email=f"{name}@bank.example")
    with clock.at(clock.now() - timedelta(days=1)):  # long enough ago to count for decisions
        grant_role(actor=SETUP, user=user, role=role)
    return user


@door("application")
def _register(*, actor: Actor, team: Team, owner: User) -> list[Application]:
    return [
        record_created(
            Application(
                code=f"APP{number:02}",
                name=f"Application {number}",
                criticality="tier2",
                business_owner=owner,
                technical_owner=team,
            ),
            actor=actor,
            event=RECORD_CREATED,
        )
        for number in range(APPLICATIONS)
    ]


@door("asset")
def _inventory(*, actor: Actor, applications: list[Application]) -> list[Asset]:
    kind = AssetType.objects.get(code="copybook")
    assets = [
        Asset(type=kind, name=f"CVB{number:05}", application=applications[number % APPLICATIONS])
        for number in range(ASSETS)
    ]
    record_many_created(assets, actor=actor, event=RECORD_CREATED)
    return assets


def found_bank() -> Bank:
    """The bank in an empty, migrated database; some seconds."""
    owner = _person("bench.owner", "application_owner")
    people = [_person(f"bench.{number:02}", "requester") for number in range(PEOPLE)]
    values = {"code": "BENCH", "name": "Bench", "kind": Team.Kind.APPLICATION}
    team = create_team(actor=SETUP, values=values)
    applications = _register(actor=SETUP, team=team, owner=owner)
    assets = _inventory(actor=SETUP, applications=applications)
    return Bank(applications, assets, people, people[0], owner)


def draft(bank: Bank, **values: Any) -> ChangeRequest:
    """A low-risk draft with one asset; its submission asks for one signature."""
    return requests.create_change(
        actor=bank.actor(bank.requester),
        values={
            "title": "Account record 300 to 340",
            "application": bank.applications[0],
            "author": bank.people[1],
            "owner": bank.requester,
            "reason": "The regulator wants the new field. " * 4,
            "implementation_summary": "Recompile the copybook's users and phase them in. " * 4,
            "backout_summary": "Restore the members of the level before. " * 3,
            "validation_summary": "Smoke job and control totals.",
            "declared_risk": "low",
            "impact": "none",
            "security_impact": "none",
            "tests_due_on": "2026-11-20",
            **values,
        },
        parts={
            "assets": [
                {"asset": bank.assets[0], "action": "change", "from_version": "01.14",
                 "to_version": "01.15"}
            ]
        },
    )  # fmt: skip


def submitted(bank: Bank) -> ChangeRequest:
    change = draft(bank)
    return requests.submit(pk=change.pk, actor=bank.actor(bank.requester), expected_seq=1)
