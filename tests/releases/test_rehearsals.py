"""A package rehearsed: the same steps elsewhere, and nothing of the night touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apps.core import clock
from apps.releases.models import Activity, BackoutPlan, Rehearsal
from apps.releases.services import backout
from apps.releases.services.rehearsals import (
    begin_rehearsal,
    finish_rehearsal,
    give_up_rehearsal,
    plan_rehearsal,
    record_rehearsed_step,
)
from tests.releases.night import NIGHT, Night, night
from tests.support import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def before(db: None) -> Iterator[Night]:
    """A planned package with two steps, their way back and a reviewed backout plan."""
    with clock.at(NIGHT):
        found = night("planned")
        first, second = found.step("A1"), found.step("A2")
        found.step("A1-R", is_backout=True, reverses=first)
        found.step("A2-R", is_backout=True, reverses=second)
        plan = found.plan()
        backout.review_plan(pk=plan.pk, actor=found.actor("implementer"))
        yield found


def planned(before: Night) -> Rehearsal:
    values = {"package": before.package, "environment": "UAT"}
    made = plan_rehearsal(actor=before.actor("coordinator"), values=values)
    return begin_rehearsal(pk=made.pk, actor=before.actor("implementer"))


def run(before: Night, made: Rehearsal, **outcomes: str) -> Any:
    for step in made.steps.all():
        record_rehearsed_step(
            pk=made.pk, actor=before.actor("implementer"), step=step.label, minutes=7,
            outcome=outcomes.get(step.label.replace("-", "_"), "done"),
        )  # fmt: skip
    return finish_rehearsal(pk=made.pk, actor=before.actor("implementer"))


def test_a_rehearsal_runs_the_same_steps_and_then_the_way_back_the_other_way_round(
    before: Night,
) -> None:
    made = planned(before)
    assert [step.label for step in made.steps.all()] == ["A1", "A2", "A2-R", "A1-R"]
    with refused("step_open"):
        finish_rehearsal(pk=made.pk, actor=before.actor("implementer"))
    with refused("invalid"):
        record_rehearsed_step(
            pk=made.pk, actor=before.actor("implementer"), step="A1", outcome="done"
        )


def test_a_rehearsed_way_back_marks_the_backout_plan_and_nothing_else(before: Night) -> None:
    was = list(Activity.objects.order_by("label").values())
    done = run(before, planned(before))
    assert done.text == f"Backout plan of {before.package.code} is rehearsed."
    plan = BackoutPlan.objects.get()
    assert (plan.state, plan.rehearsed_in, plan.rehearsed_at) == ("rehearsed", "UAT", NIGHT)
    assert list(Activity.objects.order_by("label").values()) == was


@pytest.mark.parametrize(("outcome", "state"), [("failed", "reviewed"), ("left_out", "reviewed")])
def test_a_way_back_that_was_not_done_whole_says_nothing(
    before: Night, outcome: str, state: str
) -> None:
    done = run(before, planned(before), A1_R=outcome)
    assert done.text == "The way back was not done whole: A1-R."
    assert BackoutPlan.objects.get().state == state


def test_a_plan_that_changed_meanwhile_was_not_rehearsed(before: Night) -> None:
    made = planned(before)
    before.step("A9-R", is_backout=True)
    assert "changed since" in run(before, made).text
    assert BackoutPlan.objects.get().state == "reviewed"


def test_a_rehearsal_is_given_up_with_a_reason(before: Night) -> None:
    made = planned(before)
    with refused("role_missing"):
        give_up_rehearsal(pk=made.pk, actor=before.actor("viewer"), comment="No time.")
    given_up = give_up_rehearsal(pk=made.pk, actor=before.actor("coordinator"), comment="No data.")
    assert given_up.state == "cancelled"
