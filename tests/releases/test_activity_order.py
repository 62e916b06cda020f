"""The order of steps, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.releases.domain.activity_order import (
    Step,
    ready_steps,
    to_undo_first,
    unfinished,
)
from apps.releases.domain.activity_rules import deviates
from apps.releases.domain.activity_times import time_problems

NIGHT = datetime(2026, 11, 22, 0, 40, tzinfo=UTC)


def _steps(*steps: Step) -> dict[object, Step]:
    return {step.key: step for step in steps}


def _step(key: str, state: str = "planned", *after: str, **more: object) -> Step:
    return Step(key, key, state, frozenset(after), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "satisfied"),
    [
        ("planned", False),
        ("ready", False),
        ("in_progress", False),
        ("paused", False),
        ("completed", True),
        ("failed", False),
        ("skipped", True),
        ("backed_out", False),
    ],
)
def test_a_step_waits_for_its_predecessor(state: str, satisfied: bool) -> None:
    steps = _steps(_step("A1", state), _step("A2", "planned", "A1"))
    assert (not unfinished(steps["A2"], steps)) is satisfied
    assert ("A2" in {step.key for step in ready_steps(steps, NIGHT)}) is satisfied


def test_what_keeps_a_planned_step_from_being_ready() -> None:
    steps = _steps(
        _step("A1"),
        _step("A2", held=True),
        _step("A3", not_before_at=NIGHT + timedelta(minutes=1)),
        _step("A4", not_before_at=NIGHT),
        _step("A5", "ready"),
        _step("U1", is_backout=True, reverses="A1"),
    )
    assert [step.key for step in ready_steps(steps, NIGHT)] == ["A1", "A4"]


def test_the_last_done_is_the_first_undone() -> None:
    """A1 → A2 → A3 → A4; A3 has no backout step, A4 was never begun."""
    steps = _steps(
        _step("A1", "completed"),
        _step("A2", "failed", "A1"),
        _step("A3", "completed", "A2"),
        _step("A4", "planned", "A3"),
        _step("U1", is_backout=True, reverses="A1"),
        _step("U2", is_backout=True, reverses="A2"),
        _step("U4", is_backout=True, reverses="A4"),
    )
    assert [step.key for step in ready_steps(steps, NIGHT, undoing=True)] == ["U2"]
    assert [step.key for step in to_undo_first(steps["U1"], steps)] == ["A2"]

    steps["A2"] = _step("A2", "backed_out", "A1")
    steps["U2"] = _step("U2", "completed", is_backout=True, reverses="A2")
    assert [step.key for step in ready_steps(steps, NIGHT, undoing=True)] == ["U1"]


@pytest.mark.parametrize(
    ("minutes", "reason", "codes"),
    [
        (0, "", []),
        (-1, "", ["backdate_reason"]),
        (-15, "on the console", []),
        (-16, "on the console", ["backdated_too_far"]),
        (-16, "", ["backdated_too_far", "backdate_reason"]),
        (-14, "typed", []),
        (1, "clock", ["time_ahead"]),
    ],
)
def test_how_far_a_time_may_lie_back(minutes: int, reason: str, codes: list[str]) -> None:
    claimed = NIGHT + timedelta(minutes=minutes)
    assert [code for code, _, _ in time_problems(claimed, NIGHT, reason=reason)] == codes


def test_a_step_cannot_end_before_it_began() -> None:
    began = NIGHT - timedelta(minutes=2)
    problems = time_problems(
        NIGHT - timedelta(minutes=3), NIGHT, reason="typed late", not_before_at=began
    )
    assert [code for code, _, _ in problems] == ["time_before"]
    assert time_problems(None, NIGHT, reason="", not_before_at=began) == []


def test_a_time_without_a_zone_is_no_time() -> None:
    naive = NIGHT.replace(tzinfo=None)
    assert [code for code, _, _ in time_problems(naive, NIGHT, reason="x")] == ["naive_time"]


@pytest.mark.parametrize(
    ("code", "most", "deviation"),
    [(0, 0, False), (4, 4, False), (8, 4, True), (None, 4, False), (8, None, False)],
)
def test_a_return_code_above_the_plan_deviates(
    code: int | None, most: int | None, deviation: bool
) -> None:
    assert deviates(code, most) is deviation
