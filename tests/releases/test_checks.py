"""Validation checks: state by move by role, and what a result may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from apps.core import clock
from apps.core.moves import Move, find_move
from apps.releases.domain import lifecycle as life
from apps.releases.models import ValidationCheck
from apps.releases.moves.check import CHECK_MOVES
from apps.releases.services import checks
from tests.factories import make_team, make_user
from tests.releases.night import CHECK_WAYS, NIGHT, Night, night, put, walk
from tests.support import commit_now, refused, refused_by_database

pytestmark = pytest.mark.django_db

ROLES = ("validator", "implementer", "coordinator", "manager", "owner", "developer", "viewer",
         "system")  # fmt: skip
#: Move → (states, roles) in which it is possible when nothing else stands against it.
ALLOWED: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "run": (("planned",), {"validator"}),
    "record_result": (("running",), {"validator"}),
    "mark_inconclusive": (("running",), {"validator"}),
    "rerun": (("failed", "inconclusive"), {"validator"}),
    "accept_deviation": (("failed", "inconclusive"), {"owner"}),
    "mark_not_run": (("planned",), {"manager"}),
}
TRANSITIONS = {
    "run": "begin",
    "record_result": "pass_check",
    "mark_inconclusive": "be_inconclusive",
    "rerun": "rerun",
    "accept_deviation": "accept",
    "mark_not_run": "leave_out",
}
FIELDS: dict[str, dict[str, Any]] = {"record_result": {"actual_value": "0"}}


@pytest.fixture
def dark(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        yield night()


def _move(name: str) -> Move:
    found = find_move(CHECK_MOVES, name)
    assert found is not None
    return found


def test_the_table_knows_every_move_and_every_transition() -> None:
    assert set(ALLOWED) == {move.name for move in CHECK_MOVES} == set(TRANSITIONS)
    # A result that does not pass fails; a package that leaves its night recalls its checks.
    assert set(life.CHECK_SOURCES) - set(TRANSITIONS.values()) == {"fail", "recall"}
    for name, transition in TRANSITIONS.items():
        assert ALLOWED[name][0] == life.CHECK_SOURCES[transition], name


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_who_may_do_it_in_which_state(name: str, dark: Night) -> None:
    states, roles = ALLOWED[name]
    move = _move(name)
    for number, state in enumerate(CHECK_WAYS):
        check = dark.check(f"V{number}", state)
        for role in ROLES:
            blockers = list(move.blockers(dark.actor(role), check))
            kinds = {blocker.kind for blocker in blockers}
            where = f"{name} in {state} by {role}: {[b.code for b in blockers]}"
            assert (not blockers) == (state in states and role in roles), where
            assert ("state" in kinds) == (state not in states), where
            assert ("permission" in kinds) == (role not in roles), where


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_the_move_leads_where_it_should(name: str, dark: Night) -> None:
    states, roles = ALLOWED[name]
    check = dark.check("V1", states[0])
    call = {"comment": "Because it is so.", **FIELDS.get(name, {})}
    with refused():
        _move(name).service(pk=check.pk, actor=dark.actor("viewer"), **call)
    with refused("stale"):
        _move(name).service(pk=check.pk, actor=dark.actor(min(roles)), expected_seq=99, **call)
    _move(name).service(
        pk=check.pk, actor=dark.actor(min(roles)), expected_seq=check.evidence_seq, **call
    )
    target = life.CHECK_TARGETS[TRANSITIONS[name]]
    assert ValidationCheck.objects.get(pk=check.pk).state == target
    with refused():
        _move(name).service(pk=check.pk, actor=dark.actor(min(roles)), **call)
    commit_now()


@pytest.mark.parametrize(
    ("operator", "expected", "baseline", "actual", "state", "told"),
    [
        ("rc<=", "4", "", "RC=4", "passed", "RC 4, at most 4: met."),
        ("rc<=", "4", "", "8", "failed", "RC 8, at most 4: not met."),
        ("=", "baseline", "50,000", "50000", "passed", "50000 against 50,000: met."),
        ("abs(delta)<=", "0.00", "10.00", "10.01", "failed",
         "difference +0.01, tolerance 0.00: not met."),
        ("between", "1..2", "", "1.5", "passed", "1.5 in 1 to 2: met."),
    ],
)  # fmt: skip
def test_the_result_follows_from_the_plan(
    dark: Night, operator: str, expected: str, baseline: str, actual: str, state: str, told: str
) -> None:
    check = dark.check(
        "V1", "running", expected_operator=operator, expected_value=expected, baseline=baseline
    )
    check = checks.record_result(pk=check.pk, actor=dark.actor("validator"), actual_value=actual)
    assert (check.state, check.result_text, check.run_at) == (state, told, NIGHT)
    assert (check.actual_value, check.done_by) == (actual, dark.people["validator"])


@pytest.mark.parametrize("actual", ["", "S0C7", "-1", "9" * 200, "4\x00"])
def test_a_value_that_is_none_is_refused(dark: Night, actual: str) -> None:
    check = dark.check("V1", "running")
    with refused():
        checks.record_result(pk=check.pk, actor=dark.actor("validator"), actual_value=actual)
    assert ValidationCheck.objects.get(pk=check.pk).state == "running"


def test_nobody_validates_what_they_implemented(dark: Night) -> None:
    tester = dark.people["validator"]
    step = dark.step("A1", "completed", changes=(dark.change,))
    put(step, done_by=tester)
    for number, about in enumerate(({"activity": step}, {"change": dark.change}, {})):
        with refused("separation_of_duties"):
            checks.run_check(pk=dark.check(f"V{number}", **about).pk, actor=dark.actor("validator"))
    harmless = dark.step("A2", "completed", type_id="SMOKE_JOB")
    put(harmless, done_by=tester)
    own_test = dark.check("V9", activity=harmless)
    assert checks.run_check(pk=own_test.pk, actor=dark.actor("validator")).state == "running"


def test_a_check_waits_for_its_step(dark: Night) -> None:
    check = dark.check("V1", activity=dark.step("A1", "in_progress"))
    with refused("step_open"):
        checks.run_check(pk=check.pk, actor=dark.actor("validator"))


@pytest.mark.parametrize(
    ("phase", "state", "possible"),
    [
        ("pre", "planned", True),
        ("pre", "completed", False),
        ("in_window", "planned", False),
        ("go_decision", "validating", True),
        ("post_backout", "in_progress", False),
        ("post_backout", "backing_out", True),
        ("first_cycle", "validating", False),
        ("first_cycle", "completed", True),
    ],
)
def test_a_check_has_its_moment(dark: Night, phase: str, state: str, possible: bool) -> None:
    check = dark.check("V1", package=dark.make_package(state), phase=phase)
    if possible:
        checks.run_check(pk=check.pk, actor=dark.actor("validator"))
    else:
        with refused("not_the_moment"):
            checks.run_check(pk=check.pk, actor=dark.actor("validator"))


def test_a_check_without_an_expectation_is_not_measured(dark: Night) -> None:
    check = dark.check("V1", expected_operator="=", expected_value="baseline")
    with refused("no_expectation"):
        checks.run_check(pk=check.pk, actor=dark.actor("validator"))


def test_a_control_total_is_never_accepted(dark: Night) -> None:
    check = dark.check("V1", "failed", kind="control_total")
    with refused("control_total"):
        checks.accept_check_deviation(pk=check.pk, actor=dark.actor("owner"), comment="Small.")
    with refused_by_database("releases_deviation_accepted_by_somebody"):
        put(check, accepted_by=dark.people["owner"])
        walk(check, ("accept",))


def test_the_owner_of_another_application_accepts_nothing(dark: Night) -> None:
    dark.people["stranger"] = make_user("owner.loan", "application_owner@application:LOAN")
    check = dark.check("V1", "failed", change=dark.change)
    with refused("role_missing"):
        checks.accept_check_deviation(pk=check.pk, actor=dark.actor("stranger"), comment="Fine.")
    check = checks.accept_check_deviation(
        pk=check.pk, actor=dark.actor("owner"), comment="One record in transit, explained."
    )
    assert check.accepted_by == dark.people["owner"]


def test_accepting_asks_who_it_is(dark: Night) -> None:
    check = dark.check("V1", "failed")
    with refused("step_up_needed"):
        checks.accept_check_deviation(
            pk=check.pk, actor=replace(dark.actor("owner"), auth_at=None), comment="Fine."
        )


def test_an_optional_check_is_left_out_by_the_coordinator(dark: Night) -> None:
    check = dark.check("V1", mandatory=False)
    checks.mark_not_run(pk=check.pk, actor=dark.actor("coordinator"), comment="No traffic.")


def test_planning_names_every_field(db: None) -> None:
    with clock.at(NIGHT):
        desk = night("planned")
        stranger = desk.step("B1", package=desk.make_package("planned"))
        values = {
            "package": desk.package, "code": "V1", "title": "Totals", "kind": "control_total",
            "team": make_team("TEST"), "expected_operator": "abs(delta)<=",
            "expected_value": "some", "baseline": "none", "activity": stranger,
        }  # fmt: skip
        with refused("invalid") as caught:
            checks.create_check(actor=desk.actor("coordinator"), values=values)
        fields = {b.field for b in caught.value.blockers}  # type: ignore[attr-defined]
        assert fields == {"expected_value", "baseline", "activity"}
        with refused("role_missing"):
            checks.create_check(actor=desk.actor("validator"), values=values)
        right = {"expected_value": "0.00", "baseline": "12.50", "activity": None}
        check = checks.create_check(actor=desk.actor("coordinator"), values=values | right)
        check = checks.edit_check(
            pk=check.pk, actor=desk.actor("coordinator"), values={"baseline": "13"}
        )
        assert check.evidence_seq == 2
        with refused("not_writable"):
            checks.edit_check(
                pk=check.pk, actor=desk.actor("coordinator"), values={"actual_value": "13"}
            )
        commit_now()


def test_a_confirmed_plan_keeps_its_checks(dark: Night) -> None:
    with refused("plan_fixed"):
        checks.edit_check(
            pk=dark.check("V1").pk, actor=dark.actor("coordinator"),
            values={"mandatory": False},
        )  # fmt: skip
