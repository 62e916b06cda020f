"""A standard change is carried out by the types of step that the board approved for it."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest

from apps.changes.models import ChangeRequest
from apps.changes.services import requests, templates
from apps.core import clock
from apps.releases.models import ActivityType
from apps.releases.policies.package import confirm_blockers
from apps.releases.services.activity_plan import create_activity
from tests.changes.worlds import draft
from tests.factories import actor, make_user
from tests.releases.worlds import Night, small_night
from tests.support import once_a_module

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def standard(night: Night, *types: str) -> ChangeRequest:
    bank = night.bank
    template = templates.propose_template(
        actor=actor(bank.owner),
        values={
            "code": "STD-COPY",
            "name": "Copybook comments",
            "application": bank.application,
            "families": [bank.copybook.type.family],
            "activity_types": list(types),
            "approved_until": clock.now() + timedelta(days=4000),
        },
    )
    templates.approve_template(
        pk=template.pk, actor=actor(make_user("chair", "cab_chair")), expected_seq=1
    )
    change = draft(bank, change_type="standard", standard_template=template)
    return requests.auto_approve(pk=change.pk, actor=actor(bank.requester), expected_seq=1)


def refusals(night: Night, *, allowed: tuple[str, ...], names_it: bool) -> set[str]:
    """What `confirm_ready` says of a step of type COPY_LOAD, among what this file is about."""
    with night.before():
        change = standard(night, *allowed)
        package = night.draft([change])
        create_activity(
            actor=actor(night.coordinator),
            values={"package": package, "label": "A1", "title": "Copy it", "team": night.ops,
                    "type": ActivityType.objects.get(code="COPY_LOAD"), "duration_minutes": 10,
                    "owner": night.operator, "deputy": night.stand_in},
            parts={"change_links": [{"change": change}] if names_it else []},
        )  # fmt: skip
        blockers = list(confirm_blockers(actor(night.coordinator), package))
    return {blocker.code for blocker in blockers} & {"outside_template"}


@pytest.mark.parametrize("names_it", [True, False], ids=["names it", "serves all changes"])
@pytest.mark.parametrize(
    ("allowed", "refused"),
    [((), set()), (("COPY_LOAD",), set()), (("LLA_REFRESH",), {"outside_template"})],
)
def test_a_step_of_another_type_keeps_the_package_from_ready(
    night: Night, allowed: tuple[str, ...], refused: set[str], names_it: bool
) -> None:
    assert refusals(night, allowed=allowed, names_it=names_it) == refused
