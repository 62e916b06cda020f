"""Gate G20, asked by the first step that alters production."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, time, timedelta

import pytest

from apps.evidence.services.register import create_in_register
from apps.inventory.models import BatchCycle
from apps.releases.models import Activity, ActivityDependency
from apps.releases.policies.night import batch_hold_blockers
from apps.releases.services import activities
from apps.releases.services.activity_plan import acknowledge_activity
from apps.releases.services.business_date import tell_business_date
from tests.changes.worlds import anybody
from tests.factories import SETUP, actor
from tests.releases.worlds import Night, small_night
from tests.support import once_a_module, refused

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def daily_cycle(night: Night) -> None:
    """It starts at five, before the new day of its scheduler: its date is that of the evening."""
    create_in_register(
        BatchCycle,
        actor=SETUP,
        values={"code": "DAILY", "name": "Daily", "site": night.planners.site,
                "latest_start": time(5), "end_by": time(7), "new_day_at": time(7)},
        check=anybody,
    )  # fmt: skip


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


def test_nothing_is_altered_while_the_batch_of_another_date_is_held(night: Night) -> None:
    with night.before():
        daily_cycle(night)
    hold = night.step(night.window, "W1", "HOLD_JOB")
    with night.before():
        acknowledge_activity(pk=hold.pk, actor=actor(night.operator))
    steps = night.steps(night.started())
    lose_the_order(hold)
    night.run(steps["A1"], 10)
    night.run(hold, 20)
    with refused("gate_g20") as caught:
        begin(night, steps["A2"], 30)
    assert "nobody said for which business date" in str(caught.value)  # type: ignore[attr-defined]
    opens = night.window.opens_at.date()
    tell(night, hold, opens - timedelta(days=1))
    with refused("gate_g20"):
        begin(night, steps["A2"], 30)
    tell(night, hold, opens)
    begin(night, steps["A2"], 30)


def tell(night: Night, step: Activity, day: date) -> None:
    with night.at(29):
        tell_business_date(pk=step.pk, actor=actor(night.operator), business_date=f"{day}")


@pytest.mark.parametrize(
    ("label", "told", "code"),
    [("W1", "the 21st", "invalid"), ("W1", "", "invalid"), ("A2", "2026-11-21", "holds_nothing")],
)
def test_a_business_date_is_a_date_and_of_a_step_that_holds(
    night: Night, label: str, told: str, code: str
) -> None:
    night.step(night.window, "W1", "HOLD_JOB")
    night.planned()
    step = Activity.objects.get(label=label)
    with night.before(), refused() as caught:
        tell_business_date(pk=step.pk, actor=actor(night.operator), business_date=told)
    assert code in {each.code for each in caught.value.blockers}  # type: ignore[attr-defined]


def test_who_says_that_the_batch_is_held_says_for_which_date(night: Night) -> None:
    with night.before():
        daily_cycle(night)
    assert [
        *batch_hold_blockers(night.window, confirmed=True, told=night.window.opens_at.date())
    ] == []
    for wrong in (None, date(2026, 1, 1)):
        (why,) = batch_hold_blockers(night.window, confirmed=True, told=wrong)
        assert (why.field, why.code) == ("business_date", "wrong_date")


def test_a_hold_that_comes_later_is_not_waited_for(night: Night) -> None:
    hold = night.step(night.window, "W9", "HOLD_JOB")
    steps = night.steps(night.started())
    lose_the_order(hold)
    ActivityDependency.objects.create(activity=hold, predecessor=steps["A2"])
    night.run(steps["A1"], 10)
    begin(night, steps["A2"], 20)
