"""Every state x move of a finding, and that no transition is missing."""

from __future__ import annotations

from importlib import import_module

import pytest
from django_fsm import FSMField

from apps.core.moves import find_move
from apps.releases.domain import lifecycle as life
from apps.releases.models import Finding, Rule
from apps.releases.moves.finding import FINDING_MOVES
from tests.factories import actor, make_user

pytestmark = pytest.mark.django_db

STATES = [state for state, _ in life.FINDING_STATES]
#: Moves of people and the states they are possible in.
POSSIBLE_IN = {
    "acknowledge": {"open"},
    "resolve": {"open", "acknowledged", "vanished"},
    "assign": {"open", "acknowledged"},
    "fix": {"open", "acknowledged"},
}
#: Moves that detection makes itself.
OF_DETECTION = {"vanish", "reopen"}
FIX = {"kind": "add_steps", "label": "Add a step", "rows": []}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", POSSIBLE_IN)
def test_a_move_is_possible_in_its_states_only(name: str, state: str) -> None:
    steward = actor(make_user("coordinator", "release_coordinator"))
    finding = Finding(
        rule=Rule.objects.get(code="C01"), severity="soft", text="x", state=state, fixes=[FIX]
    )
    move = find_move(FINDING_MOVES, name)
    assert move is not None
    possible = not list(move.blockers(steward, finding))
    assert possible == (state in POSSIBLE_IN[name])
    assert move.offered_in(state) == possible


@pytest.mark.parametrize("name", [name for name in POSSIBLE_IN if name != "fix"])
@pytest.mark.parametrize("role", ["viewer", "auditor", "integration", "requester", "implementer"])
def test_who_does_not_answer_for_findings_moves_none(name: str, role: str) -> None:
    finding = Finding(rule=Rule.objects.get(code="C01"), severity="soft", text="x", state="open")
    move = find_move(FINDING_MOVES, name)
    assert move is not None
    codes = {b.code for b in move.blockers(actor(make_user(f"a.{role}", role)), finding)}
    assert codes == {"role_missing"}


def test_no_transition_is_missing_from_the_matrix() -> None:
    field = Finding._meta.get_field("state")
    assert isinstance(field, FSMField)
    names = {transition.name for transition in field.get_all_transitions(Finding)}
    assert names == {"acknowledge", "resolve", *OF_DETECTION}


def test_the_database_allows_the_same_moves() -> None:
    guards = import_module("apps.releases.migrations.0002_guards")
    pairs = life.pairs(life.FINDING_SOURCES, life.FINDING_TARGETS)
    assert set(guards.FINDING_MOVES) == set(pairs)
