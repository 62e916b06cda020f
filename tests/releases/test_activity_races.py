"""Two people at the same moment, on a real database with real commits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from apps.core import clock
from apps.core.errors import Refused
from apps.releases.models import Activity
from apps.releases.policies import activity as rules
from apps.releases.services import activities as run
from tests.changes.test_races import at_once
from tests.releases.night import NIGHT, Night, night

#: Its package is in the night without having been planned.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.breaks("I19")]


@pytest.fixture
def dark(transactional_db: None) -> Night:
    with clock.at(NIGHT):
        return night()


def at_night(dark: Night, service: Any, step: Activity, who: str) -> Callable[[], Any]:
    actor = dark.actor(who)

    def call() -> Any:
        with clock.at(NIGHT):
            return service(pk=step.pk, actor=actor)

    return call


def test_one_of_two_people_starts_a_step(dark: Night) -> None:
    step = dark.step("A1", "ready")
    came_to = at_once(
        at_night(dark, run.start_activity, step, "implementer"),
        at_night(dark, run.start_activity, step, "colleague"),
    )
    assert sorted(type(result).__name__ for result in came_to) == ["Activity", "Refused"]
    assert Activity.objects.get(pk=step.pk).attempts == 1


def test_one_of_two_steps_gets_the_exclusive_subsystem(
    dark: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of two packages, whose rows do not stand in each other's way; and where nobody looks,
    the constraint holds."""
    other = dark.make_package("in_progress")
    values = {"type_id": "LLA_REFRESH", "subsystem": dark.subsystem(), "exclusive": True}

    def race(number: int) -> list[Any]:
        first = dark.step(f"A{number}", "ready", **values)
        second = dark.step(f"B{number}", "ready", package=other, **values)
        came_to = at_once(
            at_night(dark, run.start_activity, first, "implementer"),
            at_night(dark, run.start_activity, second, "colleague"),
        )
        won = [result for result in came_to if isinstance(result, Activity)]
        assert len(won) == 1
        with clock.at(NIGHT):
            run.complete_activity(pk=won[0].pk, actor=dark.actor("implementer"))
        return [result for result in came_to if not isinstance(result, Activity)]

    for number in range(3):
        (lost,) = race(number)
        assert isinstance(lost, Refused)
        assert {blocker.code for blocker in lost.blockers} == {"subsystem_busy"}
    monkeypatch.setattr(rules, "subsystem_blockers", lambda step: ())
    monkeypatch.setattr(run, "lock_rows", lambda model, keys: [])
    (lost,) = race(9)
    assert not isinstance(lost, IntegrityError)
    assert {blocker.code for blocker in lost.blockers} == {"subsystem_busy"}


def test_two_predecessors_that_end_at_once_release_their_successor_once(dark: Night) -> None:
    first, second = dark.step("A1", "in_progress"), dark.step("A2", "in_progress")
    last = dark.step("A3", after=(first, second))
    came_to = at_once(
        at_night(dark, run.complete_activity, first, "implementer"),
        at_night(dark, run.complete_activity, second, "colleague"),
    )
    assert [type(result).__name__ for result in came_to] == ["Activity", "Activity"]
    last = Activity.objects.get(pk=last.pk)
    assert (last.state, last.evidence_seq) == ("ready", 2)


def test_steps_of_two_packages_that_wait_for_each_others_package_do_not_block(dark: Night) -> None:
    other = dark.make_package("in_progress")
    a1, b1 = dark.step("A1", "in_progress"), dark.step("B1", "in_progress", package=other)
    a2, b2 = dark.step("A2", after=(b1,)), dark.step("B2", package=other, after=(a1,))
    came_to = at_once(
        at_night(dark, run.complete_activity, a1, "implementer"),
        at_night(dark, run.complete_activity, b1, "colleague"),
    )
    assert [type(result).__name__ for result in came_to] == ["Activity", "Activity"]
    found = Activity.objects.filter(pk__in=[a2.pk, b2.pk]).values_list("state", flat=True)
    assert list(found) == ["ready", "ready"]
