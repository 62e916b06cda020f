from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from apps.gates.domain.facts import FitFacts, PackageFacts
from apps.gates.domain.verdict import (
    NOT_APPLICABLE,
    OPEN,
    Finding,
    Gate,
    Verdict,
    verdict,
)

PLANNER = "release coordinator"
NO_PLAN = "nothing can be done without a plan"
TOO_LONG = "the work does not end before the window does"


class Fit(Gate):
    """The plan is reckoned elsewhere and kept; a page never waits for a solver."""

    code = "G11"
    title = "Fit"
    help_text = (
        "The plan of the window is done before its cut-off (F1) and, by its risk, can still be "
        "taken back after a checkpoint (medium, F2c) or after the very last check (high, F2: the "
        "point of no return is not before the go/no-go evidence). It needs no more than the window."
    )
    also_at_start = True
    due = timedelta(days=2)
    owner_role = "release_coordinator"
    evidence_kind = "plan of the window"
    waivable_by = ("release_manager", "cab_chair")

    def evaluate(self, facts: PackageFacts) -> Verdict:
        window = facts.window
        if window is None or not facts.forward:
            return NOT_APPLICABLE
        if facts.fit is None:
            text = f"The plan of {window.code} is not reckoned yet."
            fix = "It is reckoned when the package is confirmed ready, and on the plan's page."
            return Verdict(None, (Finding(text, fix, PLANNER),), OPEN)
        return verdict(self._findings(facts, facts.fit, window.code))

    def _findings(self, facts: PackageFacts, fit: FitFacts, window: str) -> Iterator[Finding]:
        for text, fix in fit.obstacles:
            yield Finding(f"{window} has no plan: {text}", fix, PLANNER, never=NO_PLAN)
        for code, text, short in fit.fits:
            if short:
                late = (
                    f" The point of no return is {fit.go_ready - fit.no_return} min before the "
                    "evidence for go/no-go."
                    if code == "F2" and fit.no_return >= 0
                    else ""
                )
                yield Finding(
                    f"{window} is {short} min short for {code}: {text}{late}",
                    "See what would gain time on the page of its plan, or move the package.",
                    PLANNER,
                    never=TOO_LONG if code == "F1" else "",
                )
        if fit.utilisation > 1 and not any(code == "F2" and short for code, _, short in fit.fits):
            yield Finding(
                f"With its way back the plan may need {fit.utilisation:.0%} of {window}.",
                "Make it shorter, or move a package.",
                PLANNER,
                None if facts.is_risky else "soft",
            )
