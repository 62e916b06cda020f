"""The numbers of a run, for its review: what was planned, what happened, and the difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: The largest overruns that the text names.
MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class StepRun:
    """One step as planned and as it ran; times in UTC, minutes whole."""

    label: str
    title: str
    state: str
    planned_minutes: int
    planned_start: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    attempts: int = 0
    is_backout: bool = False
    failure: str = ""
    deviation: str = ""

    @property
    def minutes(self) -> int | None:
        return minutes_between(self.started, self.ended)

    @property
    def over(self) -> int | None:
        """Minutes above the planned duration, negative below."""
        return None if self.minutes is None else self.minutes - self.planned_minutes

    @property
    def late(self) -> int | None:
        """Minutes that it began after its planned start, negative before."""
        return minutes_between(self.planned_start, self.started)


@dataclass(frozen=True, slots=True)
class Run:
    """A package's run. `checks` are (code, state); `decision` is (word, who, reason)."""

    steps: Sequence[StepRun]
    outcome: str
    cutoff: datetime | None = None
    ended: datetime | None = None
    checks: Sequence[tuple[str, str]] = ()
    decision: tuple[str, str, str] = ("", "", "")
    calls_for_help: int = 0
    open_findings: int = 0
    delays: int = 0


def minutes_between(first: datetime | None, second: datetime | None) -> int | None:
    if first is None or second is None:
        return None
    return round((second - first).total_seconds() / 60)


def numbers_of(run: Run) -> dict[str, Any]:
    """The numbers as plain JSON values, the steps in the order given."""
    ran = [step for step in run.steps if step.minutes is not None]
    return {
        "outcome": run.outcome,
        "planned_minutes": sum(step.planned_minutes for step in ran),
        "actual_minutes": sum(step.minutes or 0 for step in ran),
        "margin_minutes": minutes_between(run.ended, run.cutoff),
        "failed_steps": sum(bool(step.failure) for step in run.steps),
        "repeated_steps": sum(step.attempts > 1 for step in run.steps),
        "deviations": sum(bool(step.deviation) for step in run.steps),
        "checks_passed": sum(state == "passed" for _, state in run.checks),
        "checks_accepted": sum(state == "accepted_deviation" for _, state in run.checks),
        "checks_total": len(run.checks),
        "decision": list(run.decision),
        "calls_for_help": run.calls_for_help,
        "open_findings": run.open_findings,
        "delays": run.delays,
        "steps": [
            {
                "label": step.label,
                "title": step.title,
                "state": step.state,
                "planned_minutes": step.planned_minutes,
                "minutes": step.minutes,
                "over": step.over,
                "late": step.late,
                "is_backout": step.is_backout,
                "failure": step.failure,
                "deviation": step.deviation,
            }
            for step in run.steps
        ],
    }


def in_words(numbers: dict[str, Any]) -> list[str]:
    """The numbers as sentences, for people who do not read tables."""
    return [*_duration(numbers), *_overruns(numbers["steps"]), *_troubles(numbers)]


def _duration(numbers: dict[str, Any]) -> Iterable[str]:
    planned, actual = numbers["planned_minutes"], numbers["actual_minutes"]
    yield f"Its steps took {actual} minutes of work; {planned} were planned."
    margin = numbers["margin_minutes"]
    if margin is not None:
        when = f"{margin} minutes before" if margin >= 0 else f"{-margin} minutes after"
        yield f"It ended {when} the cut-off of the window."


def _overruns(steps: Sequence[dict[str, Any]]) -> Iterable[str]:
    over = sorted((s for s in steps if (s["over"] or 0) > 0), key=lambda s: -s["over"])
    if over:
        told = ", ".join(
            f"{s['label']} {s['title']} (+{s['over']} minutes)" for s in over[:MOST_TOLD]
        )
        yield f"Longest over their plan: {told}."


def _troubles(numbers: dict[str, Any]) -> Iterable[str]:
    for key, one, many in (
        ("failed_steps", "1 step failed.", "{} steps failed."),
        ("repeated_steps", "1 step ran more than once.", "{} steps ran more than once."),
        ("deviations", "1 return code was accepted.", "{} return codes were accepted."),
        ("calls_for_help", "Help was called for once.", "Help was called for {} times."),
        ("open_findings", "1 finding is still open.", "{} findings are still open."),
        ("delays", "It had been delayed once before.", "It had been delayed {} times before."),
    ):
        count = numbers[key]
        if count:
            yield one if count == 1 else many.format(count)
    if numbers["checks_total"]:
        passed, accepted = numbers["checks_passed"], numbers["checks_accepted"]
        more = f", {accepted} with an accepted deviation" if accepted else ""
        yield f"Of {numbers['checks_total']} checks {passed} passed{more}."
    word, who, reason = numbers["decision"]
    if word:
        yield f"Decided: {word} by {who}{f' ({reason})' if reason else ''}."
