"""Backout plans: state by move by role, and whom nobody can be at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.core import clock
from apps.core.moves import Move, find_move
from apps.releases.domain import lifecycle as life
from apps.releases.domain.backout import reasons_to_rehearse
from apps.releases.models import BackoutPlan
from apps.releases.moves.backout import BACKOUT_MOVES
from apps.releases.policies.backout import content_of
from apps.releases.services import backout
from tests.changes.worlds import draft
from tests.factories import actor, make_user
from tests.releases.night import BACKOUT_WAYS, NIGHT, Night, night, put
from tests.support import commit_now, refused

pytestmark = pytest.mark.django_db

ROLES = ("implementer", "other_team", "coordinator", "manager", "owner", "developer", "viewer",
         "system")  # fmt: skip
TEAM = {"implementer", "owner"}
LEAD = {"coordinator", "manager"}
#: Move → (states, roles) in which it is possible when nothing else stands against it.
ALLOWED: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "review": (("draft",), TEAM),
    "rehearse": (("reviewed",), TEAM | LEAD | {"other_team"}),
    "approve": (("reviewed", "rehearsed"), {"manager", "owner"}),
    "revise": (("reviewed", "rehearsed", "approved", "invalid"), {"coordinator", "developer"}),
    "invalidate": (("reviewed", "rehearsed", "approved"), LEAD | {"system"}),
    "execute": (("triggered",), TEAM | LEAD),
    "restore": (("triggered", "executing"), LEAD),
}
IN_THE_NIGHT = {"execute", "restore"}
FIELDS: dict[str, dict[str, Any]] = {
    "rehearse": {"environment": "PREPROD", "rehearsed_at": NIGHT - timedelta(days=3)}
}


@pytest.fixture
def dark(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        found = night("planned")
        yield found


def _move(name: str) -> Move:
    found = find_move(BACKOUT_MOVES, name)
    assert found is not None
    return found


def plan_in(dark: Night, state: str, move: str = "", **values: Any) -> BackoutPlan:
    """A plan of a new package with one backout step of OPS."""
    dark.package = dark.make_package("backing_out" if move in IN_THE_NIGHT else "planned")
    done = dark.step("A1")
    dark.step("U1", is_backout=True, reverses=done)
    dark.package.members.create(change=draft(dark.bank))
    plan = dark.plan(state, **values)
    return put(plan, content_digest=content_of(plan))


def test_the_table_knows_every_move() -> None:
    assert set(ALLOWED) == {move.name for move in BACKOUT_MOVES}
    # These are moves of the package.
    assert set(life.BACKOUT_SOURCES) - set(ALLOWED) == {"trigger", "verify", "fail"}
    for name, (states, _) in ALLOWED.items():
        assert states == life.BACKOUT_SOURCES[name], name


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_who_may_do_it_in_which_state(name: str, dark: Night) -> None:
    states, roles = ALLOWED[name]
    move = _move(name)
    for state in BACKOUT_WAYS:
        plan = plan_in(dark, state, name)
        for role in ROLES:
            blockers = list(move.blockers(dark.actor(role), plan))
            kinds = {blocker.kind for blocker in blockers}
            where = f"{name} in {state} by {role}: {[b.code for b in blockers]}"
            assert (not blockers) == (state in states and role in roles), where
            assert ("state" in kinds) == (state not in states), where
            assert ("permission" in kinds) == (role not in roles), where


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_the_move_leads_where_it_should(name: str, dark: Night) -> None:
    states, roles = ALLOWED[name]
    plan = plan_in(dark, states[0], name)
    call = {"comment": "Because it is so.", **FIELDS.get(name, {})}
    with refused():
        _move(name).service(pk=plan.pk, actor=dark.actor("viewer"), **call)
    with refused("stale"):
        _move(name).service(pk=plan.pk, actor=dark.actor(min(roles)), expected_seq=99, **call)
    _move(name).service(
        pk=plan.pk, actor=dark.actor(min(roles)), expected_seq=plan.evidence_seq, **call
    )
    assert BackoutPlan.objects.get(pk=plan.pk).state == life.BACKOUT_TARGETS[name]
    commit_now()


def test_who_wrote_it_neither_reviews_nor_approves_it(dark: Night) -> None:
    writer = make_user("lead.ops", "technical_lead", "release_manager", teams=("OPS",))
    plan = plan_in(dark, "draft", author=actor(writer))
    with refused("own_plan"):
        backout.review_plan(pk=plan.pk, actor=actor(writer))
    backout.review_plan(pk=plan.pk, actor=dark.actor("implementer"))
    with refused("own_plan"):
        backout.approve_plan(pk=plan.pk, actor=actor(writer))


def test_an_edit_makes_an_author(dark: Night) -> None:
    second = make_user("lead.two", "technical_lead", "release_manager")
    plan = plan_in(dark, "draft")
    backout.edit_backout_plan(
        pk=plan.pk, actor=actor(second), values={"restore_points": "PROD.CARD.ARCH(+1)"}
    )
    with refused("own_plan"):
        backout.review_plan(pk=plan.pk, actor=actor(second))


def test_a_risky_backout_is_rehearsed_before_it_is_approved(dark: Night) -> None:
    plan = plan_in(dark, "draft")
    dark.step("A2", type_id="CONVERT_DATA")
    backout.review_plan(pk=plan.pk, actor=dark.actor("implementer"))
    with refused("not_rehearsed") as caught:
        backout.approve_plan(pk=plan.pk, actor=dark.actor("manager"))
    assert "CONVERT_DATA" in str(caught.value)  # type: ignore[attr-defined]
    backout.rehearse_plan(pk=plan.pk, actor=dark.actor("implementer"), **FIELDS["rehearse"])
    plan = backout.approve_plan(pk=plan.pk, actor=dark.actor("manager"))
    assert (plan.rehearsed_in, plan.approved_by) == ("PREPROD", dark.people["manager"])


@pytest.mark.parametrize(
    ("bands", "types", "count"),
    [
        ({"low"}, {"COPY_LOAD"}, 0),
        ({"medium", ""}, {"COPY_LOAD"}, 0),
        ({"high"}, {"COPY_LOAD"}, 1),
        ({"critical"}, {"DDL"}, 2),
        ({"low"}, {"IMS_OLC", "ACBGEN"}, 1),
    ],
)
def test_what_has_to_be_rehearsed(bands: set[str], types: set[str], count: int) -> None:
    assert len(reasons_to_rehearse(bands, types)) == count


def test_a_plan_that_changed_after_its_review_is_not_approved(dark: Night) -> None:
    plan = plan_in(dark, "reviewed")
    dark.step("U2", is_backout=True)
    with refused("content_changed"):
        backout.approve_plan(pk=plan.pk, actor=dark.actor("manager"))


def test_an_approval_asks_who_it_is(dark: Night) -> None:
    plan = plan_in(dark, "reviewed")
    with refused("step_up_needed"):
        backout.approve_plan(pk=plan.pk, actor=replace(dark.actor("manager"), auth_at=None))


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (NIGHT + timedelta(minutes=1), "time_ahead"),
        (NIGHT.replace(tzinfo=None), "naive_time"),
        ("yesterday", "naive_time"),
    ],
)
def test_a_rehearsal_lies_in_the_past(dark: Night, at: Any, code: str) -> None:
    plan = plan_in(dark, "reviewed")
    with refused(code):
        backout.rehearse_plan(
            pk=plan.pk, actor=dark.actor("implementer"), environment="PREPROD", rehearsed_at=at
        )


def test_back_to_draft_voids_what_was_signed(dark: Night) -> None:
    plan = plan_in(dark, "approved")
    with refused("wrong_state"):
        backout.edit_backout_plan(
            pk=plan.pk, actor=dark.actor("developer"), values={"strategy": "restore_vsam"}
        )
    plan = backout.revise_plan(pk=plan.pk, actor=dark.actor("developer"), comment="VSAM, too.")
    assert (plan.approved_by, plan.content_digest) == (None, "")
    plan = backout.edit_backout_plan(
        pk=plan.pk, actor=dark.actor("developer"), values={"strategy": "restore_vsam"}
    )
    assert plan.strategy == "restore_vsam"
    commit_now()


def test_a_package_has_one_plan_written_before_its_night(dark: Night) -> None:
    values = {
        "package": dark.package, "strategy": "restore_members",
        "trigger_criteria": "RC above 4", "decision_owner": dark.people["manager"],
    }  # fmt: skip
    with refused("role_missing"):
        backout.create_backout_plan(actor=dark.actor("viewer"), values=values)
    with refused("invalid"):
        backout.create_backout_plan(
            actor=dark.actor("developer"), values=values | {"trigger_criteria": "  "}
        )
    backout.create_backout_plan(actor=dark.actor("developer"), values=values)
    with refused("invalid"):
        backout.create_backout_plan(actor=dark.actor("developer"), values=values)
    late = dark.make_package("in_progress")
    with refused("plan_fixed"):
        backout.create_backout_plan(
            actor=dark.actor("developer"), values=values | {"package": late}
        )


def test_nothing_is_restored_while_a_backout_step_is_open(dark: Night) -> None:
    dark.package = dark.make_package("backing_out")
    done = dark.step("A1", "completed")
    dark.step("U1", "in_progress", is_backout=True, reverses=done)
    dark.step("U2", is_backout=True, reverses=dark.step("A2"))
    plan = dark.plan("executing")
    with refused("step_open") as caught:
        backout.restore_plan(pk=plan.pk, actor=dark.actor("coordinator"))
    assert [b.text for b in caught.value.blockers] == ["Backout step U1 is in progress."]  # type: ignore[attr-defined]
