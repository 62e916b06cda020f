"""Who is called in a night, when, and when nobody is any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from apps.releases.domain.alerts import (
    ACKNOWLEDGED,
    LADDERS,
    OVER,
    RAISED,
    Alarm,
    Due,
    Facts,
    Failed,
    Outlook,
    Running,
    Standing,
    Waiting,
    due,
    rung_at,
    told_by,
)

NOW = datetime(2026, 11, 21, 23, 40, tzinfo=UTC)
CALM = Outlook("green", 53, 0, NOW + timedelta(minutes=98), is_decided=False)
LATE = replace(CALM, level="amber", margin=20, late=12)
RED = replace(CALM, level="red", margin=-11, late=64)


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def facts(outlook: Outlook | None = CALM, minutes: int = 0, **more: object) -> Facts:
    return Facts(at(minutes), outlook, **more)  # type: ignore[arg-type]


def kept(alarm: Alarm, state: str = RAISED, now: datetime = NOW) -> Standing:
    return Standing(
        alarm.key, alarm.kind, state, alarm.since, rung_at(alarm.kind, alarm.since, now)
    )


def kinds(found: Due) -> list[str]:
    return [alarm.kind for alarm in found.raised]


@pytest.mark.parametrize(
    ("outlook", "raised"), [(CALM, []), (LATE, ["narrow"]), (RED, ["beyond"]), (None, [])]
)
def test_the_margin_calls_once_at_its_level(outlook: Outlook | None, raised: list[str]) -> None:
    assert kinds(due(facts(outlook), [])) == raised


def test_asked_again_with_what_it_said_it_has_nothing_to_say() -> None:
    night = facts(RED, running=[Running("s", "B4", 1, 85, at(-200))])
    first = due(night, [])
    assert len(first.raised) == 2
    assert not due(night, [kept(alarm) for alarm in first.raised])


def test_a_margin_that_flickers_stays_one_alert_and_a_second_fall_is_another() -> None:
    [alarm] = due(facts(RED), []).raised
    better = facts(replace(CALM, level="amber", margin=4), 5)
    assert not due(better, [kept(alarm)]).over
    good = facts(replace(CALM, margin=31), 5)
    assert due(good, [kept(alarm)]).over == (alarm.key,)
    [again] = due(facts(RED, 9), [kept(alarm, OVER)]).raised
    assert again.key != alarm.key


@pytest.mark.parametrize(
    ("left", "kind"),
    [(61, None), (60, "pnr_60"), (30, "pnr_30"), (14, "pnr_15"), (-1, "pnr_passed")],
)  # fmt: skip
def test_the_point_of_no_return_is_counted_down_while_a_check_is_open(
    left: int, kind: str | None
) -> None:
    outlook = replace(CALM, no_return_at=at(left))
    assert kinds(due(facts(outlook, unproven=["B9"]), [])) == ([kind] if kind else [])


def test_nobody_is_called_when_all_checks_have_passed_or_it_is_decided() -> None:
    near = replace(CALM, no_return_at=at(20))
    assert not due(facts(near), [])
    assert not due(facts(replace(near, no_return_at=None, is_decided=True), unproven=["B9"]), [])


def test_a_closer_call_ends_the_wider_one() -> None:
    [wide] = due(facts(replace(CALM, no_return_at=at(55)), unproven=["B9"]), []).raised
    found = due(facts(replace(CALM, no_return_at=at(29)), unproven=["B9"]), [kept(wide)])
    assert (kinds(found), found.over) == (["pnr_30"], ("pnr_60",))


def test_the_release_manager_is_called_until_somebody_acknowledges() -> None:
    [alarm] = due(facts(replace(CALM, no_return_at=at(60)), unproven=["B9"]), []).raised
    later = facts(replace(CALM, no_return_at=at(60)), 11, unproven=["B9"])
    assert due(later, [kept(alarm)]).climbed == (("pnr_60", 2),)
    assert not due(later, [kept(alarm, ACKNOWLEDGED)])


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(9, []), (10, ["owner"]), (20, ["owner", "deputy"]), (45, ["owner", "deputy", "coordinator"])],
)
def test_a_step_that_nobody_starts_climbs_from_owner_to_coordinator(
    minutes: int, told: list[str]
) -> None:
    found = due(facts(minutes=minutes, waiting=[Waiting("s", "A5", 1, NOW)]), [])
    assert [
        who
        for alarm in found.raised
        for _, who in told_by(alarm.kind, rung_at(alarm.kind, alarm.since, at(minutes)))
    ] == told


def test_a_silent_step_is_asked_after_when_it_runs_over_and_said_nothing() -> None:
    step = Running("s", "B4", 1, 20, NOW)
    assert not due(facts(minutes=30, running=[step]), [])
    [alarm] = due(facts(minutes=31, running=[step]), []).raised
    assert (alarm.kind, alarm.step, alarm.since) == ("silent", "s", at(30))
    spoke = replace(step, last_word_at=at(31))
    assert due(facts(minutes=32, running=[spoke]), [kept(alarm)]).over == (alarm.key,)


def test_a_worker_that_was_away_tells_every_rung_it_missed() -> None:
    found = due(facts(RED), []).raised[0]
    assert due(facts(RED, 25), [kept(found)]).climbed == ((found.key, 2),)
    assert [rung for rung, _ in told_by("beyond", 2)] == [0, 0, 1, 1, 2, 2]


def test_every_kind_has_a_ladder_whose_rungs_rise() -> None:
    for rungs in LADDERS.values():
        assert rungs and [r.after for r in rungs] == sorted({r.after for r in rungs})


def test_a_failure_that_nobody_decides_on_calls_both_until_somebody_does() -> None:
    failed = [Failed("p", "RP-2611-A", at(15))]
    assert not due(facts(CALM, 15, failed=failed), [])
    [alarm] = due(facts(CALM, 16, failed=failed), []).raised
    assert (alarm.kind, alarm.level, alarm.since) == ("undecided", "red", at(15))
    assert [*told_by("undecided", 0)] == [(0, "coordinator"), (0, "release_manager")]
    told = [kept(alarm, now=at(16))]
    assert not due(facts(CALM, 17, failed=failed), told)
    assert due(facts(CALM, 25, failed=failed), told).climbed == ((alarm.key, 1),)
    assert due(facts(CALM, 26), [kept(alarm)]).over == (alarm.key,)


def test_a_package_that_fails_again_calls_again() -> None:
    first, second = (Failed("p", "RP-2611-A", at(minute)) for minute in (15, 60))
    [alarm] = due(facts(CALM, 20, failed=[first]), []).raised
    [again] = due(facts(CALM, 70, failed=[second]), [kept(alarm, OVER)]).raised
    assert again.key != alarm.key
