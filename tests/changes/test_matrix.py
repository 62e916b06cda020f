"""Every state x move x role of a change request, and that no transition is missing.

A cell is allowed only when the state offers the move and the role may do it; everything else is
refused with the kind of reason that the table says.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import connection

from apps.changes.domain import lifecycle as life
from apps.changes.models import ChangeRequest
from apps.changes.moves import CHANGE_MOVES
from apps.core.moves import Move
from tests.changes.worlds import Bank, draft, small_bank, submitted
from tests.factories import actor, make_user
from tests.support import once_a_module

pytestmark = pytest.mark.django_db

STATES = [state for state, _ in life.STATES]

#: Who may do each move, of the people below, whatever the state.
ALLOWED: dict[str, set[str]] = {
    "submit": {"requester", "author"},
    "auto_approve": {"requester", "author"},
    "approve": {"app_owner"},
    "approve_with_conditions": {"app_owner"},
    "reject": {"app_owner"},
    "abstain": {"app_owner"},
    "recuse": {"app_owner"},
    "withdraw_decision": set(),
    "return_to_draft": {"app_owner", "manager"},
    "invalidate": {"manager"},
    "hold": {"manager", "requester"},
    "release": {"manager", "requester"},
    "ratify": {"board"},
    "refuse_ratification": {"board"},
    "close": {"manager", "requester"},
    "cancel": {"requester", "author", "manager"},
    "record_phone_approval": {"release_manager"},
    "waive_debt": {"manager"},
}
PEOPLE = ("requester", "author", "app_owner", "board", "manager", "coordinator", "implementer",
          "auditor", "viewer", "site_admin", "superuser")  # fmt: skip
#: Only who was on the phone confirms or denies; of a plain change nobody was, and nobody is kept
#: from it.
ALLOWED["confirm_phone_approval"] = ALLOWED["deny_phone_approval"] = set(PEOPLE)
#: Conditions beside state and role that a plain record does not fulfil.
OTHER = {
    "auto_approve": {"not_standard", "no_template"},
    "release": {"not_on_hold"},
    "ratify": {"not_emergency"},
    "refuse_ratification": {"not_emergency"},
    "record_phone_approval": {"not_emergency"},
    "confirm_phone_approval": {"nothing_to_confirm"},
    "deny_phone_approval": {"nothing_to_confirm"},
    "waive_debt": {"no_debt"},
}


built = once_a_module(small_bank)


@pytest.fixture
def bank(built: Bank, db: None) -> Bank:
    return deepcopy(built)


@pytest.fixture
def people(bank: Bank) -> dict[str, Any]:
    superuser = make_user("superuser")
    superuser.is_superuser = True
    superuser.save()
    users = {
        "requester": bank.requester,
        "author": bank.developer,
        "app_owner": bank.owner,
        "board": bank.board[0],
        "manager": bank.manager,
        "coordinator": make_user("coordinator", "release_coordinator"),
        "implementer": make_user("implementer", "implementer"),
        "auditor": make_user("auditor", "auditor"),
        "viewer": make_user("viewer", "viewer"),
        "site_admin": make_user("site.admin", "site_admin"),
        "superuser": superuser,
    }
    return {name: actor(user) for name, user in users.items()}


def in_state(bank: Bank, state: str) -> ChangeRequest:
    """A change in `state`; put there past the guards, which this test is not about."""
    change = draft(bank) if state == life.DRAFT else submitted(bank)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE changes_changerequest SET state = %s WHERE id = %s", [state, change.pk]
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET LOCAL ROLE interlock_app")
    return ChangeRequest.objects.get(pk=change.pk)


@pytest.mark.parametrize("state", STATES)
def test_every_cell(bank: Bank, people: dict[str, Any], state: str) -> None:
    change = in_state(bank, state)
    wrong = [
        (move.name, who, sorted(kinds))
        for move in CHANGE_MOVES
        for who, kinds in cells(move, change, people)
        if kinds != expected(move, state, who)
    ]
    assert wrong == []


def cells(
    move: Move, change: ChangeRequest, people: dict[str, Any]
) -> Iterator[tuple[str, set[str]]]:
    for who in PEOPLE:
        blockers = [
            b for b in move.blockers(people[who], change) if b.code not in OTHER.get(move.name, ())
        ]
        yield who, {blocker.kind for blocker in blockers}


def expected(move: Move, state: str, who: str) -> set[str]:
    kinds = set()
    allowed_in = life.SOURCES["cancel"] if move.name == "cancel" else move.sources
    by_state = ("release", "confirm_phone_approval", "deny_phone_approval", "waive_debt")
    if move.name not in by_state and state not in allowed_in:
        kinds.add("state")
    signing = move.name in ("approve", "approve_with_conditions", "reject", "abstain", "recuse")
    if signing and state == life.DRAFT:
        return kinds  # nobody is asked yet: the state is the only reason
    if state == life.DRAFT and move.name == "return_to_draft" and who == "app_owner":
        return kinds | {"permission"}  # an approver is who is asked; nobody is
    if who not in ALLOWED[move.name]:
        kinds.add("permission")
    return kinds


def test_no_transition_is_missing() -> None:
    """Every transition of the model is a move of a person or one that execution tells."""
    by_people = {move.name for move in CHANGE_MOVES}
    told = {"approve", "schedule", "unschedule", "start", "complete", "fail", "resume",
            "return_to_approved", "back_out"}  # fmt: skip
    field = ChangeRequest._meta.get_field("state")
    names = {transition.name for transition in field.get_all_transitions(ChangeRequest)}
    assert names == set(life.SOURCES)
    assert names <= by_people | told
