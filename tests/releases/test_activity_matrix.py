"""State by move by role of a step: a table of what is allowed; everything else is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apps.core import clock
from apps.core.moves import Move, find_move
from apps.releases.domain import lifecycle as life
from apps.releases.models import Activity
from apps.releases.moves.activity import ACTIVITY_MOVES
from tests.releases.night import ACTIVITY_WAYS, NIGHT, Night, night
from tests.support import refused

pytestmark = pytest.mark.django_db

ROLES = ("implementer", "colleague", "approver", "other_team", "coordinator", "manager",
         "validator", "viewer", "system")  # fmt: skip
TEAM = {"implementer", "colleague"}
#: Of the team, and approver of a change that the step serves: may help, may not execute.
ANY_OF_TEAM = TEAM | {"approver"}
LEAD = {"coordinator", "manager"}
OPEN = ("planned", "ready", "in_progress", "paused", "failed")

#: Move → (states, roles) in which it is possible when nothing else stands against it.
ALLOWED: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "release": (("planned",), LEAD | {"system"}),
    "release_hold": (("planned",), LEAD),
    "acknowledge": (("planned", "ready"), {"implementer"}),
    "assign": (OPEN, LEAD),
    "substitute": (OPEN, LEAD),
    "let_start": (("planned", "ready", "paused"), {"manager"}),
    "start": (("ready",), TEAM),
    "progress": (("in_progress", "paused"), ANY_OF_TEAM),
    "note": (tuple(ACTIVITY_WAYS), ANY_OF_TEAM | LEAD | {"validator"}),
    "pause": (("in_progress",), ANY_OF_TEAM | LEAD),
    "resume": (("paused",), ANY_OF_TEAM | LEAD),
    "verify": (("in_progress",), {"colleague", "approver", "validator"}),
    "accept_deviation": (("in_progress",), LEAD),
    "complete": (("in_progress",), TEAM),
    "fail": (("in_progress", "paused"), ANY_OF_TEAM | LEAD),
    "retry": (("failed",), LEAD),
    "skip": (("planned", "ready"), {"manager"}),
    "escalate": (OPEN, ANY_OF_TEAM | LEAD | {"validator", "system"}),
}
#: They are made while the plan can be edited, or of a step of another type than here.
ELSEWHERE = {"drop_predecessor", "take_up_predecessor", "tell_business_date"}
#: What makes everything but state and role right for a move.
PREPARED: dict[str, dict[str, Any]] = {
    "release_hold": {"hold_point": True},
    "acknowledge": {"acknowledged_at": None},
    "verify": {"four_eyes": True},
    "accept_deviation": {"max_rc": 4},
}
FIELDS: dict[str, dict[str, Any]] = {
    "progress": {"percent": 40},
    "accept_deviation": {"rc": 8},
    "fail": {"code": "abend"},
}
#: Move → state it leads to; moves that are not here keep the state.
LEADS_TO = {
    "release": "ready",
    "release_hold": "ready",
    "start": "in_progress",
    "pause": "paused",
    "resume": "in_progress",
    "complete": "completed",
    "fail": "failed",
    "retry": "ready",
    "skip": "skipped",
}


@pytest.fixture
def dark(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        yield night()


def _move(name: str) -> Move:
    found = find_move(ACTIVITY_MOVES, name)
    assert found is not None
    return found


def _fields(name: str, dark: Night) -> dict[str, Any]:
    if name == "assign":
        return {"owner": str(dark.people["colleague"].pk)}
    if name == "substitute":
        return {"substitute": str(dark.people["colleague"].pk)}
    return FIELDS.get(name, {})


def test_the_table_knows_every_move() -> None:
    assert set(ALLOWED) | ELSEWHERE == {move.name for move in ACTIVITY_MOVES}


def test_every_transition_of_the_model_has_a_move() -> None:
    """`back_out` and `recall` follow from other moves: a backout step, a package that leaves."""
    assert set(life.ACTIVITY_SOURCES) - {"back_out", "recall"} <= set(ALLOWED)
    for name, sources in life.ACTIVITY_SOURCES.items():
        if name in ALLOWED:
            assert set(ALLOWED[name][0]) == set(sources), name


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_who_may_do_it_in_which_state(name: str, dark: Night) -> None:
    states, roles = ALLOWED[name]
    move = _move(name)
    for number, state in enumerate(ACTIVITY_WAYS):
        step = dark.step(f"A{number}", state, **PREPARED.get(name, {}))
        for role in ROLES:
            blockers = list(move.blockers(dark.actor(role), step))
            where = f"{name} in {state} by {role}: {[b.code for b in blockers]}"
            kinds = {blocker.kind for blocker in blockers}
            assert (not blockers) == (state in states and role in roles), where
            assert ("state" in kinds) == (state not in states), where
            if role not in roles and state in states:
                assert "permission" in kinds, where


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_the_move_leads_where_it_should(name: str, dark: Night) -> None:
    states, roles = ALLOWED[name]
    role = "implementer" if "implementer" in roles else min(roles)
    step = dark.step("A1", states[0], **PREPARED.get(name, {}))
    _move(name).service(
        pk=step.pk, actor=dark.actor(role), expected_seq=step.evidence_seq,
        comment="Because it is so.", **_fields(name, dark),
    )  # fmt: skip
    assert Activity.objects.get(pk=step.pk).state == LEADS_TO.get(name, states[0])


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_the_service_refuses_what_the_page_locks(name: str, dark: Night) -> None:
    states, roles = ALLOWED[name]
    right = min(roles - {"system"})
    wrong_state = next((state for state in ACTIVITY_WAYS if state not in states), None)
    tries = [(states[0], "viewer")] + ([(wrong_state, right)] if wrong_state else [])
    for number, (state, role) in enumerate(tries):
        step = dark.step(f"A{number}", state, **PREPARED.get(name, {}))
        with refused():
            _move(name).service(
                pk=step.pk, actor=dark.actor(role), comment="Because it is so.",
                **_fields(name, dark),
            )  # fmt: skip
        after = Activity.objects.get(pk=step.pk)
        assert (after.state, after.evidence_seq) == (state, step.evidence_seq)


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_a_stale_page_changes_nothing(name: str, dark: Night) -> None:
    states, roles = ALLOWED[name]
    step = dark.step("A1", states[0], **PREPARED.get(name, {}))
    with refused("stale"):
        _move(name).service(
            pk=step.pk, actor=dark.actor(min(roles)), expected_seq=step.evidence_seq + 1,
            comment="Because it is so.", **_fields(name, dark),
        )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    sorted(
        move.name
        for move in ACTIVITY_MOVES
        if move.comment == "required" and move.name not in ELSEWHERE
    ),
)
def test_a_move_that_needs_a_reason_gets_one(name: str, dark: Night) -> None:
    states, roles = ALLOWED[name]
    step = dark.step("A1", states[0], **PREPARED.get(name, {}))
    with refused("required"):
        _move(name).service(
            pk=step.pk, actor=dark.actor(min(roles)), comment="  ", **_fields(name, dark)
        )
