"""The way back of what has really been done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from apps.releases.domain.backout_order import Back, Forward, WayBackPlan, generate

OPENS = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)


def done(label: str, minute: int, *after: str, state: str = "completed", **more: Any) -> Forward:
    """A step that began at `minute`, with its way back of the same name and an R."""
    return Forward(
        key=label, label=label, state=state, after=frozenset(after),
        started_at=OPENS + timedelta(minutes=minute),
        **{"backs": (Back(f"{label}-R", f"{label}-R"),), **more},
    )  # fmt: skip


def told(plan: WayBackPlan) -> list[str]:
    return [line.back.label for line in plan.lines]


def waits(plan: WayBackPlan) -> set[tuple[str, str]]:
    return {(wait.after.label, wait.before.label) for wait in plan.waits}


def test_what_was_done_last_is_undone_first() -> None:
    plan = generate([done("A1", 0), done("A2", 10, "A1"), done("A3", 20, "A2")])
    assert told(plan) == ["A3-R", "A2-R", "A1-R"]
    assert waits(plan) == {("A2-R", "A3-R"), ("A1-R", "A2-R")}


def test_what_was_not_done_is_not_undone() -> None:
    open_step = Forward("A3", "A3", state="planned", after=frozenset({"A2"}),
                        backs=(Back("A3-R", "A3-R"),))  # fmt: skip
    plan = generate([done("A1", 0), done("A2", 10, "A1", state="failed"), open_step])
    assert told(plan) == ["A2-R", "A1-R"]
    assert [back.label for back in plan.idle] == ["A3-R"]


def test_a_step_without_a_way_back_only_passes_the_order_on() -> None:
    plan = generate([done("A1", 0), done("A2", 10, "A1", backs=()), done("A3", 20, "A2")])
    assert waits(plan) == {("A1-R", "A3-R")}


def test_steps_on_one_asset_are_undone_in_turn_though_nothing_ordered_them() -> None:
    shared = {"lib": "PROD.LOADLIB"}
    plan = generate([done("B1", 0, assets=shared), done("A1", 5, assets=shared), done("C1", 9)])
    assert waits(plan) == {("B1-R", "A1-R")}
    assert plan.waits[0].why == "A1 worked on PROD.LOADLIB after B1"
    assert told(plan) == ["C1-R", "A1-R", "B1-R"]


def test_what_people_ordered_is_not_turned_round() -> None:
    plan = generate([done("A1", 0), done("A2", 10, "A1")], known=[("A1-R", "A2-R")])
    assert plan.waits == ()
    assert told(plan) == ["A1-R", "A2-R"]


def test_what_cannot_be_undone_is_told() -> None:
    final = done("F9", 30, backs=(), irreversible=True)
    harmless = done("T1", 31, backs=())
    assert [step.label for step in generate([final, harmless, done("A1", 0)]).final] == ["F9"]


def night_of(*others: Forward) -> WayBackPlan:
    """H1 and H2 are shared and done; A1 was built on H2, which was built on H1."""
    shared = [done("H1", 0, place="shared"), done("H2", 5, "H1", place="shared")]
    return generate([*shared, done("A1", 10, "H2"), done("H3", 5, place="shared"), *others])


def test_what_the_window_shares_is_undone_with_the_package_that_was_built_on_it() -> None:
    plan = night_of()
    assert told(plan) == ["A1-R", "H2-R", "H1-R"]
    assert waits(plan) == {("H2-R", "A1-R"), ("H1-R", "H2-R")}
    assert plan.kept == ()


def test_what_another_package_still_needs_stays() -> None:
    """It need not have begun: it will want it."""
    plan = night_of(done("B1", 20, "H1", state="planned", place="other", package="RP-B"))
    assert told(plan) == ["A1-R", "H2-R"]
    assert [(each.step.label, each.needed_by) for each in plan.kept] == [("H1", ("RP-B",))]


def test_of_two_that_are_taken_back_the_shared_step_waits_for_both() -> None:
    plan = night_of(done("B1", 20, "H1", place="going_back", package="RP-B"))
    assert told(plan) == ["A1-R", "H2-R", "H1-R"]
    assert ("H1-R", "B1-R") in waits(plan)


def test_what_the_window_did_on_top_of_a_shared_step_keeps_it() -> None:
    plan = night_of(done("R1", 30, "A1", "H1", place="shared", irreversible=True, backs=()))
    assert [(each.step.label, each.needed_by) for each in plan.kept] == [
        ("H1", ("step R1",)), ("H2", ("step R1",)),
    ]  # fmt: skip


def test_a_shared_step_on_which_nothing_of_the_package_was_done_is_no_part_of_it() -> None:
    plan = generate([done("H1", 0, place="shared"), done("A1", 10, "H1", state="planned")])
    assert told(plan) == [] and [back.label for back in plan.idle] == ["A1-R"]
