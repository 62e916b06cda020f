"""Slots and quorums: the pure rule as a table, the lifecycle, and who is waited for."""

from __future__ import annotations

from typing import Any

import pytest
from django_fsm import TransitionNotAllowed

from apps.approvals.domain.slots import Signature, SlotSpec, in_turn, outcome_of
from apps.approvals.models import Approval
from apps.approvals.selectors import waiting_for
from apps.core.actor import RoleHeld
from tests.changes.worlds import board_comes_last, sign, small_bank, submitted
from tests.factories import actor, make_user

A, C, R, N = "approve", "approve_with_conditions", "reject", "abstain"


@pytest.mark.parametrize(
    ("given", "quorum", "outcome"),
    [
        ([], 1, "requested"),
        ([("one", A)], 1, "approved"),
        ([("one", A)], 2, "requested"),
        ([("one", A), ("one", A)], 2, "requested"),
        ([("one", A), ("two", A)], 2, "approved"),
        ([("one", C), ("two", A)], 2, "approved_with_conditions"),
        ([("one", N)], 1, "requested"),
        ([("one", N), ("two", A)], 1, "approved"),
        ([("one", R)], 1, "rejected"),
        ([("one", A), ("two", R)], 1, "rejected"),
    ],
)
def test_what_signatures_amount_to(given: Any, quorum: int, outcome: str) -> None:
    assert outcome_of([Signature(*each) for each in given], quorum) == outcome


@pytest.mark.parametrize(
    ("held", "admitted"),
    [
        (RoleHeld("application_owner", "application:CARD"), True),
        (RoleHeld("application_owner"), True),
        (RoleHeld("application_owner", "application:AUTH"), False),
        (RoleHeld("technical_lead", "application:CARD"), False),
        (RoleHeld("site_admin"), False),
    ],
)
def test_a_slot_admits_the_role_in_its_scope(held: RoleHeld, admitted: bool) -> None:
    wanted = RoleHeld("application_owner", "application:CARD")
    assert SlotSpec("owner", "Owner", (wanted,), 1, "").admits([held]) is admitted


@pytest.mark.parametrize(
    ("orders", "turn"), [([], []), ([1, 1], [1, 1]), ([2, 1, 3], [1]), ([3, 2, 2], [2, 2])]
)
def test_the_lowest_order_that_is_open_has_its_turn(orders: list[int], turn: list[int]) -> None:
    slots = [SlotSpec("any", "Any", (), 1, "", order=order) for order in orders]
    assert [slot.order for slot in in_turn(slots)] == turn


#: Every state and move of a slot; what is not named is refused.
MOVES: dict[str, dict[str, str]] = {
    "requested": {
        "approve": "approved",
        "approve_with_conditions": "approved_with_conditions",
        "reject": "rejected",
        "supersede": "superseded",
        "withdraw": "withdrawn",
    },
    "approved": {
        "deny": "denied",
        "supersede": "superseded",
        "withdraw": "withdrawn",
        "expire": "expired",
        "reopen": "requested",
    },
    "approved_with_conditions": {
        "supersede": "superseded",
        "withdraw": "withdrawn",
        "expire": "expired",
        "reopen": "requested",
        "deny": "denied",
    },
    "denied": {"supersede": "superseded", "withdraw": "withdrawn", "expire": "expired"},
}
NAMES = (
    "approve", "approve_with_conditions", "reject", "reopen", "supersede", "withdraw", "expire",
    "deny",
)  # fmt: skip


@pytest.mark.parametrize("move", NAMES)
@pytest.mark.parametrize("state", Approval.State.values)
def test_every_state_and_move_of_a_slot(state: str, move: str) -> None:
    slot = Approval(state=state)
    expected = MOVES.get(state, {}).get(move)
    if expected is None:
        with pytest.raises(TransitionNotAllowed):
            getattr(slot, move)()
    else:
        getattr(slot, move)()
        assert slot.state == expected


def test_no_move_of_a_slot_is_missing() -> None:
    field = Approval._meta.get_field("state")
    assert {transition.name for transition in field.get_all_transitions(Approval)} == set(NAMES)


@pytest.mark.django_db
class TestWaiting:
    def test_a_slot_waits_for_those_who_may_sign_it_and_nobody_else(self) -> None:
        bank = small_bank()
        line = {"asset": bank.table, "action": "change", "from_version": "1"}
        submitted(bank, "high", assets=[line])
        stranger = make_user("owner.auth", "application_owner@application:AUTH")
        waited = {
            user.username: [slot.slot for slot in waiting_for(actor(user))]
            for user in (bank.owner, bank.db2_lead, bank.board[0], bank.manager, stranger)
        }
        assert waited == {
            "owner.card": ["application_owner"],
            "lead.db2": ["technical_lead:db2"],
            "board.one": ["board"],
            "manager": [],
            "owner.auth": [],
        }

    def test_nobody_is_waited_for_before_their_turn(self) -> None:
        bank = small_bank()
        line = {"asset": bank.copybook, "action": "change", "from_version": "1"}
        board_comes_last(bank)
        change = submitted(bank, "high", assets=[line])
        assert waiting_for(actor(bank.board[0])) == []
        sign(change, bank.owner)
        assert [slot.slot for slot in waiting_for(actor(bank.board[0]))] == ["board"]

    def test_who_has_signed_is_not_waited_for_any_more(self) -> None:
        bank = small_bank()
        line = {"asset": bank.copybook, "action": "change", "from_version": "1"}
        sign(submitted(bank, "high", assets=[line]), bank.board[0])
        assert waiting_for(actor(bank.board[0])) == []
        assert [slot.slot for slot in waiting_for(actor(bank.board[1]))] == ["board"]
