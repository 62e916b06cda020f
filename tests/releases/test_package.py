"""What a package does on its way through the night."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest

from apps.approvals.models import Countersign
from apps.changes.models import ChangeRequest
from apps.core import clock
from apps.core.actor import system_actor
from apps.core.ids import uuid7
from apps.evidence.models import EvidenceEntry
from apps.inventory.models import Asset
from apps.releases.models import Activity, BackoutPlan, PackageChange, ReleasePackage
from apps.releases.services import night_decision as decision
from apps.releases.services import package as services
from apps.releases.services import package_backout as back
from apps.releases.services import partial
from apps.releases.services.package_content import create_package, edit_package
from apps.windows.models import ReleaseWindow
from apps.windows.services import planning
from tests.factories import actor, make_user
from tests.releases.worlds import AS_IS, NOTE, OPENS, Night, small_night
from tests.support import commit_now, once_a_module, refused, refused_by_database

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def again(package: ReleasePackage) -> ReleasePackage:
    return ReleasePackage.objects.get(pk=package.pk)


def states_of_changes(package: ReleasePackage) -> set[str]:
    return set(
        ChangeRequest.objects.filter(memberships__package=package).values_list("state", flat=True)
    )


def booked(night: Night) -> tuple[int, int]:
    window = ReleaseWindow.objects.get(pk=night.window.pk)
    return window.booked_packages, window.booked_changes


# The whole way.


def test_a_package_goes_from_draft_to_closed(night: Night) -> None:
    package = night.closed()
    commit_now()
    assert package.outcome == "completed"
    assert states_of_changes(package) == {"implemented"}
    assert not package.members.filter(is_open=True).exists()
    told = EvidenceEntry.objects.filter(subject=package.subject).order_by("seq")
    assert [entry.action for entry in told] == [
        "package.created",
        "package.planned",
        "package.confirmed",
        "package.started",
        "package.entered_validation",
        "package.decided",
        "package.completed",
        "package.closed",
    ]


def test_a_failed_package_is_backed_out(night: Night) -> None:
    package = night.backed_out()
    commit_now()
    assert (package.state, package.outcome) == ("backed_out", "backed_out")
    assert states_of_changes(package) == {"backed_out"}
    assert night.steps(package)["A2"].state == "backed_out"
    assert BackoutPlan.objects.get(package=package).state == "verified"


def test_completion_moves_the_baseline_and_a_later_backout_moves_it_back(night: Night) -> None:
    package = night.completed()
    asset = Asset.objects.select_related("production_version").get(pk=night.bank.copybook.pk)
    assert asset.production_version.level == "01.15"
    with night.at(60):
        back.start_backout(pk=package.pk, actor=actor(night.manager), comment=NOTE)
    night.run(night.steps(package)["Z1"], 65)
    night.restored(package, 72)
    with night.at(75):
        back.finish_backout(pk=package.pk, actor=actor(night.coordinator))
    asset = Asset.objects.select_related("production_version").get(pk=asset.pk)
    assert asset.production_version.level == "01.14"
    assert states_of_changes(package) == {"backed_out"}


def test_what_came_later_on_the_same_asset_is_taken_back_first(night: Night) -> None:
    first, second = night.ready(), night.ready(name="Second")
    night.acknowledge(first)
    night.acknowledge(second)
    night.start_window()
    for minute, package in ((5, first), (6, second)):
        with night.at(minute):
            services.start(pk=package.pk, actor=actor(night.coordinator))
    for minute, package in ((10, first), (20, second)):
        steps = night.steps(package)
        night.run(steps["A1"], minute)
        night.run(steps["A2"], minute + 5)
    with night.at(40), refused("rests_on_it") as caught:
        back.start_backout(pk=first.pk, actor=actor(night.manager), comment=NOTE)
    assert caught.value.blockers[0].fix == f"Back {second.code} out first."
    with night.at(41):
        back.start_backout(pk=second.pk, actor=actor(night.manager), comment=NOTE)


def test_a_completed_package_is_not_backed_out_after_its_warranty(night: Night) -> None:
    package = night.completed()
    with (
        clock.at(package.warranty_until + timedelta(minutes=1)),
        refused("warranty_over", "role_missing", "not_proposed"),
    ):
        back.start_backout(pk=package.pk, actor=actor(night.manager), comment=NOTE)


# Drafting.


def test_codes_count_up_by_the_month_of_the_window(night: Night) -> None:
    assert [night.draft(changes=[]).code for _ in range(2)] == ["RP-2611-01", "RP-2611-02"]


def test_points_and_risk_follow_from_the_changes(night: Night) -> None:
    package = night.draft()
    assert (package.risk_band, package.points) == ("low", 1)


def test_a_change_is_in_one_open_package(night: Night) -> None:
    change = night.change()
    night.draft([change])
    with refused("in_other_package"):
        night.draft([change])


def test_the_database_keeps_a_change_in_one_open_package(night: Night) -> None:
    change = night.change()
    night.draft([change])
    other = night.draft(changes=[])
    with refused_by_database("releases_change_in_one_open_package"):
        PackageChange.objects.create(package=other, change=change)


def test_bad_rows_are_all_named(night: Night) -> None:
    change = night.change()
    rows = [{"change": change}, {"change": str(change.pk)}, {"change": uuid7()}, {"change": "x"}]
    with night.before(), refused("duplicate", "unknown_change", "control_character", "required"):
        create_package(
            actor=actor(night.coordinator),
            values={"name": " ", "scm_package": "a\x00b"},
            parts={"members": rows},
        )
    assert not ReleasePackage.objects.exists()


def test_state_cannot_be_entered(night: Night) -> None:
    with night.before(), refused("not_writable"):
        create_package(actor=actor(night.coordinator), values={"name": "Forged", "state": "ready"})


def test_packages_that_wait_for_each_other_are_refused_by_name(night: Night) -> None:
    first = night.draft()
    second = night.draft(after=[first])
    with night.before(), refused("package_cycle") as caught:
        edit_package(
            pk=first.pk,
            actor=actor(night.coordinator),
            values={},
            parts={"dependencies": [{"predecessor": second}]},
        )
    assert first.code in str(caught.value) and second.code in str(caught.value)


def test_a_stale_edit_saves_nothing(night: Night) -> None:
    package = night.draft()
    with night.before():
        edit_package(
            pk=package.pk, actor=actor(night.coordinator), expected_seq=1, values={"name": "One"}
        )
        with refused("stale"):
            edit_package(
                pk=package.pk, actor=actor(night.manager), expected_seq=1, values={"name": "Two"}
            )
    assert again(package).name == "One"


def test_a_draft_package_follows_its_edits_and_its_backout_plan_becomes_invalid(
    night: Night,
) -> None:
    package = night.drafted()
    with night.before():
        edit_package(
            pk=package.pk,
            actor=actor(night.coordinator),
            values={},
            parts={"members": [{"change": night.change()}]},
        )
    assert BackoutPlan.objects.get(package=package).state == "invalid"


# Planning.


def test_planning_books_the_window_and_schedules_the_changes(night: Night) -> None:
    package = night.planned()
    assert booked(night) == (1, 1)
    assert states_of_changes(package) == {"scheduled"}


def test_a_window_that_is_not_open_takes_no_package(night: Night) -> None:
    package = night.draft()
    with night.before():
        planning.lock_scope(pk=night.window.pk, actor=actor(night.coordinator))
        with refused("scope_locked"):
            services.plan(pk=package.pk, actor=actor(night.coordinator))


def test_planning_tells_everything_that_is_missing(night: Night) -> None:
    with night.before():
        empty = create_package(actor=actor(night.coordinator), values={"name": "Empty"})
        with refused("no_window", "no_changes"):
            services.plan(pk=empty.pk, actor=actor(night.coordinator))


@pytest.mark.parametrize("move", ["delay", "cancel"])
def test_leaving_the_window_gives_back_capacity_and_changes(night: Night, move: str) -> None:
    package = night.delayed() if move == "delay" else night.cancelled()
    assert booked(night) == (0, 0)
    assert states_of_changes(package) == {"approved"}
    assert package.members.filter(is_open=True).exists() is (move == "delay")


def test_a_cancelled_package_frees_its_change_for_another(night: Night) -> None:
    package = night.cancelled()
    change = ChangeRequest.objects.get(memberships__package=package)
    assert night.draft([change]).members.count() == 1


def test_an_edit_of_a_planned_package_books_and_schedules_again(night: Night) -> None:
    package = night.planned()
    old = ChangeRequest.objects.get(memberships__package=package)
    new = [night.change(), night.change()]
    with night.before():
        edit_package(
            pk=package.pk,
            actor=actor(night.coordinator),
            values={},
            parts={"members": [{"change": change} for change in new]},
        )
    commit_now()
    assert booked(night) == (1, 2)
    assert states_of_changes(package) == {"scheduled"}
    assert ChangeRequest.objects.get(pk=old.pk).state == "approved"


def test_a_planned_package_stays_in_its_window(night: Night) -> None:
    package = night.planned()
    with night.before(), refused("window_fixed"):
        edit_package(pk=package.pk, actor=actor(night.coordinator), values={"window": None})


def test_a_delayed_package_is_planned_for_another_window(night: Night) -> None:
    package = night.delayed()
    other = next_window(night)
    with night.before():
        package = services.replan(
            pk=package.pk, actor=actor(night.coordinator), window=str(other.pk)
        )
    assert (package.state, package.window, package.delay_count) == ("planned", other, 1)
    assert states_of_changes(package) == {"scheduled"}


def next_window(night: Night) -> ReleaseWindow:
    from tests.windows.worlds import draft_window

    later = OPENS + timedelta(days=14)  # a week later is the end of a month
    with night.before():
        window = draft_window(
            night.planners,
            code="W-2612",
            opens_at=later,
            closes_at=later + timedelta(hours=8),
            cutoffs=[{"kind": "batch_start", "label": "X", "at": later + timedelta(hours=6)}],
        )
        return planning.open_window(pk=window.pk, actor=actor(night.manager))


# Ready.


def test_confirmation_freezes_plan_and_content(night: Night) -> None:
    package = night.ready()
    assert len(package.content_digest) == 64
    assert sorted(row[0] for row in package.baseline.values()) == ["A1", "A2", "A3"]
    steps = night.steps(package)
    assert steps["A1"].planned_start_at == OPENS
    assert steps["A3"].planned_end_at == OPENS + timedelta(minutes=30)
    with night.before(), refused("content_locked"):
        edit_package(pk=package.pk, actor=actor(night.coordinator), values={"name": "Late"})


def test_who_runs_a_step_does_not_confirm(night: Night) -> None:
    package = night.planned()
    with night.before():
        both = make_user("both", "release_coordinator", "implementer", teams=["OPS"])
    night.step(package, "A4", "RUNSTATS", owner=both)
    with night.before(), refused() as caught:
        services.confirm_ready(pk=package.pk, actor=actor(both), **AS_IS)
    assert "separation_of_duties" in {blocker.code for blocker in caught.value.blockers}


def test_a_package_is_confirmed_after_its_predecessor(night: Night) -> None:
    first = night.planned()
    second = night.planned(after=[first])
    # Both are built on the same version, so that the later one would take the earlier one back.
    with night.before(), refused("predecessor", "gate_g05"):
        services.confirm_ready(pk=second.pk, actor=actor(night.coordinator), **AS_IS)


def test_a_ready_package_regresses_with_its_cause(night: Night) -> None:
    package = night.ready()
    with night.before():
        services.regress(
            pk=package.pk, actor=system_actor("readiness"), comment="G01: an approval ended."
        )
    entry = EvidenceEntry.objects.get(subject=package.subject, action="package.regressed")
    assert "G01: an approval ended." in bytes(entry.body).decode()
    assert again(package).baseline == {}


# The night.


def test_a_package_starts_in_its_window_only(night: Night) -> None:
    package = night.ready()
    with night.before(), refused("window_not_started"):
        services.start(pk=package.pk, actor=actor(night.coordinator))


def test_starting_releases_the_first_steps_and_implements_the_changes(night: Night) -> None:
    package = night.started()
    assert states_of_changes(package) == {"implementing"}
    states = {label: step.state for label, step in night.steps(package).items()}
    assert states == {"A1": "ready", "A2": "planned", "A3": "planned", "Z1": "planned"}


def test_a_package_leaves_its_night_before_anything_was_altered(night: Night) -> None:
    package = night.started()
    night.run(night.steps(package)["A1"])
    with night.at(20):
        services.delay(
            pk=package.pk, actor=actor(night.coordinator), reason="technical", comment=NOTE
        )
    commit_now()
    assert states_of_changes(package) == {"approved"}
    assert {step.state for step in Activity.objects.filter(package=package)} == {"planned"}
    assert booked(night) == (0, 0)


def test_a_package_does_not_leave_its_night_afterwards(night: Night) -> None:
    package = night.validating()
    with night.at(30):
        services.reopen(pk=package.pk, actor=actor(night.coordinator), comment=NOTE)
        with refused("altered"):
            services.delay(
                pk=package.pk, actor=actor(night.coordinator), reason="technical", comment=NOTE
            )


def test_a_go_rests_on_its_checks(night: Night) -> None:
    package = night.validating()
    with night.at(40), refused("check_open"):
        decision.decide(pk=package.pk, actor=actor(night.manager), decision="go")


def test_a_no_go_needs_a_reason_only(night: Night) -> None:
    package = night.validating()
    with night.at(40):
        with refused("required"):
            decision.decide(pk=package.pk, actor=actor(night.manager), decision="no_go")
        decided = decision.decide(
            pk=package.pk, actor=actor(night.manager), decision="no_go", comment=NOTE
        )
        assert decided.go_decision == "no_go"
        with refused("no_go", "step_open", "check_open"):
            services.complete(pk=package.pk, actor=actor(night.coordinator))


def test_a_decision_needs_a_fresh_proof_of_identity(night: Night) -> None:
    from dataclasses import replace

    package = night.validating()
    with night.at(40), refused("step_up_needed", "check_open"):
        decision.decide(
            pk=package.pk, actor=replace(actor(night.manager), auth_at=None), decision="go"
        )


def test_a_failed_package_is_fixed_forward(night: Night) -> None:
    package = night.failed()
    assert states_of_changes(package) == {"failed"}
    with night.at(70):
        package = back.resume(pk=package.pk, actor=actor(night.manager), comment=NOTE)
    assert package.state == "in_progress"
    assert states_of_changes(package) == {"implementing"}


def test_a_backout_waits_until_everything_done_is_undone(night: Night) -> None:
    package = night.backing_out()
    with night.at(70), refused("not_undone", "check_open"):
        back.finish_backout(pk=package.pk, actor=actor(night.coordinator))


def test_without_a_backout_plan_nothing_is_backed_out(night: Night) -> None:
    package = night.draft()
    copy = night.step(package, "A1", "COPY_LOAD")
    night.check(package)
    with night.before():
        blockers = list(rules_of_backout(night, package))
    assert copy.label and "no_backout_plan" in {blocker.code for blocker in blockers}


def rules_of_backout(night: Night, package: ReleasePackage) -> object:
    from apps.releases.services.package_backout import start_backout_blockers

    return start_backout_blockers(actor(night.manager), package)


def test_a_failed_backout_names_its_major_incident(night: Night) -> None:
    package = night.backing_out()
    with night.at(70):
        with refused("required"):
            back.backout_failed(
                pk=package.pk, actor=actor(night.manager), incident_ref=" ", comment=NOTE
            )
        package = back.backout_failed(
            pk=package.pk, actor=actor(night.manager), incident_ref="INC0042", comment=NOTE
        )
    assert (package.state, package.failure_code) == ("failed", "backout")
    assert BackoutPlan.objects.get(package=package).state == "failed"


def test_a_part_is_delivered_by_two_people(night: Night) -> None:
    kept, left = night.change(), night.change()
    package = night.validating(changes=[kept, left])
    night.run(night.steps(package)["A3"], 30)
    night.checked(package)
    owner, manager = actor(night.bank.owner), actor(night.manager)
    with night.at(50):
        with refused("not_proposed"):
            partial.complete_partially(pk=package.pk, actor=owner)
        partial.propose_partial(pk=package.pk, actor=manager, delivered=kept.code, comment=NOTE)
        with refused("second_person"):
            partial.complete_partially(pk=package.pk, actor=manager)
        with refused("role_missing"):
            partial.complete_partially(
                pk=package.pk, actor=actor(make_user("manager.two", "release_manager"))
            )
        package = partial.complete_partially(pk=package.pk, actor=owner)
    commit_now()
    assert package.outcome == "partially_completed"
    assert ChangeRequest.objects.get(pk=kept.pk).state == "implemented"
    assert ChangeRequest.objects.get(pk=left.pk).state == "approved"
    assert package.members.get(change=left).is_open is False


def test_a_part_is_neither_nothing_nor_everything(night: Night) -> None:
    package = night.validating(changes=[night.change(), night.change()])
    with night.at(50), refused("invalid", "check_open"):
        partial.propose_partial(
            pk=package.pk, actor=actor(night.manager), delivered="CHG0000", comment=NOTE
        )
    assert not Countersign.objects.exists()


def test_a_proposed_part_lapses_with_what_it_rests_on(night: Night) -> None:
    kept, left = night.change(), night.change()
    package = night.validating(changes=[kept, left])
    night.run(night.steps(package)["A3"], 30)
    night.checked(package)
    owner, manager = actor(night.bank.owner), actor(night.manager)
    with night.at(50):
        partial.propose_partial(pk=package.pk, actor=owner, delivered=kept.code, comment=NOTE)
        ReleasePackage.objects.filter(pk=package.pk).update(risk_band="critical")
        with refused("changed_since"):
            partial.complete_partially(pk=package.pk, actor=manager)
    with night.at(81), refused("not_proposed"):
        partial.complete_partially(pk=package.pk, actor=manager)


# After the night.


def test_what_went_wrong_is_closed_with_lessons(night: Night) -> None:
    package = night.backed_out()
    with night.at(600):
        with refused("lessons_needed"):
            services.close(pk=package.pk, actor=actor(night.coordinator), comment="Bad.")
        package = services.close(
            pk=package.pk, actor=actor(night.coordinator), comment="Archive before the window."
        )
    assert (package.state, package.outcome) == ("closed", "backed_out")


def test_the_database_closes_nothing_without_an_outcome(night: Night) -> None:
    package = night.draft()
    package.__dict__["state"] = "cancelled"
    with refused_by_database("releases_closed_has_outcome|interlock:"):
        package.save()


# Emergencies.


def test_an_emergency_starts_without_a_window(night: Night) -> None:
    package = emergency(night)
    with night.at(5):
        package = services.emergency_start(
            pk=package.pk, actor=actor(night.manager), comment="Interest is wrong since noon."
        )
    commit_now()
    assert package.state == "in_progress"
    assert states_of_changes(package) == {"implementing"}
    assert night.steps(package)["A1"].state == "ready"


def test_only_an_emergency_starts_from_draft(night: Night) -> None:
    package = night.drafted()
    with night.at(5), refused("not_emergency", "no_incident"):
        services.emergency_start(pk=package.pk, actor=actor(night.manager), comment=NOTE)


def emergency(night: Night) -> ReleasePackage:
    return night.drafted(kind="emergency", window=None, incident_ref="INC0007")
