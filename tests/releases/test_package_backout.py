"""Backing a package out: what really was done, in what order, and by whose decision."""

from __future__ import annotations

from contextlib import AbstractContextManager
from copy import deepcopy
from datetime import timedelta

import pytest

from apps.approvals.models import Countersign
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of
from apps.releases.models import Activity, ActivityDependency, ReleasePackage, ValidationCheck
from apps.releases.policies.way_back import decision_due, is_overdue, resting_on
from apps.releases.services import package as packages
from apps.releases.services import package_backout as services
from apps.releases.services.activity_plan import acknowledge_activity
from apps.releases.services.backout_generation import way_back_plan
from tests.factories import actor, make_user
from tests.releases import night as walked
from tests.releases.worlds import NOTE, OPENS, Night, small_night
from tests.support import commit_now, once_a_module, refused

pytestmark = pytest.mark.django_db


def late(night: Night) -> AbstractContextManager[None]:
    """A minute after the last one at which what has begun in the small night is undone in time."""
    return clock.at(night.window.effective_cutoff - timedelta(minutes=45))


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def again(package: ReleasePackage) -> ReleasePackage:
    return ReleasePackage.objects.get(pk=package.pk)


def with_two_ways_back(night: Night) -> ReleasePackage:
    """Two copies on nothing in common, of which nobody entered an order, and one that never ran."""
    package = night.drafted()
    late = night.step(package, "B1", "COPY_LOAD")
    never = night.step(package, "B2", "COPY_LOAD", late)
    night.step(package, "Z2", "COPY_LOAD", is_backout=True, reverses=late)
    night.step(package, "Z3", "COPY_LOAD", is_backout=True, reverses=never)
    night.target("A2", "B1", on=night.bank.copybook)
    return package


def test_the_way_back_is_generated_from_what_was_done(night: Night) -> None:
    package = night.going(with_two_ways_back(night))
    for label, minute in (("A1", 10), ("A2", 20), ("B1", 30)):
        night.run(night.steps(package)[label], minute)
    with night.at(60):
        packages.fail(pk=package.pk, actor=actor(night.coordinator), code="time", comment=NOTE)
        services.start_backout(pk=package.pk, actor=actor(night.manager), comment=NOTE)
    commit_now()
    steps = night.steps(package)
    assert {label: steps[label].state for label in ("Z1", "Z2", "Z3")} == {
        "Z1": "planned", "Z2": "ready", "Z3": "planned",
    }  # fmt: skip
    edge = steps["Z1"].dependencies.get(origin="backout")
    assert edge.predecessor == steps["Z2"] and "B1 worked on" in edge.reasons[0][1]
    entry = EvidenceEntry.objects.get(subject=package.subject, action="package.backout_started")
    facts = body_of(entry)["facts"]
    assert facts["way_back"] == ["Z2 undoes B1", "Z1 undoes A2"]
    assert facts["not_done"] == ["Z3"]


def test_what_is_restored_is_compared_with_what_was_before(night: Night) -> None:
    package = night.backing_out()
    check = ValidationCheck.objects.get(package=package, phase="post_backout")
    assert (check.kind, check.mandatory, check.expected_value) == (
        "member_footprint", True, "baseline",
    )  # fmt: skip
    night.run(night.steps(package)["Z1"], 70)
    with night.at(80), refused("check_open"):
        services.finish_backout(pk=package.pk, actor=actor(night.coordinator))


def test_a_package_that_another_rests_on_is_backed_out_after_it(night: Night) -> None:
    first = night.completed()
    other = night.draft()
    copy = night.step(other, "C1", "COPY_LOAD")
    assert resting_on(first) == []
    walked.put(copy, started_at=OPENS + timedelta(minutes=58))
    walked.walk(copy, ("release", "start"))
    walked.walk(other, ("plan", "confirm_ready", "start"))
    with night.at(60), refused("rests_on_it") as caught:
        services.start_backout(pk=first.pk, actor=actor(night.manager), comment=NOTE)
    assert f"Back {other.code} out first." in str([b.fix for b in caught.value.blockers])


def add_dependency(step: Activity, before: Activity) -> None:
    ActivityDependency.objects.create(activity=step, predecessor=before)


def with_shared_step(night: Night) -> tuple[ReleasePackage, Activity]:
    """The copy waits for a step of the window that has a way back of its own."""
    package = night.drafted()
    shared = night.step(night.window, "S1", "STOP_DB2")
    night.step(night.window, "S1-R", "START_DB2", is_backout=True, reverses=shared)
    add_dependency(night.steps(package)["A2"], shared)
    with night.before():
        for step in Activity.objects.filter(window=night.window):
            acknowledge_activity(pk=step.pk, actor=actor(night.operator))
    night.going(package)
    night.run(shared, 6)
    night.run(night.steps(package)["A1"], 15)
    night.run(night.steps(package)["A2"], 25)
    return again(package), Activity.objects.get(label="S1-R")


def test_what_the_window_shares_is_undone_last_and_before_the_backout_is_over(night: Night) -> None:
    package, shared_back = with_shared_step(night)
    with night.at(60):
        packages.fail(pk=package.pk, actor=actor(night.coordinator), code="time", comment=NOTE)
        services.start_backout(pk=package.pk, actor=actor(night.manager), comment=NOTE)
    night.run(night.steps(package)["Z1"], 65)
    with night.at(75), refused("not_undone", "check_open") as caught:
        services.finish_backout(pk=package.pk, actor=actor(night.coordinator))
    assert "S1" in str([blocker.text for blocker in caught.value.blockers])
    night.run(shared_back, 80)
    assert Activity.objects.get(label="S1").state == "backed_out"
    with night.at(90), refused("check_open"):
        services.finish_backout(pk=package.pk, actor=actor(night.coordinator))


def test_what_another_package_still_needs_is_not_undone(night: Night) -> None:
    package, shared_back = with_shared_step(night)
    other = night.draft()
    add_dependency(night.step(other, "C1", "COPY_LOAD"), Activity.objects.get(label="S1"))
    walked.walk(other, ("plan", "confirm_ready", "start"))
    with night.at(60):
        packages.fail(pk=package.pk, actor=actor(night.coordinator), code="time", comment=NOTE)
        services.start_backout(pk=package.pk, actor=actor(night.manager), comment=NOTE)
    night.run(night.steps(package)["Z1"], 65)
    assert Activity.objects.get(pk=shared_back.pk).state == "planned"
    assert [each.needed_by for each in way_back_plan(again(package)).kept] == [(other.code,)]


def test_after_the_point_of_no_return_a_second_executive_confirms(night: Night) -> None:
    package = night.failed()
    manager = actor(night.manager)
    with late(night):
        chair = make_user("chair", "cab_chair")
        with refused("role_missing", "not_proposed"):
            services.start_backout(pk=package.pk, actor=manager, comment=NOTE)
        with refused("required"):
            services.propose_backout(pk=package.pk, actor=manager, incident_ref=" ", comment=NOTE)
        services.propose_backout(pk=package.pk, actor=manager, incident_ref="INC0042", comment=NOTE)
        package = services.start_backout(pk=package.pk, actor=actor(chair), comment=NOTE)
    commit_now()
    assert (package.state, package.incident_ref) == ("backing_out", "INC0042")
    signed = Countersign.objects.get()
    assert (signed.state, signed.proposed_by, signed.confirmed_by) == (
        "confirmed", night.manager, chair,
    )  # fmt: skip


def test_before_it_nobody_has_to_be_asked(night: Night) -> None:
    package = night.failed()
    with night.at(70), refused("not_needed"):
        services.propose_backout(
            pk=package.pk, actor=actor(night.manager), incident_ref="INC0042", comment=NOTE
        )


def test_what_cannot_be_undone_needs_an_answer(night: Night) -> None:
    package = night.failed()
    walked.put(night.steps(package)["A1"], irreversible=True)
    with night.at(70), refused("required") as caught:
        services.propose_backout(
            pk=package.pk, actor=actor(night.manager), incident_ref="INC0042", comment=NOTE
        )
    assert {blocker.field for blocker in caught.value.blockers} == {"remedy"}


def test_a_fix_forward_is_too_late_after_the_point_of_no_return(night: Night) -> None:
    package = night.failed()
    with late(night), refused("past_no_return"):
        services.resume(pk=package.pk, actor=actor(night.manager), comment=NOTE)


def test_a_failure_is_decided_on_in_the_minutes_of_its_window(night: Night) -> None:
    package = night.failed()
    minutes = night.window.decide_minutes
    due = OPENS + timedelta(minutes=60 + minutes)
    assert decision_due(package) == due
    with night.at(60 + minutes):
        assert not is_overdue(package)
    with night.at(61 + minutes):
        assert is_overdue(package)
        services.start_backout(pk=package.pk, actor=actor(night.manager), comment=NOTE)
        assert not is_overdue(again(package))
