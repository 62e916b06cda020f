"""A hard rule of the calendar stops planning and starting, unless a deviation lets it pass."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from apps.accounts.models import User
from apps.approvals.models import Approval
from apps.core import clock
from apps.inventory.services.registers import edit_application
from apps.releases.models import ReleasePackage
from apps.releases.moves.package import PACKAGE_MOVES
from apps.releases.services import package
from apps.releases.services.conflicts import detect
from apps.releases.services.deviations import ask_deviation
from apps.windows.models import WindowDeviation
from apps.windows.services import calendar, deviations
from tests.factories import actor, make_user
from tests.inventory.factories import keeper
from tests.releases.worlds import AS_IS, BEFORE, Night, small_night
from tests.support import commit_now, once_a_module, refused
from tests.windows.worlds import make_rule

pytestmark = pytest.mark.django_db
REASON = "The regulator's deadline is Monday; the change was rehearsed twice, Sunday is free."
FREEZE: dict[str, Any] = {"applications": ["CARD"]}


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def chair_of(night: Night) -> User:
    known = User.objects.filter(username="board.chair").first()
    with clock.at(BEFORE):
        return known or make_user("board.chair", "cab_chair")


def ask(night: Night, one: ReleasePackage, **more: Any) -> WindowDeviation:
    with night.before():
        ask_deviation(
            pk=one.pk,
            actor=actor(night.coordinator),
            **{"rule": "FRZ", "comment": REASON, **more},
        )
    return WindowDeviation.objects.get(about=one.subject)


def let_pass(night: Night, one: ReleasePackage) -> WindowDeviation:
    deviation = ask(night, one)
    for signer in (night.manager, chair_of(night)):
        seq = WindowDeviation.objects.get(pk=deviation.pk).evidence_seq
        with night.before():
            deviations.approve_deviation(pk=deviation.pk, actor=actor(signer), expected_seq=seq)
    return WindowDeviation.objects.get(pk=deviation.pk)


def plan(night: Night, one: ReleasePackage) -> ReleasePackage:
    with night.before():
        return package.plan(pk=one.pk, actor=actor(night.coordinator))


def test_blanks_are_no_reason_for_a_deviation(night: Night) -> None:
    make_rule("FRZ", night.planners, **FREEZE)
    with refused("invalid"):
        ask(night, night.drafted(), comment=f" {' ' * 40}\n")


def test_a_package_is_drafted_in_a_freeze_and_not_planned(night: Night) -> None:
    make_rule("FRZ", night.planners, **FREEZE)
    drafted = night.drafted()
    with refused("closed_calendar") as caught:
        plan(night, drafted)
    (blocker,) = caught.value.blockers  # type: ignore[attr-defined]
    assert blocker.text.startswith(f"Autumn freeze (FRZ) does not let {drafted.code} pass")
    assert blocker.fix == "Choose another window, or ask for a deviation."


@pytest.mark.parametrize(
    "more",
    [
        {"strength": "approval"},
        {"applications": [], "families": ["ims"]},
        {"allows": ["security"]},
        {"dates": ["2026-11-24"]},
    ],
)
def test_a_rule_that_does_not_hold_for_it_lets_it_be_planned(
    night: Night, more: dict[str, Any]
) -> None:
    make_rule("FRZ", night.planners, **FREEZE | more)
    drafted = night.drafted(changes=[night.change(category="security")])
    assert plan(night, drafted).state == "planned"


def test_one_change_that_may_not_pass_stops_its_package(night: Night) -> None:
    make_rule("FRZ", night.planners, **FREEZE, allows=["security"])
    drafted = night.drafted(changes=[night.change(category="security"), night.change()])
    with refused("closed_calendar"):
        plan(night, drafted)


def test_a_freeze_that_comes_later_stops_confirming_and_starting(night: Night) -> None:
    planned, ready = night.planned(), night.ready()
    make_rule("FRZ", night.planners, **FREEZE)
    with night.before(), refused("gate_g01", "gate_g03", "gate_g05"):
        package.confirm_ready(pk=planned.pk, actor=actor(night.coordinator), **AS_IS)
    night.acknowledge(ready)
    night.start_window()
    with night.at(5), refused("gate_g03", "gate_g05"):
        package.start(pk=ready.pk, actor=actor(night.coordinator))


def test_a_delayed_package_is_not_planned_into_a_freeze(night: Night) -> None:
    delayed = night.delayed()
    make_rule("FRZ", night.planners, **FREEZE)
    with night.before(), refused("closed_calendar"):
        package.replan(pk=delayed.pk, actor=actor(night.coordinator), window=night.window.pk)


def test_an_emergency_is_shown_and_not_stopped(night: Night) -> None:
    make_rule("FRZ", night.planners)
    emergency = night.drafted(kind="emergency", incident_ref="INC0007")
    assert plan(night, emergency).state == "planned"
    with night.at(5):
        found = [one for one in detect([emergency.pk]) if one.rule == "K05"]
    assert [one.severity for one in found] == ["soft"]


def test_a_deviation_lets_one_package_pass_from_plan_to_start(night: Night) -> None:
    make_rule("FRZ", night.planners, **FREEZE)
    drafted, other = night.drafted(), night.drafted()
    assert let_pass(night, drafted).state == "approved"
    commit_now()
    assert plan(night, drafted).state == "planned"
    with refused("closed_calendar"):
        plan(night, other)
    with night.before():
        found = detect([drafted.pk, other.pk])
    assert [one.packages for one in found if one.rule == "K05"] == [(other.pk,)]
    with night.before():
        package.confirm_ready(pk=drafted.pk, actor=actor(night.coordinator), **AS_IS)
    night.acknowledge(drafted)
    night.start_window()
    with night.at(5):
        package.start(pk=drafted.pk, actor=actor(night.coordinator))
    commit_now()
    assert WindowDeviation.objects.get().state == "used"


def test_the_owner_of_a_tier_0_application_signs_too(night: Night) -> None:
    make_rule("FRZ", night.planners)
    edit_application(pk=night.bank.application.pk, actor=keeper(), values={"criticality": "tier0"})
    deviation = ask(night, night.drafted(changes=[night.change(risk="medium")]))
    slots = Approval.objects.filter(about=deviation.subject).values_list("slot", flat=True)
    assert sorted(slots) == ["board_chair", "owner:CARD", "release_manager"]


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [({"rule": "NONE"}, "invalid", "rule"), ({"comment": "Please."}, "invalid", "comment")],
)
def test_a_bad_field_is_named(night: Night, more: dict[str, Any], code: str, field: str) -> None:
    make_rule("FRZ", night.planners)
    with refused(code) as caught:
        ask(night, night.drafted(), **more)
    assert [b.field for b in caught.value.blockers] == [field]  # type: ignore[attr-defined]


def test_what_nothing_stops_asks_for_nothing(night: Night) -> None:
    rule = make_rule("FRZ", night.planners, **FREEZE)
    drafted = night.drafted()
    move = next(move for move in PACKAGE_MOVES if move.name == "ask_deviation")
    assert move.is_offered_on(ReleasePackage.objects.get(pk=drafted.pk))
    calendar.edit_rule(pk=rule.pk, actor=actor(night.manager), values={"strength": "advisory"})
    assert not move.is_offered_on(ReleasePackage.objects.get(pk=drafted.pk))
    with refused("not_needed"):
        ask(night, drafted)
