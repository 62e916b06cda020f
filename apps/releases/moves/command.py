"""The moves of alerts and issues of a night."""

from __future__ import annotations

from apps.core.moves import Move
from apps.releases.domain import alerts as ladder
from apps.releases.domain import run_issues as issues
from apps.releases.policies import command as rules
from apps.releases.services import alerts, run_issues

ALERT_MOVES = (
    Move(
        "acknowledge",
        "Acknowledge",
        service=alerts.acknowledge_alert,
        blockers=rules.acknowledge_alert_blockers,
        sources=ladder.ALERT_SOURCES["acknowledge"],
        comment_label="What is done about it",
        tone="main",
        help_text="You look at it: nobody further is told.",
    ),
)
RUN_ISSUE_MOVES = (
    Move(
        "resolve",
        "Resolve",
        service=run_issues.resolve_issue,
        blockers=rules.resolve_issue_blockers,
        sources=issues.ISSUE_SOURCES["resolve"],
        comment="required",
        comment_label="How it was solved",
        tone="main",
    ),
    Move(
        "reopen",
        "Open again",
        service=run_issues.reopen_issue,
        blockers=rules.reopen_issue_blockers,
        sources=issues.ISSUE_SOURCES["reopen"],
        comment="required",
        comment_label="Reason",
    ),
)
