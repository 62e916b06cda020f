"""Issues that people raise inside a night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import bad_input, refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record, record_created
from apps.evidence.services.register import model_blockers
from apps.releases import events
from apps.releases.models import RunIssue
from apps.releases.policies import command as rules
from apps.releases.policies.reasons import reason_blockers
from apps.releases.services.rows import comment_blockers, fill
from apps.windows.models import ReleaseWindow

EDITABLE_FIELDS = ("step", "title", "detail", "severity", "owner")
CREATABLE_FIELDS = ("window", *EDITABLE_FIELDS)


@door("run_issue")
def raise_issue(*, actor: Actor, values: Mapping[str, Any], comment: str = "") -> RunIssue:
    """Say that something went wrong. Without an owner the coordinator of the window sees to it.

    Raises Refused naming every field at fault.
    """
    refuse_if_any([*rules.raise_issue_blockers(actor), *comment_blockers(comment)])
    issue = RunIssue(raised_by_id=actor.user_id)
    fill(issue, values, CREATABLE_FIELDS)
    if not isinstance(getattr(issue, "window_id", None), UUID):
        refuse_if_any([bad_input("window", "Choose a window.", code="required")])
    # The window cannot end while the issue is being raised in it.
    issue.window = lock(ReleaseWindow.objects.select_related("coordinator"), issue.window_id)
    if issue.owner_id is None:
        issue.owner = issue.window.coordinator
    refuse_if_any([*model_blockers(issue), *rules.place_blockers(issue)])
    return record_created(
        issue, actor=actor, event=events.ISSUE_RAISED, comment=comment, about=issue.window.subject
    )


@door("run_issue")
def edit_issue(
    *,
    pk: UUID,
    actor: Actor,
    values: Mapping[str, Any],
    expected_seq: int | None = None,
    comment: str = "",
) -> RunIssue:
    """Say it better, or give it to somebody."""
    issue = _lock(pk, expected_seq)
    refuse_if_any([*rules.edit_issue_blockers(actor, issue), *comment_blockers(comment)])
    before = issue.governed_values()
    fill(issue, values, EDITABLE_FIELDS)
    refuse_if_any([*model_blockers(issue), *rules.place_blockers(issue)])
    if issue.governed_values() == before:
        return issue
    return record(
        issue, actor=actor, event=events.ISSUE_EDITED, comment=comment, about=issue.window.subject
    )


@door("run_issue")
def resolve_issue(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> RunIssue:
    """open → resolved, with how."""
    issue = _lock(pk, expected_seq)
    refuse_if_any(
        [
            *rules.resolve_issue_blockers(actor, issue),
            *reason_blockers(comment, "How it was solved"),
        ]
    )
    issue.resolve()
    issue.resolution, issue.resolved_at = tidy(comment), clock.now()
    return record(
        issue, actor=actor, event=events.ISSUE_RESOLVED, comment=comment,
        about=issue.window.subject,
    )  # fmt: skip


@door("run_issue")
def reopen_issue(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> RunIssue:
    """resolved → open: it came back."""
    issue = _lock(pk, expected_seq)
    refuse_if_any([*rules.reopen_issue_blockers(actor, issue), *reason_blockers(comment)])
    issue.reopen()
    issue.resolution, issue.resolved_at = "", None
    return record(
        issue, actor=actor, event=events.ISSUE_REOPENED, comment=comment,
        about=issue.window.subject,
    )  # fmt: skip


def _lock(pk: UUID, expected_seq: int | None) -> RunIssue:
    rows = RunIssue.objects.select_related("window", "step__package", "owner")
    return lock(rows, pk, expected_seq=expected_seq)
