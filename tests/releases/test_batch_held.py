"""Gate G20, asked by the first step that alters production."""

from __future__ import annotations

import pytest

from apps.releases.models import Activity, ActivityDependency
from apps.releases.services import activities
from apps.releases.services.activity_plan import acknowledge_activity
from tests.factories import actor
from tests.releases.worlds import Night, small_night
from tests.support import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def night(db: None) -> Night:
    return small_night()


def begin(night: Night, step: Activity, minute: int) -> None:
    with night.at(minute):
        activities.start_activity(pk=step.pk, actor=actor(night.operator))


def lose_the_order(step: Activity) -> None:
    """The rules of order let what alters wait for it already; the gate asks without them."""
    ActivityDependency.objects.filter(predecessor=step).delete()


def test_nothing_is_altered_before_the_batch_is_held(night: Night) -> None:
    hold = night.step(night.window, "W1", "HOLD_JOB")
    with night.before():
        acknowledge_activity(pk=hold.pk, actor=actor(night.operator))
    steps = night.steps(night.started())
    lose_the_order(hold)
    night.run(steps["A1"], 10)
    with refused("gate_g20") as caught:
        begin(night, steps["A2"], 20)
    (told,) = caught.value.blockers  # type: ignore[attr-defined]
    assert told.text == "G20 Batch held: W1 Hold job is not done: batch jobs could still start."
    night.run(hold, 21)
    begin(night, steps["A2"], 30)


def test_a_hold_that_comes_later_is_not_waited_for(night: Night) -> None:
    hold = night.step(night.window, "W9", "HOLD_JOB")
    steps = night.steps(night.started())
    lose_the_order(hold)
    ActivityDependency.objects.create(activity=hold, predecessor=steps["A2"])
    night.run(steps["A1"], 10)
    begin(night, steps["A2"], 20)
