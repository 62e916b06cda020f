"""The rosters of the teams against the steps of a night: hours, readiness, the start."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import TeamShift, User
from apps.accounts.services.people import edit_team
from apps.accounts.services.roster import cancel_shift, enter_shift
from apps.releases.models import Activity, ReleasePackage
from apps.releases.policies.roster import primary_blockers
from apps.releases.services import night as nights
from apps.releases.services import package as packages
from apps.releases.services.activity_plan import acknowledge_activity
from apps.releases.services.readiness import gather_facts
from apps.releases.services.window_ledger import ledger_of
from apps.windows.models import ReleaseWindow
from apps.windows.services import planning
from tests.factories import SETUP, actor
from tests.releases.worlds import AS_IS, OPENS, Night, small_night
from tests.support import commit_now, once_a_module, refused

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def on_shift(
    night: Night, person: User, first: float = -1, last: float = 9, role: str = "primary"
) -> TeamShift:
    with night.before():
        return enter_shift(
            actor=actor(night.coordinator),
            values={
                "team": night.ops, "person": person, "role": role,
                "starts_at": OPENS + first * HOUR, "ends_at": OPENS + last * HOUR,
            },
        )  # fmt: skip


def hours_of_ops(night: Night) -> tuple[Decimal, str]:
    window = ReleaseWindow.objects.get(pk=night.window.pk)
    use = next(use for use in ledger_of(window).uses if use.label == "OPS")
    return use.limit, use.basis


def test_the_hours_of_a_team_are_those_of_its_roster_where_it_has_one(night: Night) -> None:
    night.planned()
    assert hours_of_ops(night)[1] == "capacity"
    on_shift(night, night.operator, 0, 4)
    on_shift(night, night.stand_in, 2, 6)
    assert hours_of_ops(night) == (Decimal(8), "roster")


def test_a_team_with_work_and_nobody_to_do_it_is_told_by_name(night: Night) -> None:
    night.planned()
    edit_team(pk=night.ops.pk, actor=SETUP, values={"capacity": 0})
    window = ReleaseWindow.objects.get(pk=night.window.pk)
    assert "OPS has 0.5 hours of work and none to do it: its capacity is 0 people." in (
        ledger_of(window).warnings
    )


def test_a_step_whose_people_are_not_there_keeps_its_package_from_ready(night: Night) -> None:
    found = night.planned()
    on_shift(night, night.operator, 0.25, 8)
    with night.before(), refused("gate_g19") as caught:
        packages.confirm_ready(pk=found.pk, actor=actor(night.coordinator), **AS_IS)
    assert [blocker.text for blocker in caught.value.blockers] == [
        f"G19 Roster: {night.operator} and {night.stand_in} of OPS are not on shift while A1 is "
        "planned.",
        f"G19 Roster: {night.operator} and {night.stand_in} of OPS are not on shift while A2 is "
        "planned.",
    ]
    on_shift(night, night.stand_in, 0, 0.25)
    with night.before():
        packages.confirm_ready(pk=found.pk, actor=actor(night.coordinator), **AS_IS)
    commit_now()


def test_a_package_starts_when_its_people_have_said_so_a_short_time_ago(night: Night) -> None:
    on_shift(night, night.operator)
    found = night.ready()
    night.acknowledge(found)
    night.start_window()
    with night.at(5), refused("gate_g19"):
        packages.start(pk=found.pk, actor=actor(night.coordinator))
    with night.at(5):
        for step in Activity.objects.filter(package=found):
            acknowledge_activity(pk=step.pk, actor=actor(night.operator))
        packages.start(pk=found.pk, actor=actor(night.coordinator))
    commit_now()


def test_a_night_starts_with_the_primary_of_every_team_that_has_work(night: Night) -> None:
    found = night.ready()
    on_shift(night, night.stand_in, role="deputy")
    gone = on_shift(night, night.operator, 2, 9)
    with night.before():
        planning.lock_scope(pk=night.window.pk, actor=actor(night.coordinator))
    with night.at(0), refused("no_primary") as caught:
        nights.start_window(pk=night.window.pk, actor=actor(night.coordinator), batch_held=True)
    assert caught.value.blockers[0].text == (
        f"OPS has work in {night.window.code} and no primary on shift at 22:00."
    )
    assert found.activities.exists()
    with night.before():
        cancel_shift(pk=gone.pk, actor=actor(night.coordinator), comment="Entered for too late.")
    on_shift(night, night.operator)
    with night.at(0):
        nights.start_window(pk=night.window.pk, actor=actor(night.coordinator), batch_held=True)
    commit_now()


def test_a_night_of_teams_without_rosters_starts(night: Night) -> None:
    night.ready()
    assert not list(primary_blockers(night.window))


def test_a_roster_costs_the_same_queries_whatever_its_length(night: Night) -> None:
    found = night.planned()
    counts = []
    for person in (night.operator, night.stand_in):
        on_shift(night, person)
        fresh = ReleasePackage.objects.select_related("window", "owner", "coordinator")
        fresh_package = fresh.get(pk=found.pk)
        with CaptureQueriesContext(connection) as asked:
            gather_facts(fresh_package)
        counts.append(len(asked))
    assert counts[0] == counts[1]
