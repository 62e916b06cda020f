"""The clock of the night, a bad line, and who stands in for whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from apps.core import clock
from apps.core.moves import find_move, moves_of
from apps.evidence.models import EvidenceEntry
from apps.releases.domain.activity_times import as_pressed, outside
from apps.releases.models import Activity
from apps.releases.moves.activity import ACTIVITY_MOVES
from apps.releases.policies.activity_facts import steps_with_surroundings
from apps.releases.services import activities as run
from apps.releases.services.activity_plan import substitute_activity
from apps.releases.services.no_return import no_return_if_passed, resume_step_blockers
from apps.releases.services.package import start_blockers
from apps.releases.services.window_plan import way_back_of
from tests.factories import make_user
from tests.releases.night import NIGHT, Night, night, put
from tests.support import commit_now, refused
from tests.windows.worlds import OPENS

CLOSES = OPENS + timedelta(hours=8)
MINUTE = timedelta(minutes=1)
database = pytest.mark.django_db


@pytest.fixture
def dark(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        yield night()


def last(step: Activity) -> dict[str, object]:
    entry = EvidenceEntry.objects.filter(subject=step.subject).latest("seq")
    return dict(json.loads(bytes(entry.body)))


# A bad line.


@pytest.mark.parametrize(
    ("ago", "floor", "counts", "told"),
    [
        (timedelta(seconds=20), None, 0, None),
        (-timedelta(minutes=3), None, 0, None),
        (timedelta(minutes=15), None, 15, 15),
        (timedelta(minutes=16), None, 0, 16),
        (timedelta(minutes=10), 8, 0, 10),
    ],
)
def test_what_a_device_kept_counts_from_when_it_was_pressed(
    ago: timedelta, floor: int | None, counts: int, told: int | None
) -> None:
    earliest = None if floor is None else NIGHT - floor * MINUTE
    found = as_pressed(NIGHT - ago, NIGHT, earliest)
    assert found.at == NIGHT - counts * MINUTE
    assert found.told_at == (None if told is None else NIGHT - told * MINUTE)


@database
def test_the_original_time_counts_for_a_quarter_of_an_hour(dark: Night) -> None:
    step = dark.step("A1", "ready")
    pressed = NIGHT - 10 * MINUTE
    step = run.start_activity(pk=step.pk, actor=dark.actor("implementer"), pressed_at=pressed)
    assert (step.started_at, step.recorded_start_at) == (pressed, NIGHT)
    assert "came in over a bad line" in str(last(step)["comment"])
    assert last(step)["facts"] == {"pressed_at": "2026-11-21T23:30:00.000000Z"}


@database
def test_a_later_one_counts_when_it_comes_in_and_is_kept(dark: Night) -> None:
    step = dark.step("A1", "in_progress")
    put(step, started_at=NIGHT - 40 * MINUTE)
    pressed = NIGHT - 20 * MINUTE
    step = run.complete_activity(pk=step.pk, actor=dark.actor("implementer"), pressed_at=pressed)
    assert (step.ended_at, step.recorded_end_at) == (NIGHT, NIGHT)
    assert step.log.get().payload == {"told_at": pressed.isoformat()}
    commit_now()


@database
def test_a_start_and_an_end_that_come_in_together_keep_their_order(dark: Night) -> None:
    step, who = dark.step("A1", "ready"), dark.actor("implementer")
    run.start_activity(pk=step.pk, actor=who, pressed_at=NIGHT - 20 * MINUTE)
    done = run.complete_activity(pk=step.pk, actor=who, pressed_at=NIGHT - 5 * MINUTE)
    assert done.started_at == done.ended_at == NIGHT


# Inside the window.


@pytest.mark.parametrize(
    ("minute", "where"), [(-1, "early"), (0, ""), (479, ""), (480, "late"), (500, "late")]
)
def test_the_clock_tells_inside_from_outside(minute: int, where: str) -> None:
    assert outside(OPENS + minute * MINUTE, OPENS, CLOSES) == where


@database
@pytest.mark.parametrize(
    ("moment", "code"),
    [(OPENS - MINUTE, "window_not_open"), (CLOSES + MINUTE, "window_closed")],
)
def test_nothing_starts_outside_its_window(dark: Night, moment: object, code: str) -> None:
    """FLT-F9: a page that was opened in time does not help; the server's clock decides."""
    step = dark.step("A1", "ready")
    with clock.at(moment), refused(code):  # type: ignore[arg-type]
        run.start_activity(pk=step.pk, actor=dark.actor("implementer"))


@database
@pytest.mark.parametrize(("moment", "stopped"), [(OPENS - MINUTE, False), (CLOSES, True)])
def test_a_package_begins_with_its_window_and_not_after_it(
    dark: Night, moment: object, stopped: bool
) -> None:
    package = dark.make_package("ready")
    with clock.at(moment):  # type: ignore[arg-type]
        found = {b.code for b in start_blockers(dark.actor("coordinator"), package)}
    assert ("window_closed" in found, "window_not_open" in found) == (stopped, False)


@database
def test_the_release_manager_lets_a_step_start_late_and_does_not_do_it(dark: Night) -> None:
    """INV-I5: one override with its reason, by somebody else, before the start."""
    step = dark.step("A1", "ready")
    with clock.at(CLOSES + MINUTE):
        offered = {
            state.move.name for state in moves_of(ACTIVITY_MOVES, dark.actor("manager"), step)
        }
        assert "let_start" in offered
        with refused("role_missing"):
            run.let_activity_start(pk=step.pk, actor=dark.actor("coordinator"), comment="Go on.")
        run.let_activity_start(pk=step.pk, actor=dark.actor("manager"), comment="The bank agreed.")
        step = run.start_activity(pk=step.pk, actor=dark.actor("implementer"))
        assert last(step)["facts"] == {"let_start_by": str(dark.people["manager"].pk)}
    with clock.at(CLOSES + 30 * MINUTE):
        step = run.complete_activity(pk=step.pk, actor=dark.actor("implementer"))
        assert last(step)["facts"] == {"overrun_minutes": 30}
    commit_now()


@database
def test_what_runs_when_the_window_closes_is_ended_with_its_overrun(dark: Night) -> None:
    step = dark.step("A1", "in_progress")
    with clock.at(CLOSES + 12 * MINUTE):
        step = run.complete_activity(pk=step.pk, actor=dark.actor("implementer"))
    assert last(step)["facts"] == {"overrun_minutes": 12}


@database
def test_letting_it_start_is_offered_only_out_of_time(dark: Night) -> None:
    step = dark.step("A1", "ready")
    move = find_move(ACTIVITY_MOVES, "let_start")
    assert move is not None and not move.is_offered_on(step)


# The point of no return.


def _with_way_back(dark: Night) -> Activity:
    """Two hours to undo an hour's work."""
    step = dark.step("A1", "ready", duration_minutes=60)
    dark.step("A1-R", is_backout=True, reverses=step, duration_minutes=120)
    return step


@database
def test_nothing_new_is_altered_after_the_point_of_no_return(dark: Night) -> None:
    step = _with_way_back(dark)
    way_back = way_back_of(dark.window)
    assert way_back is not None and way_back.decide_by is not None
    with clock.at(way_back.decide_by):
        assert no_return_if_passed(dark.window) is None
    with clock.at(way_back.decide_by + MINUTE):
        with refused("after_no_return") as caught:
            run.start_activity(pk=step.pk, actor=dark.actor("implementer"))
        told = caught.value.blockers[0].text  # type: ignore[attr-defined]
        assert f"there is no GO for {dark.package.code}" in told
        put(dark.package, go_decision="go", go_by=dark.people["manager"], go_at=NIGHT)
        run.start_activity(pk=step.pk, actor=dark.actor("implementer"))


@database
@pytest.mark.parametrize("code", ["ends_after_window", "ends_after_no_return"])
def test_an_interrupted_step_goes_on_only_where_it_would_end_in_time(
    dark: Night, code: str
) -> None:
    """Ten of its sixty minutes are done. Five minutes too late, only an override lets it go on."""
    step = dark.step("A1", "paused", duration_minutes=60)
    limit = CLOSES
    if code == "ends_after_no_return":
        dark.step("A1-R", is_backout=True, reverses=step, duration_minutes=120)
        way_back = way_back_of(dark.window)
        assert way_back is not None and way_back.decide_by is not None
        limit = way_back.decide_by
    implementer = dark.actor("implementer")
    put(step, started_at=limit - 65 * MINUTE)
    with clock.at(limit - 55 * MINUTE):
        assert not [*resume_step_blockers(implementer, steps_with_surroundings().get(pk=step.pk))]
    put(step, started_at=limit - 55 * MINUTE)
    with clock.at(limit - 45 * MINUTE):
        with refused(code):
            run.resume_activity(pk=step.pk, actor=implementer, comment="It is free again.")
        run.let_activity_start(pk=step.pk, actor=dark.actor("manager"), comment="The bank agreed.")
        step = run.resume_activity(pk=step.pk, actor=implementer, comment="It is free again.")
        assert last(step)["facts"] == {"let_start_by": str(dark.people["manager"].pk)}


@database
def test_a_package_does_not_begin_after_the_point_of_no_return(dark: Night) -> None:
    _with_way_back(dark)
    other = dark.make_package("ready")
    dark.step("B1", package=other)
    with clock.at(CLOSES - 60 * MINUTE):
        found = {b.code for b in start_blockers(dark.actor("coordinator"), other)}
    assert "after_no_return" in found
    assert "after_no_return" not in {
        b.code for b in start_blockers(dark.actor("coordinator"), other)
    }


# Substitutes.


@database
def test_a_substitute_takes_the_place_of_an_absent_owner(dark: Night) -> None:
    step = dark.step("A1", "ready", deputy=dark.people["colleague"])
    substitute = dark.people["colleague"]
    step = substitute_activity(
        pk=step.pk, actor=dark.actor("coordinator"), substitute=substitute.pk, comment="Is ill."
    )
    assert (step.owner, step.deputy, step.acknowledged_at) == (substitute, None, None)
    assert last(step)["facts"] == {"absent": "shift.one", "substitute": "shift.two"}
    with refused("not_acknowledged"):
        run.start_activity(pk=step.pk, actor=dark.actor("colleague"))


@database
@pytest.mark.parametrize(
    ("who", "code"),
    [("other_team", "no_substitute"), ("approver", "no_substitute"), ("implementer", "invalid"),
     ("member", "no_substitute")],
)  # fmt: skip
def test_nobody_stands_in_who_could_not_do_the_step(dark: Night, who: str, code: str) -> None:
    dark.people["member"] = make_user("only.member", "viewer", teams=("OPS",))
    step = dark.step("A1", "ready", changes=(dark.change,))
    with refused(code):
        substitute_activity(
            pk=step.pk, actor=dark.actor("coordinator"), substitute=dark.people[who].pk,
            comment="Is ill.",
        )  # fmt: skip
    with refused("role_missing"):
        substitute_activity(
            pk=step.pk, actor=dark.actor("implementer"), substitute=dark.people["colleague"].pk,
            comment="Is ill.",
        )  # fmt: skip
