from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from apps.changes.domain.facts import ChangeFacts
from apps.gates.domain.facts import PackageFacts
from apps.gates.domain.verdict import Finding, Gate, Verdict, verdict


class Approvals(Gate):
    code = "G01"
    title = "Approvals"
    help_text = (
        "Every change is approved for its current content, until the window closes, not on hold,\
 what a standard change rests on is active, and every condition of its approval is met."
    )
    also_at_start = True
    due = timedelta(days=3)
    owner_role = "package_owner"
    evidence_kind = "signatures"

    def evaluate(self, facts: PackageFacts) -> Verdict:
        return verdict(self._findings(facts))

    def _findings(self, facts: PackageFacts) -> Iterator[Finding]:
        if not facts.changes:
            yield Finding(
                "The package has no change.", "Add the changes it delivers.", "release coordinator"
            )
        closes_at = facts.window.closes_at if facts.window else facts.now
        for change in facts.changes:
            yield from self._of_change(change, facts.now, max(facts.now, closes_at))

    def _of_change(self, change: ChangeFacts, now: datetime, until: datetime) -> Iterator[Finding]:
        if not change.approved_for_current_content:
            waiting = f" Open: {'; '.join(change.missing)}." if change.missing else ""
            yield Finding(
                f"{change.code} is not approved for its current content.{waiting}",
                "Have the open slots signed." if change.missing else "Submit it for assessment.",
                "the approvers" if change.missing else change.requester.name,
            )
        elif change.valid_until is not None and change.valid_until < until:
            ends = "has ended" if change.valid_until < now else "ends before the window closes"
            yield Finding(
                f"The approval of {change.code} {ends}.",
                "Ask the approvers again.",
                "change manager",
            )
        if change.template_stopped:
            yield Finding(
                change.template_stopped,
                "Have the board make the standard change active again, or make it a normal change.",
                "the chair of the board",
            )
        for condition in change.open_conditions:
            yield Finding(
                f"{change.code} was approved under a condition that is not met: {condition}",
                "Meet it, and say what proves it.",
                "who answers for the condition",
            )
        if change.on_hold:
            yield Finding(
                f"{change.code} is on hold: {change.on_hold_reason}",
                "Release it from hold, or take it out of the package.",
                f"change manager or {change.owner.name}",
            )
