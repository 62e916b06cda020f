"""Who hears of an alert in a night, each time once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.core import clock
from apps.notifications.models import Message
from apps.notifications.services.night import call_people, watch_and_call
from apps.releases.models import Activity, Alert
from apps.releases.services.alerts import acknowledge_alert, watch_nights
from tests.changes.test_races import at_once
from tests.factories import actor
from tests.releases.worlds import OPENS, Night, small_night
from tests.support import commit_now

pytestmark = pytest.mark.django_db


def in_the_night() -> Night:
    night = small_night()
    night.started()
    return night


def told() -> list[str]:
    """About steps that nobody starts; the margin of such a small night calls too."""
    about = [alert.subject for alert in Alert.objects.filter(kind="not_started")]
    rows = Message.objects.filter(about__in=about).order_by("created_at", "id")
    return list(rows.values_list("recipient__username", flat=True))


def watch(night: Night, minute: int) -> int:
    with night.at(minute):
        told = watch_and_call()
    commit_now()
    return told


def test_a_step_that_nobody_starts_calls_owner_deputy_and_coordinator() -> None:
    """It became ready at minute 5."""
    night = in_the_night()
    owner, deputy = night.operator.username, night.stand_in.username
    expected: list[str] = []
    for minute, who in (
        (14, []),
        (15, [owner]),
        (24, []),
        (25, [deputy]),
        (36, [night.coordinator.username]),
        (90, []),
    ):
        watch(night, minute)
        watch(night, minute)
        expected += who
        assert told()[: len(expected)] == expected
    assert Alert.objects.filter(kind="not_started").count() == 1


def test_nobody_further_is_told_once_somebody_has_acknowledged() -> None:
    night = in_the_night()
    watch(night, 15)
    alert = Alert.objects.get(kind="not_started")
    with night.at(16):
        acknowledge_alert(pk=alert.pk, actor=actor(night.operator))
    watch(night, 40)
    assert [m for m in told() if m == night.stand_in.username] == []
    assert Alert.objects.get(pk=alert.pk).state == "acknowledged"


def test_an_alert_is_over_when_its_step_starts() -> None:
    night = in_the_night()
    watch(night, 15)
    step = Activity.objects.get(label="A1")
    night.run(step, 16)
    watch(night, 22)
    assert Alert.objects.get(step=step).state == "over"


def test_a_worker_that_died_before_it_told_leaves_the_telling_to_the_next() -> None:
    night = in_the_night()
    with night.at(15):
        watch_nights()
        assert told() == []
        assert call_people() >= 1
        assert told() == [night.operator.username]
        assert call_people() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_moment_raise_and_tell_once() -> None:
    night = in_the_night()

    def work() -> int:
        with clock.at(OPENS + timedelta(minutes=26)):
            return watch_and_call()

    for _ in range(2):
        at_once(work, work)
    assert Alert.objects.filter(kind="not_started").count() == 1
    assert sorted(told()) == sorted([night.operator.username, night.stand_in.username])
