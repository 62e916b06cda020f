"""Move a package or a window: first told, then done as told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.models import User
from apps.changes.models import ChangeRequest
from apps.evidence.models import EvidenceEntry
from apps.releases.models import Activity, ReleasePackage
from apps.releases.services import package
from apps.releases.services.moving import (
    move_package,
    move_window,
    preview_package_move,
    preview_window_move,
)
from apps.windows.models import Booking, ReleaseWindow
from apps.windows.services import planning
from tests.factories import actor
from tests.releases.worlds import NOTE, OPENS, Night, small_night
from tests.support import commit_now, refused
from tests.windows.worlds import make_rule, window_in

pytestmark = pytest.mark.django_db
#: Two weeks on no month's end is near.
LATER = timedelta(days=14)


@pytest.fixture
def dark() -> Night:
    return small_night()


def later_window(night: Night, **more: Any) -> ReleaseWindow:
    cutoff = {"kind": "batch_start", "label": "CLOSEFIL", "at": OPENS + LATER + timedelta(hours=6)}
    return window_in(
        "open",
        night.planners,
        **{
            "code": "W-2612",
            "opens_at": OPENS + LATER,
            "closes_at": OPENS + LATER + timedelta(hours=8),
            "cutoffs": [cutoff],
            **more,
        },
    )  # fmt: skip


def preview(night: Night, found: ReleasePackage, window: ReleaseWindow) -> Any:
    with night.before():
        return preview_package_move(pk=found.pk, actor=actor(night.coordinator), window=window.pk)


def move(night: Night, found: ReleasePackage, window: ReleaseWindow, digest: str) -> Any:
    with night.before():
        return move_package(
            pk=found.pk, actor=actor(night.coordinator), window=window.pk, digest=digest,
            reason="business", comment=NOTE,
        )  # fmt: skip


def entries() -> int:
    return EvidenceEntry.objects.count()


def test_a_preview_tells_all_and_does_nothing(dark: Night) -> None:
    found = dark.ready()
    target = later_window(dark)
    before = entries(), ReleasePackage.objects.values().get(pk=found.pk)
    told = preview(dark, found, target)
    assert told.blockers == ()
    ripple = told.ripple
    assert (entries(), ReleasePackage.objects.values().get(pk=found.pk)) == before
    dates = {shift.what: shift for shift in ripple.dates}
    start = dates[f"Step A1 of {found.code} starts"]
    assert start.now - start.was == LATER
    assert dates["Cut-off CLOSEFIL"].now == OPENS + LATER + timedelta(hours=6)
    assert any(name.startswith(f"{found.code} gate") for name in dates)
    assert {(b.window, b.now.unit): int(b.now.booked) for b in ripple.capacity if not b.now.label}[
        ("W-2612", "changes")
    ] == 1
    assert ripple.seals[0].rows == ("another night of the same class, or a later day",)
    assert ripple.seals[0].again == ()
    assert any("confirmed again" in note for note in ripple.notes)
    assert ripple.minutes.booked == 30


def test_a_move_does_what_its_preview_told_with_one_entry_each(dark: Night) -> None:
    found = dark.ready()
    target = later_window(dark)
    told = preview(dark, found, target).ripple
    a1 = Activity.objects.get(package=found, label="A1")
    before = entries()
    moved = move(dark, found, target, told.digest)
    commit_now()
    assert (moved.state, moved.window, moved.delay_count) == ("planned", target, 1)
    assert moved.baseline == {}
    assert Activity.objects.get(pk=a1.pk).planned_start_at == a1.planned_start_at + LATER
    booked = Booking.objects.get(state="active")
    assert booked.window == target
    new = EvidenceEntry.objects.order_by("id")[before:]
    subjects = [entry.subject for entry in new if not entry.subject.startswith("approval")]
    assert len(subjects) == len(set(subjects))
    assert {entry.action for entry in new} >= {"package.moved", "change.night_moved",
                                               "window.released", "window.booked"}  # fmt: skip
    assert ChangeRequest.objects.get().state == "scheduled"


def test_a_preview_that_is_no_longer_true_moves_nothing(dark: Night) -> None:
    found = dark.planned()
    target = later_window(dark)
    told = preview(dark, found, target).ripple
    other = dark.draft(window=target)
    with dark.before():
        package.plan(pk=other.pk, actor=actor(dark.coordinator))
    with refused("preview_stale"):
        move(dark, found, target, told.digest)
    assert ReleasePackage.objects.get(pk=found.pk).window == dark.window


def test_who_has_to_sign_for_a_night_near_a_month_s_end_is_told(dark: Night) -> None:
    found = dark.planned()
    opens = OPENS + timedelta(days=7)
    cutoff = {"kind": "batch_start", "label": "X", "at": opens + timedelta(hours=6)}
    target = later_window(
        dark, opens_at=opens, closes_at=opens + timedelta(hours=8), cutoffs=[cutoff]
    )
    (broken,) = preview(dark, found, target).ripple.seals
    assert "month's end" in broken.rows[0]
    assert [who.lower() for who in broken.again] == ["chair of the board"]


def test_a_full_window_refuses_and_names_the_next_with_room(dark: Night) -> None:
    found = dark.planned()
    target = later_window(dark, max_parallel_packages=2)
    with dark.before():
        package.plan(pk=dark.draft(window=target).pk, actor=actor(dark.coordinator))
    told = preview(dark, found, target)
    assert told.ripple is None
    assert [blocker.code for blocker in told.blockers] == ["no_capacity", "no_room_soon"]


def test_a_freeze_stops_a_move_and_a_soft_rule_is_told(dark: Night) -> None:
    found = dark.planned()
    target = later_window(dark)
    dates = {"dates": ["2026-12-05/2026-12-06"]}
    make_rule("SOFT", dark.planners, strength="advisory", name="Sale", **dates)
    assert [each.rule for each in preview(dark, found, target).ripple.closed] == ["SOFT"]
    make_rule("HARD", dark.planners, **dates)
    assert [each.code for each in preview(dark, found, target).blockers] == ["closed_calendar"]


def test_steps_of_two_nights_do_not_wait_for_each_other(dark: Night) -> None:
    shared = dark.step(dark.window, "S1", "HOLD_JOB")
    found = dark.draft()
    step = dark.step(found, "A1", "COPY_LOAD", shared)
    with dark.before():
        package.plan(pk=found.pk, actor=actor(dark.coordinator))
    target = later_window(dark)
    told = preview(dark, found, target).ripple
    assert told.cut == (f"Step A1 of {found.code} no longer waits for Step S1 of W-2611.",)
    move(dark, found, target, told.digest)
    commit_now()
    assert not step.dependencies.exists()


def test_people_who_will_not_be_there_are_told(dark: Night) -> None:
    found = dark.planned()
    target = later_window(dark)
    User.objects.filter(pk=dark.operator.pk).update(is_active=False)
    told = preview(dark, found, target).ripple
    assert [(each.person, each.why) for each in told.absent] == [
        (str(dark.operator), "owner of step A1, has no active account")
    ]


def test_a_draft_and_a_delayed_package_can_be_moved(dark: Night) -> None:
    target = later_window(dark)
    draft = dark.draft()
    moved = move(dark, draft, target, preview(dark, draft, target).ripple.digest)
    assert (moved.state, moved.window) == ("draft", target)
    delayed = dark.delayed()
    moved = move(dark, delayed, target, preview(dark, delayed, target).ripple.digest)
    assert (moved.state, moved.window, moved.delay_count) == ("planned", target, 1)
    commit_now()


def preview_window(night: Night, opens_at: Any, who: User | None = None) -> Any:
    with night.before():
        return preview_window_move(
            pk=night.window.pk, actor=actor(who or night.coordinator), opens_at=opens_at
        )


def test_a_window_moves_with_all_that_hangs_on_it(dark: Night) -> None:
    found = dark.ready()
    told = preview_window(dark, OPENS + LATER).ripple
    dates = {shift.what: shift for shift in told.dates}
    assert dates["Cut-off CLOSEFIL"].now - dates["Cut-off CLOSEFIL"].was == LATER
    assert dates[f"Step A1 of {found.code} starts"].now == OPENS + LATER
    with dark.before():
        moved = move_window(
            pk=dark.window.pk, actor=actor(dark.coordinator), opens_at=OPENS + LATER,
            digest=told.digest, comment=NOTE,
        )  # fmt: skip
    commit_now()
    assert moved.effective_cutoff == OPENS + LATER + timedelta(minutes=390)
    assert moved.scope_lock_at == dark.window.scope_lock_at + LATER
    found = ReleasePackage.objects.get(pk=found.pk)
    assert (found.state, found.baseline) == ("planned", {})
    assert Activity.objects.get(package=found, label="A1").planned_start_at == OPENS + LATER


def test_a_window_with_work_closes_at_another_time_as_its_preview_told(dark: Night) -> None:
    found = dark.ready()
    start = Activity.objects.get(package=found, label="A1").planned_start_at
    dark.acknowledge(found)
    later = dark.window.closes_at + timedelta(hours=1)
    with dark.before():
        told = preview_window_move(
            pk=dark.window.pk, actor=actor(dark.coordinator), opens_at=OPENS, closes_at=later
        ).ripple
    assert told is not None
    assert [shift.what for shift in told.dates] == ["Window closes"]
    assert any("confirmed again" in note for note in told.notes)
    with dark.before():
        moved = move_window(
            pk=dark.window.pk, actor=actor(dark.coordinator), opens_at=OPENS, closes_at=later,
            digest=told.digest, comment=NOTE,
        )  # fmt: skip
    commit_now()
    assert (moved.opens_at, moved.closes_at) == (OPENS, later)
    step = Activity.objects.get(package=found, label="A1")
    assert step.planned_start_at == start
    assert step.acknowledged_at is not None, "nobody has to say yes again to the same hour"
    assert ReleasePackage.objects.get(pk=found.pk).state == "planned"


@pytest.mark.parametrize(
    ("closes", "code", "field"),
    [
        (timedelta(hours=-1), "invalid", "closes_at"),
        (timedelta(hours=1), "outside_window", "cutoffs"),
        (timedelta(days=15), "too_long", "closes_at"),
    ],
)
def test_a_length_that_cannot_be_is_refused_with_its_field(
    dark: Night, closes: timedelta, code: str, field: str
) -> None:
    with dark.before():
        told = preview_window_move(
            pk=dark.window.pk, actor=actor(dark.coordinator), opens_at=OPENS,
            closes_at=OPENS + closes,
        )  # fmt: skip
    assert (code, field) in [(each.code, each.field) for each in told.blockers]


def test_a_move_to_the_times_that_it_has_is_none(dark: Night) -> None:
    told = preview_window(dark, OPENS)
    assert [each.code for each in told.blockers] == ["same_times"]


def test_a_window_in_progress_stays_where_it_is(dark: Night) -> None:
    dark.started()
    with dark.at(10):
        told = preview_window_move(
            pk=dark.window.pk, actor=actor(dark.manager), opens_at=OPENS + LATER
        )
    assert [blocker.code for blocker in told.blockers] == ["wrong_state"]


def test_a_locked_window_is_moved_by_a_manager_only(dark: Night) -> None:
    with dark.before():
        planning.lock_scope(pk=dark.window.pk, actor=actor(dark.coordinator))
    told = preview_window(dark, OPENS + LATER)
    assert [blocker.code for blocker in told.blockers] == ["role_missing"]
    assert preview_window(dark, OPENS + LATER, dark.manager).ripple is not None
