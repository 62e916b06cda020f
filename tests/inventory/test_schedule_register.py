"""The registers of cycles and timetables: what they refuse, and that the side doors are shut."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from apps.evidence.models import EvidenceEntry
from apps.inventory.domain.schedule import Schedule, next_run
from apps.inventory.models import BatchCycle, JobSchedule
from apps.inventory.services import schedules
from tests.factories import actor, make_user
from tests.inventory.factories import keeper, make_asset, make_cycle, make_schedule
from tests.support import commit_now, refused, refused_by_database

pytestmark = pytest.mark.django_db


def test_a_timetable_is_entered_with_its_entry_and_tells_the_next_run() -> None:
    timetable = make_schedule("POSTTRAN", by=keeper(), elapsed_minutes=45)
    commit_now()
    assert EvidenceEntry.objects.filter(subject=timetable.subject, seq=1).count() == 1
    assert timetable.timetable() == Schedule(
        "Europe/Amsterdam", time(5, 10), elapsed=timedelta(minutes=45)
    )
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    assert next_run(timetable.timetable(), midnight) == midnight.replace(hour=4, minute=10)


def test_a_job_on_demand_has_neither_cycle_nor_start() -> None:
    by = keeper()
    hand = make_schedule("READACCT", by=by, cycle=None, start_time=None, is_on_demand=True)
    assert hand.timetable().is_on_demand and hand.timetable().start is None
    for half in ({"is_on_demand": True}, {"start_time": None}, {"cycle": None}):
        with refused("invalid") as caught:
            make_schedule("OTHER", by=by, **half)
        assert "at a time in a cycle, or on demand" in str(caught.value)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"days": "Monday"}, "days"),
        ({"repeat_until": time(6, 0)}, "repeat_minutes"),
        ({"repeat_minutes": 0}, "repeat_minutes"),
        ({"elapsed_minutes": 30, "elapsed_p90_minutes": 20}, "elapsed_p90_minutes"),
    ],
)
def test_a_bad_field_is_named(values: dict[str, Any], field: str) -> None:
    with refused() as caught:
        make_schedule("POSTTRAN", by=keeper(), **values)
    assert [b.field for b in caught.value.blockers] == [field]  # type: ignore[attr-defined]


def test_only_a_job_is_scheduled_and_only_once() -> None:
    by = keeper()
    first = make_schedule("POSTTRAN", by=by)
    with refused("invalid"):
        make_schedule("POSTTRAN", by=by)
    with refused("invalid"):
        schedules.edit_job_schedule(pk=first.pk, actor=by, values={"job": make_asset("PGM", by=by)})
    with refused("invalid"):
        make_cycle("OTHER", by=by, first_job=make_asset("PGM2", by=by))


def test_others_keep_neither() -> None:
    by = keeper()
    timetable, looker = make_schedule("POSTTRAN", by=by), actor(make_user("looker", "auditor"))
    with refused("role_missing"):
        schedules.edit_job_schedule(pk=timetable.pk, actor=looker, values={"days": "MO"})
    with refused("role_missing"):
        make_cycle("OTHER", by=looker, site=timetable.cycle.site)  # type: ignore[union-attr]


def test_the_database_refuses_what_did_not_come_through_a_door() -> None:
    timetable = make_schedule("POSTTRAN", by=keeper())
    commit_now()
    with refused_by_database():
        JobSchedule.objects.filter(pk=timetable.pk).update(start_time=time(6, 0))
    with refused_by_database():
        BatchCycle.objects.filter(pk=timetable.cycle_id).update(name="Another")
