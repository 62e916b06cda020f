"""Every reason why something may not happen to alerts and issues of a night."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.releases.domain import alerts
from apps.releases.domain import run_issues as issues
from apps.releases.models import Alert, RunIssue
from apps.releases.policies.reasons import role_blockers, state_blockers
from apps.windows.domain import lifecycle as window_life

COORDINATOR, MANAGER = "release_coordinator", "release_manager"
#: Who works in a night and may say that something went wrong in it.
CREW = (COORDINATOR, MANAGER, "implementer", "validator", "technical_lead")
#: States of a window in which its night can have issues.
LIVE_WINDOW = (window_life.IN_PROGRESS, window_life.VERIFYING)

ALERT_LABELS, ISSUE_LABELS = dict(alerts.ALERT_STATES), dict(issues.ISSUE_STATES)


def acknowledge_alert_blockers(actor: Actor, alert: Alert) -> Iterator[Blocker]:
    """The people of its step may, and whoever leads the night."""
    yield from state_blockers(
        "The alert", alert.state, alerts.ALERT_SOURCES["acknowledge"], ALERT_LABELS, "acknowledged"
    )
    step = alert.step
    mine = step is not None and actor.id is not None and actor.id in (step.owner_id, step.deputy_id)
    if not mine:
        yield from role_blockers(actor, COORDINATOR, MANAGER)


def raise_issue_blockers(actor: Actor) -> Iterator[Blocker]:
    yield from role_blockers(actor, *CREW)


def place_blockers(issue: RunIssue) -> Iterator[Blocker]:
    """The window runs, and the step is one of its night."""
    window, step = issue.window, issue.step
    if window.state not in LIVE_WINDOW:
        yield bad_input(
            "window",
            f"{window.code} is {window.get_state_display().lower()}; issues are raised in a night "
            "that runs.",
            "Choose the window of the night.",
        )
    of_package = step.package.window_id if step is not None and step.package else None
    if step is not None and window.pk not in (step.window_id, of_package):
        yield bad_input(
            "step", f"{step.label} is no step of {window.code}.", "Choose a step of the night."
        )


def edit_issue_blockers(actor: Actor, issue: RunIssue | None = None) -> Iterator[Blocker]:
    yield from role_blockers(actor, *CREW)
    if issue is not None and not issue.is_open:
        yield Blocker("wrong_state", "The issue is resolved.", "Open it again first.", "you",
                      kind="state")  # fmt: skip


def resolve_issue_blockers(actor: Actor, issue: RunIssue) -> Iterator[Blocker]:
    yield from state_blockers(
        "The issue", issue.state, issues.ISSUE_SOURCES["resolve"], ISSUE_LABELS, "resolved"
    )
    if actor.id is None or actor.id != issue.owner_id:
        yield from role_blockers(actor, *CREW)


def reopen_issue_blockers(actor: Actor, issue: RunIssue) -> Iterator[Blocker]:
    yield from state_blockers(
        "The issue", issue.state, issues.ISSUE_SOURCES["reopen"], ISSUE_LABELS, "opened again"
    )
    yield from role_blockers(actor, *CREW)
