"""Running steps: order, times, second eyes, deviations, scarce subsystems, undoing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.releases.models import Activity, ActivityLog, ReleasePackage
from apps.releases.services import activities as run
from apps.releases.tasks import release_due_steps
from apps.windows.services import night as window_night
from config.celery import TIMETABLE
from tests.releases.night import NIGHT, Night, night, put, walk
from tests.support import commit_now, refused, refused_by_database
from tests.windows.worlds import as_door

pytestmark = pytest.mark.django_db


@pytest.fixture
def dark(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        yield night()


def states(*steps: Activity) -> list[str]:
    found = dict(Activity.objects.filter(pk__in=[s.pk for s in steps]).values_list("pk", "state"))
    return [found[step.pk] for step in steps]


def start(dark: Night, step: Activity, who: str = "implementer", **more: Any) -> Activity:
    return run.start_activity(pk=step.pk, actor=dark.actor(who), **more)


def complete(dark: Night, step: Activity, who: str = "implementer", **more: Any) -> Activity:
    return run.complete_activity(pk=step.pk, actor=dark.actor(who), **more)


# Order.


def test_a_step_waits_until_every_predecessor_is_done(dark: Night) -> None:
    a1, a2 = dark.step("A1", "ready"), dark.step("A2", "in_progress")
    a3 = dark.step("A3", after=(a1, a2))
    with refused("wrong_state", "predecessor_open") as caught:
        start(dark, a3)
    told = [b.text for b in caught.value.blockers]  # type: ignore[attr-defined]
    assert "Step A1 comes first and is ready." in told
    assert "Step A2 comes first and is in progress." in told

    start(dark, a1)
    complete(dark, a1)
    assert states(a3) == ["planned"]
    complete(dark, a2)
    assert states(a3) == ["ready"]
    commit_now()


def test_a_step_that_was_made_ready_is_asked_again_when_it_starts(dark: Night) -> None:
    a1 = dark.step("A1", "completed")
    a2 = dark.step("A2", "ready", after=(a1,))
    walk(a1, ("back_out",))
    with refused("predecessor_open"):
        start(dark, a2)


def test_a_soft_dependency_only_advises(dark: Night) -> None:
    a1, a2 = dark.step("A1"), dark.step("A2", "ready")
    a2.dependencies.create(predecessor=a1, strength="soft")
    put(a2)
    assert start(dark, a2).state == "in_progress"


def test_a_step_of_the_window_releases_steps_of_its_packages(dark: Night) -> None:
    w1 = dark.step("W1", "in_progress", window=dark.window)
    a1 = dark.step("A1", after=(w1,))
    w2 = dark.step("W2", window=dark.window, after=(a1,))
    complete(dark, w1)
    assert states(a1, w2) == ["ready", "planned"]
    start(dark, a1)
    complete(dark, a1)
    assert states(w2) == ["ready"]


def test_nothing_runs_before_its_package(db: None) -> None:
    with clock.at(NIGHT):
        dark = night("ready")
        step = dark.step("A1", "ready")
        with refused("package_not_in_progress"):
            start(dark, step)


def test_nothing_shared_runs_before_its_window(dark: Night) -> None:
    step = dark.step("W1", "ready", window=dark.window)
    as_door(window_night.hand_back)(pk=dark.window.pk, actor=dark.actor("coordinator"))
    with refused("window_not_in_progress"):
        start(dark, step)


def test_a_hold_point_waits_for_the_coordinator(dark: Night) -> None:
    a1 = dark.step("A1", "in_progress")
    held = dark.step("A2", after=(a1,), hold_point=True)
    complete(dark, a1)
    assert states(held) == ["planned"]
    run.release_hold(pk=held.pk, actor=dark.actor("coordinator"))
    assert states(held) == ["ready"]


def test_a_step_waits_for_its_earliest_time(dark: Night) -> None:
    late = dark.step("A1", not_before_at=NIGHT + timedelta(minutes=20))
    with refused("too_early") as caught:
        run.release_activity(pk=late.pk, actor=dark.actor("system"))
    assert "01:00 CET" in str(caught.value)  # type: ignore[attr-defined]
    assert run.release_due_activities(actor=dark.actor("system")) == []
    with clock.at(NIGHT + timedelta(minutes=20)):
        assert run.release_due_activities(actor=dark.actor("system")) == [late]
        assert run.release_due_activities(actor=dark.actor("system")) == []
    assert states(late) == ["ready"]


def test_a_worker_makes_a_step_ready_when_its_earliest_time_comes(dark: Night) -> None:
    late = dark.step("A1", not_before_at=NIGHT + timedelta(minutes=20))
    assert "apps.releases.tasks.release_due_steps" in dict(TIMETABLE)
    release_due_steps()
    assert states(late) == ["planned"]
    with clock.at(NIGHT + timedelta(minutes=20)):
        release_due_steps()
    assert states(late) == ["ready"]


def test_the_last_mandatory_step_takes_the_package_to_validation(dark: Night) -> None:
    a1, a2 = dark.step("A1", "in_progress"), dark.step("A2", "ready", mandatory=False)
    smoke = dark.step("A3", type_id="SMOKE_JOB", after=(a1,))
    complete(dark, a1)
    package = ReleasePackage.objects.get(pk=dark.package.pk)
    assert package.state == "validating"
    assert states(a2, smoke) == ["ready", "ready"]
    assert start(dark, smoke).state == "in_progress"


# Who.


def test_who_approved_a_change_does_not_execute_it(dark: Night) -> None:
    served, silent = dark.step("A1", "ready", changes=(dark.change,)), dark.step("A2", "ready")
    for step in (served, silent):
        with refused("separation_of_duties"):
            start(dark, step, "approver")
    running = dark.step("A3", "in_progress", changes=(dark.change,))
    with refused("separation_of_duties"):
        complete(dark, running, "approver")


def test_a_step_without_owner_or_acknowledgement_does_not_start(dark: Night) -> None:
    with refused("no_owner"):
        start(dark, dark.step("A1", "ready", owner=None))
    with refused("not_acknowledged"):
        start(dark, dark.step("A2", "ready", acknowledged_at=None))


def test_the_one_who_did_it_does_not_verify_it(dark: Night) -> None:
    step = dark.step("A1", "in_progress", four_eyes=True)
    with refused("not_verified"):
        complete(dark, step)
    with refused("own_step"):
        run.verify_activity(pk=step.pk, actor=dark.actor("implementer"))
    run.verify_activity(pk=step.pk, actor=dark.actor("colleague"))
    with refused("verified"):
        run.verify_activity(pk=step.pk, actor=dark.actor("validator"))
    assert complete(dark, step).state == "completed"


def test_the_database_holds_two_eyes_apart(dark: Night) -> None:
    step = dark.step("A1", "in_progress", four_eyes=True)
    with refused_by_database("releases_four_eyes_are_two_people"):
        put(step, verified_by=dark.people["implementer"])


def test_every_reason_is_told_at_once(dark: Night) -> None:
    a1 = dark.step("A1")
    step = dark.step("A2", after=(a1,), owner=None, irreversible=True, hold_point=True)
    with refused(
        "wrong_state", "role_missing", "not_in_team", "predecessor_open", "hold_point",
        "no_owner", "no_go_recorded",
    ):  # fmt: skip
        start(dark, step, "viewer")


# Twice, and at once.


def test_a_second_click_is_refused_and_changes_nothing(dark: Night) -> None:
    step = dark.step("A1", "ready")
    start(dark, step)
    with refused("wrong_state"):
        start(dark, step, "colleague")
    with refused("stale"):
        start(dark, step, "colleague", expected_seq=step.evidence_seq)
    assert Activity.objects.get(pk=step.pk).done_by == dark.people["implementer"]


def test_an_exclusive_subsystem_is_held_by_one_step(dark: Night) -> None:
    lla = dark.subsystem()
    values = {"type_id": "LLA_REFRESH", "subsystem": lla, "exclusive": True}
    first, second = dark.step("A1", "ready", **values), dark.step("A2", "ready", **values)
    start(dark, first)
    with refused("subsystem_busy") as caught:
        start(dark, second, "colleague")
    assert "held by step A1 of RP-2611-01" in str(caught.value)  # type: ignore[attr-defined]
    run.pause_activity(pk=first.pk, actor=dark.actor("implementer"), comment="Waiting for JES.")
    with refused("subsystem_busy"):
        start(dark, second, "colleague")
    run.resume_activity(pk=first.pk, actor=dark.actor("implementer"), comment="JES is back.")
    complete(dark, first)
    assert start(dark, second, "colleague").state == "in_progress"


def test_the_database_lets_one_step_hold_a_subsystem(dark: Night) -> None:
    values = {"subsystem": dark.subsystem(), "exclusive": True}
    dark.step("A1", "in_progress", **values)
    second = dark.step("A2", "ready", **values)
    with refused_by_database("releases_subsystem_held_once"):
        walk(second, ("start",))


# What cannot be undone.


def test_an_irreversible_step_waits_for_the_decision(dark: Night) -> None:
    step = dark.step("A1", "ready", type_id="SEND_FILE", irreversible=True)
    with refused("no_go_recorded"):
        start(dark, step)
    put(dark.package, go_decision="go", go_by=dark.people["manager"], go_at=NIGHT)
    assert start(dark, step).state == "in_progress"


def test_a_shared_irreversible_step_waits_for_every_package(dark: Night) -> None:
    other = dark.make_package("backing_out")
    step = dark.step("W9", "ready", window=dark.window, type_id="RELEASE_JOB", irreversible=True)
    with refused("no_go_recorded", "still_backing_out"):
        start(dark, step)
    put(dark.package, go_decision="go", go_by=dark.people["manager"], go_at=NIGHT)
    walk(other, ("finish_backout",))
    assert start(dark, step).state == "in_progress"


# Times.


def test_a_late_key_press_keeps_both_times(dark: Night) -> None:
    step = dark.step("A1", "ready")
    told = NIGHT - timedelta(minutes=15)
    step = start(dark, step, started_at=told, comment="Was at the console.")
    assert (step.started_at, step.recorded_start_at) == (told, NIGHT)
    step = complete(dark, step, ended_at=told + timedelta(minutes=5), comment="The same.")
    assert (step.ended_at, step.recorded_end_at) == (told + timedelta(minutes=5), NIGHT)
    commit_now()


@pytest.mark.parametrize(
    ("minutes", "comment", "code"),
    [
        (-16, "Was at the console.", "backdated_too_far"),
        (-5, "", "backdate_reason"),
        (1, "Clock.", "time_ahead"),
    ],
)
def test_a_time_is_refused(dark: Night, minutes: int, comment: str, code: str) -> None:
    step = dark.step("A1", "ready")
    with refused(code):
        start(dark, step, started_at=NIGHT + timedelta(minutes=minutes), comment=comment)


def test_a_time_without_zone_is_refused(dark: Night) -> None:
    with refused("naive_time"):
        start(dark, dark.step("A1", "ready"), started_at=NIGHT.replace(tzinfo=None))


def test_a_step_does_not_end_before_it_began_or_begin_before_its_turn(dark: Night) -> None:
    a1 = dark.step("A1", "in_progress")
    put(a1, started_at=NIGHT - timedelta(minutes=4))
    with refused("time_before"):
        complete(dark, a1, ended_at=NIGHT - timedelta(minutes=5), comment="Typed late.")
    a2 = dark.step("A2", after=(a1,))
    complete(dark, a1)
    with refused("time_before"):
        start(dark, a2, started_at=NIGHT - timedelta(minutes=1), comment="Typed late.")


def test_the_database_refuses_an_end_before_the_start(dark: Night) -> None:
    step = dark.step("A1", "completed")
    with refused_by_database("releases_activity_ends_after_start"):
        put(step, ended_at=step.started_at - timedelta(minutes=1))


# Results.


def test_a_return_code_above_the_plan_needs_the_coordinator(dark: Night) -> None:
    step = dark.step("A1", "in_progress", max_rc=4)
    with refused("rc_missing"):
        complete(dark, step)
    with refused("rc_too_high"):
        complete(dark, step, rc=8)
    run.accept_deviation(
        pk=step.pk, actor=dark.actor("coordinator"), rc=8, comment="Warnings of the binder only."
    )
    with refused("rc_too_high"):
        complete(dark, step, rc=12)
    step = complete(dark, step, rc=8)
    assert (step.rc, step.deviation_accepted_by) == (8, dark.people["coordinator"])


@pytest.mark.parametrize("rc", [-1, 4096, "8", True, 1.5])
def test_a_return_code_is_a_whole_number_in_range(dark: Night, rc: Any) -> None:
    with refused("invalid"):
        complete(dark, dark.step("A1", "in_progress"), rc=rc)


@pytest.mark.parametrize("text", ["x" * 1_000_000, "RC\x000"])
def test_endless_or_broken_text_is_refused(dark: Night, text: str) -> None:
    step = dark.step("A1", "in_progress")
    with refused():
        complete(dark, step, result=text)
    with refused():
        run.fail_activity(pk=step.pk, actor=dark.actor("implementer"), code="abend", comment=text)
    assert states(step) == ["in_progress"]


@pytest.mark.parametrize("pk", ["nonsense", "", "0" * 36])
def test_an_unknown_step_is_not_found(dark: Night, pk: str) -> None:
    with refused("not_found"):
        run.start_activity(pk=pk, actor=dark.actor("implementer"))  # type: ignore[arg-type]


def test_a_failed_step_keeps_its_successors_and_can_be_tried_again(dark: Night) -> None:
    a1 = dark.step("A1", "in_progress")
    a2 = dark.step("A2", after=(a1,))
    with refused("invalid"):
        run.fail_activity(pk=a1.pk, actor=dark.actor("implementer"), code="bad", comment="S0C7")
    run.fail_activity(pk=a1.pk, actor=dark.actor("implementer"), code="abend", comment="S0C7")
    assert states(a1, a2) == ["failed", "planned"]
    run.retry_activity(pk=a1.pk, actor=dark.actor("coordinator"))
    again = start(dark, a1, "colleague")
    assert (again.attempts, again.failure_code, again.done_by) == (2, "", dark.people["colleague"])
    run.fail_activity(pk=a1.pk, actor=dark.actor("colleague"), code="abend", comment="S0C7")
    with refused("required"):
        run.retry_activity(pk=a1.pk, actor=dark.actor("coordinator"))
    run.retry_activity(pk=a1.pk, actor=dark.actor("coordinator"), comment="With more region.")


def test_a_step_is_skipped_only_when_nothing_builds_on_it(dark: Night) -> None:
    a1 = dark.step("A1", mandatory=False)
    a2 = dark.step("A2", after=(a1,), mandatory=False)
    with refused("successor_depends"):
        run.skip_activity(pk=a1.pk, actor=dark.actor("coordinator"), comment="Not needed.")
    for step in (a2, a1):
        run.skip_activity(pk=step.pk, actor=dark.actor("coordinator"), comment="Not needed.")
    assert states(a1, a2) == ["skipped", "skipped"]


# Undoing.


def test_the_last_done_is_undone_first(db: None) -> None:
    with clock.at(NIGHT):
        dark = night("in_progress")
        a1 = dark.step("A1", "completed")
        a2 = dark.step("A2", "in_progress", after=(a1,))
        u1 = dark.step("U1", is_backout=True, reverses=a1)
        u2 = dark.step("U2", is_backout=True, reverses=a2)
        walk(dark.package, ("start_backout",))
        run.fail_activity(pk=a2.pk, actor=dark.actor("implementer"), code="abend", comment="S806")
        assert states(u1, u2) == ["planned", "ready"]
        with refused("wrong_state", "undo_first"):
            start(dark, u1)
        start(dark, u2)
        complete(dark, u2)
        assert states(a2, u1) == ["backed_out", "ready"]
        start(dark, u1)
        complete(dark, u1)
        assert states(a1, u1) == ["backed_out", "completed"]
        entry = EvidenceEntry.objects.get(subject=a1.subject, action="activity.backed_out")
        assert entry.about == u1.subject
        commit_now()


def test_what_was_not_done_is_not_undone(db: None) -> None:
    with clock.at(NIGHT):
        dark = night("backing_out")
        u1 = dark.step("U1", "ready", is_backout=True, reverses=dark.step("A1"))
        with refused("nothing_to_undo"):
            start(dark, u1)


def test_a_running_step_is_recorded_even_when_its_package_is_backed_out(dark: Night) -> None:
    step = dark.step("A1", "in_progress")
    walk(dark.package, ("start_backout",))
    assert complete(dark, step).state == "completed"


# The log.


def test_progress_goes_to_the_log_and_leaves_the_step_alone(dark: Night) -> None:
    step = dark.step("A1", "in_progress")
    actor = dark.actor("implementer")
    run.report_progress(pk=step.pk, actor=actor, percent=80, comment="8 of 10 files")
    after = Activity.objects.get(pk=step.pk)
    assert (after.percent, after.state, after.evidence_seq) == (80, "in_progress",
                                                               step.evidence_seq)  # fmt: skip
    line = ActivityLog.objects.get(activity=step)
    assert (line.kind, line.text, line.payload, line.at) == (
        "progress", "8 of 10 files", {"percent": 80}, NIGHT,
    )  # fmt: skip
    commit_now()


@pytest.mark.parametrize("percent", [-1, 101, "50", True, None])
def test_progress_is_a_percentage(dark: Night, percent: Any) -> None:
    with refused("invalid"):
        run.report_progress(
            pk=dark.step("A1", "in_progress").pk, actor=dark.actor("implementer"), percent=percent
        )


def test_the_log_cannot_be_changed_or_emptied(dark: Night) -> None:
    step = dark.step("A1", "in_progress")
    run.add_note(pk=step.pk, actor=dark.actor("implementer"), comment="Member list attached.")
    with refused_by_database("append-only|permission denied"):
        ActivityLog.objects.update(text="Nothing happened.")
    with refused_by_database("append-only|permission denied"):
        ActivityLog.objects.all().delete()


def test_a_call_for_help_is_evidence_and_keeps_the_state(dark: Night) -> None:
    step = dark.step("A1", "in_progress")
    run.escalate_activity(pk=step.pk, actor=dark.actor("implementer"), comment="Need a DBA.")
    entry = EvidenceEntry.objects.get(subject=step.subject, action="activity.escalated")
    assert (entry.from_state, entry.to_state) == ("in_progress", "in_progress")
    assert json.loads(bytes(entry.body))["comment"] == "Need a DBA."
    assert ActivityLog.objects.get(activity=step).kind == "escalate"


def test_a_state_changes_through_a_service_only(dark: Night) -> None:
    step = dark.step("A1", "ready")
    with refused_by_database():
        Activity.objects.filter(pk=step.pk).update(state="completed")
    with refused_by_database():
        Activity.objects.filter(pk=step.pk).update(state="in_progress", evidence_seq=3)
