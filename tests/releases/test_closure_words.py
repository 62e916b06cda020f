"""What a night leaves to read: its numbers, its notes, how releases went. Without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from apps.releases.domain.outcomes import Released, grouped
from apps.releases.domain.planner.simulation import History
from apps.releases.domain.release_notes import ChangeNote, Notes, PackageNote, as_markdown
from apps.releases.domain.review import Run, StepRun, in_words, numbers_of

ZERO = datetime(2026, 11, 21, 21, tzinfo=UTC)


def at(minute: int) -> datetime:
    return ZERO + timedelta(minutes=minute)


def step(label: str, planned: int, began: int, ended: int, **more: Any) -> StepRun:
    return StepRun(
        label, f"Step {label}", "Completed", planned, at(0), at(began), at(ended), **more
    )


def test_the_review_tells_planned_and_actual_of_every_step() -> None:
    numbers = numbers_of(
        Run([step("A1", 10, 5, 30), StepRun("A2", "Skipped", "Skipped", 8)], "failed")
    )
    first, second = numbers["steps"]
    assert (first["minutes"], first["over"], first["late"]) == (25, 15, 5)
    assert (second["minutes"], second["over"], second["late"]) == (None, None, None)
    assert (numbers["planned_minutes"], numbers["actual_minutes"]) == (10, 25)
    assert numbers["margin_minutes"] is None


def test_the_review_says_in_words_what_did_not_go_as_planned() -> None:
    run = Run(
        [
            step("A1", 10, 0, 12, attempts=2, deviation="RC 8 is known"),
            step("A2", 10, 12, 40, failure="abend"),
            step("A3", 10, 40, 45),
        ],
        "completed", cutoff=at(100), ended=at(88),
        checks=[("V1", "passed"), ("V2", "accepted_deviation")],
        decision=("Go", "Manager", "All green"), calls_for_help=1, open_findings=2, delays=1,
    )  # fmt: skip
    assert in_words(numbers_of(run)) == [
        "Its steps took 45 minutes of work; 30 were planned.",
        "It ended 12 minutes before the cut-off of the window.",
        "Longest over their plan: A2 Step A2 (+18 minutes), A1 Step A1 (+2 minutes).",
        "1 step failed.",
        "1 step ran more than once.",
        "1 return code was accepted.",
        "Help was called for once.",
        "2 findings are still open.",
        "It had been delayed once before.",
        "Of 2 checks 1 passed, 1 with an accepted deviation.",
        "Decided: Go by Manager (All green).",
    ]


def test_release_notes_are_plain_markdown() -> None:
    change = ChangeNote(
        "CHG0512", "Layout <b>340</b>", "Card", "Interest\nper product.", "Delivered"
    )
    package = PackageNote("RP-1", "Accounts", "Completed", [change], known=["RP-1: A_B is open."])
    text = as_markdown(Notes("Release notes RP-1", "W-1, tonight", "Completed", [package]))
    assert text == (
        "# Release notes RP-1\n\n- When: W-1, tonight\n- Outcome: Completed\n- Services: Card\n\n"
        "## RP-1 Accounts: Completed\n\n- **CHG0512** Layout \\<b\\>340\\</b\\> (Delivered)\n"
        "  - Why: Interest per product.\n\n## Known errors\n\n- RP-1: A\\_B is open.\n"
    )


def test_releases_are_grouped_by_way_and_the_most_frequent_cause() -> None:
    def released(code: str, way: str, cause: str, minute: int) -> Released:
        return Released(code, code, "", way, cause, "", "W-1", at(minute), "")

    found = grouped(
        [
            released("RP-1", "delayed", "Capacity", 1),
            released("RP-2", "failed", "Time", 2),
            released("RP-3", "delayed", "Not ready", 3),
            released("RP-4", "delayed", "Not ready", 4),
        ]
    )
    assert [(g.way, g.cause, [row.code for row in g.releases]) for g in found] == [
        ("failed", "Time", ["RP-2"]),
        ("delayed", "Not ready", ["RP-4", "RP-3"]),
        ("delayed", "Capacity", ["RP-1"]),
    ]


def test_a_history_tells_quantiles_in_minutes_of_another_plan() -> None:
    history = History.of([(10, minutes) for minutes in (10, 10, 20, 20, 40)])
    assert (history.at(50, 30), history.at(80, 30)) == (60, 72)
    assert History.of([(10, 10)]).at(50, 30) is None
