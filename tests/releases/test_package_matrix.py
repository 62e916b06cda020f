"""Every state x move x role of a package, and that no transition is missing."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from apps.core.actor import system_actor
from apps.core.moves import Move
from apps.releases.domain import lifecycle as life
from apps.releases.models import ReleasePackage
from apps.releases.moves.night import WINDOW_NIGHT_MOVES
from apps.releases.moves.package import PACKAGE_MOVES
from apps.windows.moves import WINDOW_MOVES
from tests.factories import actor, make_user
from tests.releases.worlds import BEFORE, Night, small_night
from tests.support import once_a_module

pytestmark = pytest.mark.django_db

STATES = [state for state, _ in life.PACKAGE_STATES]

#: Who may do each move, of the people below, whatever the state.
ALLOWED: dict[str, set[str]] = {
    "attest_gate": {"coordinator", "manager", "owner"},
    "plan": {"coordinator", "manager"},
    "add_scope_steps": {"coordinator"},
    "derive_order": {"coordinator"},
    "ask_deviation": {"coordinator", "manager"},
    "ask_waiver": {"coordinator", "manager", "owner", "requester"},
    "ask_late_scope": {"coordinator", "manager", "owner", "requester"},
    "confirm_ready": {"coordinator"},
    "regress": {"coordinator", "system"},
    "start": {"coordinator"},
    "emergency_start": {"manager"},
    "to_validation": {"coordinator", "system"},
    "decide": {"manager"},
    "complete": {"coordinator"},
    "propose_partial": {"manager", "app_owner"},
    "complete_partially": {"manager", "app_owner"},
    "reopen": {"coordinator"},
    "fail": {"coordinator", "system"},
    "resume": {"manager"},
    "confirm_decision": {"manager", "app_owner"},
    "propose_backout": {"manager"},
    "start_backout": {"manager"},
    "finish_backout": {"coordinator"},
    "backout_failed": {"manager"},
    "delay": {"coordinator", "manager", "system"},
    "replan": {"coordinator", "manager"},
    "close": {"coordinator", "owner"},
    "cancel": {"coordinator", "owner"},
}
#: In which states each move is possible.
POSSIBLE_IN: dict[str, set[str]] = {
    "attest_gate": {"planned", "ready"},
    "plan": {"draft"},
    "add_scope_steps": {"draft", "planned", "delayed"},
    "derive_order": {"draft", "planned", "delayed"},
    "ask_deviation": {"draft", "planned", "ready", "delayed"},
    "ask_waiver": {"planned", "ready"},
    "ask_late_scope": {"draft", "planned", "delayed"},
    "confirm_ready": {"planned"},
    "regress": {"ready"},
    "start": {"ready"},
    "emergency_start": {"draft"},
    "to_validation": {"in_progress"},
    "decide": {"in_progress", "validating"},
    "complete": {"validating"},
    "propose_partial": {"in_progress", "validating"},
    "complete_partially": {"in_progress", "validating"},
    "reopen": {"validating"},
    "fail": {"in_progress", "validating"},
    "resume": {"failed"},
    "start_backout": {"in_progress", "validating", "failed", "completed", "partially_completed"},
    "confirm_decision": {"in_progress", "validating"},
    "propose_backout": {"in_progress", "validating", "failed", "completed", "partially_completed"},
    "finish_backout": {"backing_out"},
    "backout_failed": {"backing_out"},
    "delay": {"planned", "ready", "in_progress"},
    "replan": {"delayed"},
    "close": {"completed", "partially_completed", "failed", "backed_out"},
    "cancel": {"draft", "planned", "ready", "delayed"},
}


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


@pytest.fixture
def people(night: Night) -> dict[str, Any]:
    with night.before():
        superuser = make_user("superuser")
        superuser.is_superuser = True
        superuser.save()
        users = {
            "coordinator": night.coordinator,
            "manager": night.manager,
            "owner": make_user("package.owner", "developer"),
            "app_owner": night.bank.owner,
            "other_owner": make_user("owner.loan", "application_owner@application:LOAN"),
            "requester": night.bank.requester,
            "change_manager": night.bank.manager,
            "board": night.bank.board[0],
            "operator": night.operator,
            "validator": night.validator,
            "auditor": make_user("auditor", "auditor"),
            "viewer": make_user("viewer", "viewer"),
            "site_admin": make_user("site.admin", "site_admin"),
            "superuser": superuser,
        }
        actors = {name: actor(user) for name, user in users.items()}
    return {**actors, "system": system_actor("readiness"), "owner_user": users["owner"]}


def in_state(package: ReleasePackage, state: str) -> ReleasePackage:
    """The package in `state`; put there past the guards, which this test is not about."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE releases_releasepackage SET state = %s, outcome = 'failed' WHERE id = %s",
            [state, package.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET LOCAL ROLE interlock_app")
    return ReleasePackage.objects.select_related("window").get(pk=package.pk)


def test_every_cell(night: Night, people: dict[str, Any]) -> None:
    owner = people.pop("owner_user")
    drafted = night.drafted(changes=[night.change(), night.change()], owner=owner)
    with night.before():
        wrong = [
            (state, move.name, who, sorted(kinds))
            for state in STATES
            for move in PACKAGE_MOVES
            for who, kinds in cells(move, in_state(drafted, state), people)
            if kinds != expected(move, state, who)
        ]
    assert wrong == []


def cells(
    move: Move, package: ReleasePackage, people: dict[str, Any]
) -> Iterator[tuple[str, set[str]]]:
    for who, person in people.items():
        kinds = {blocker.kind for blocker in move.blockers(person, package)}
        yield who, kinds & {"state", "permission"}


def expected(move: Move, state: str, who: str) -> set[str]:
    kinds = set()
    if state not in POSSIBLE_IN[move.name]:
        kinds.add("state")
    if who not in ALLOWED[move.name]:
        kinds.add("permission")
    return kinds


def test_the_table_and_the_moves_know_each_other() -> None:
    assert [move.name for move in PACKAGE_MOVES if move.name not in ALLOWED] == []
    assert set(ALLOWED) == set(POSSIBLE_IN) == {move.name for move in PACKAGE_MOVES}
    for move in PACKAGE_MOVES:
        assert set(move.sources) == POSSIBLE_IN[move.name], move.name


def test_no_transition_is_missing() -> None:
    field = ReleasePackage._meta.get_field("state")
    transitions = list(field.get_all_transitions(ReleasePackage))
    assert {t.name for t in transitions} == set(life.PACKAGE_SOURCES)
    assert {t.name for t in transitions} <= {move.name for move in PACKAGE_MOVES}
    for transition in transitions:
        assert transition.source in life.PACKAGE_SOURCES[transition.name]
        assert transition.target == life.PACKAGE_TARGETS[transition.name]


def test_the_database_allows_the_same_moves() -> None:
    guards = import_module("apps.releases.migrations.0002_guards")
    for name, sources, targets in (
        ("PACKAGE_MOVES", life.PACKAGE_SOURCES, life.PACKAGE_TARGETS),
        ("ACTIVITY_MOVES", life.ACTIVITY_SOURCES, life.ACTIVITY_TARGETS),
        ("CHECK_MOVES", life.CHECK_SOURCES, life.CHECK_TARGETS),
        ("BACKOUT_MOVES", life.BACKOUT_SOURCES, life.BACKOUT_TARGETS),
    ):
        assert set(getattr(guards, name)) == set(life.pairs(sources, targets))


def test_ten_minutes_after_a_failure_the_coordinator_may_back_out(
    night: Night, people: dict[str, Any]
) -> None:
    move = next(move for move in PACKAGE_MOVES if move.name == "start_backout")
    failed = in_state(night.drafted(), "failed")
    with night.before():
        assert any(b.kind == "permission" for b in move.blockers(people["coordinator"], failed))
    failed.changed_at = BEFORE
    with night.before():
        assert not any(b.kind == "permission" for b in move.blockers(people["coordinator"], failed))


def test_a_move_that_the_state_does_not_allow_says_who_goes_on(
    night: Night, people: dict[str, Any]
) -> None:
    package, coordinator = in_state(night.drafted(), "closed"), people["coordinator"]
    with night.before():
        told = [
            *(b for move in PACKAGE_MOVES for b in move.blockers(coordinator, package)),
            *(b for move in (*WINDOW_MOVES, *WINDOW_NIGHT_MOVES)
              for b in move.blockers(coordinator, night.window)),
        ]  # fmt: skip
    wrong = [blocker for blocker in told if blocker.code == "wrong_state"]
    assert {blocker.who for blocker in wrong} == {"you", "release coordinator"}
