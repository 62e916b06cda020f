"""The moves of a step, as pages, API and tests see them."""

from __future__ import annotations

from apps.accounts.models import User
from apps.core.moves import Move, MoveField
from apps.releases.domain import lifecycle as life
from apps.releases.domain.activity_rules import FAIL_CODES
from apps.releases.models import Activity
from apps.releases.policies import activity as rules
from apps.releases.policies.activity_clock import LET_FROM, let_start_blockers
from apps.releases.policies.step_order import drop_blockers, order_of
from apps.releases.services import activities, activity_plan, step_order
from apps.releases.services.business_date import tell_business_date
from apps.releases.services.no_return import (
    is_out_of_time,
    resume_step_blockers,
    start_step_blockers,
)

SOURCES = life.ACTIVITY_SOURCES


def _team_members(step: Activity) -> list[tuple[str, str]]:
    people = User.objects.filter(memberships__team=step.team_id, is_active=True)
    return [(str(user.pk), str(user)) for user in people.order_by("username")]


def _advised(step: Activity) -> list[tuple[str, str]]:
    """Predecessors that rules tell and nobody dropped, the hard ones among them: that they cannot
    be dropped is for the door to say."""
    order = order_of(step)
    dropped = {row.predecessor_id for row in order.dropped if row.activity_id == step.pk}
    return [
        (str(edge.before), f"{order.steps[edge.before]} ({', '.join(edge.origins)}, "
                           f"{'hard' if edge.is_hard else 'soft'})")
        for edge in order.ruled
        if edge.after == step.pk and edge.before not in dropped
    ]  # fmt: skip


def _dropped(step: Activity) -> list[tuple[str, str]]:
    rows = step.dependencies.filter(dropped_at__isnull=False).select_related("predecessor")
    return [(str(row.predecessor_id), f"{row.predecessor} ({row.origin})") for row in rows]


_PRESSED = MoveField(
    "pressed_at",
    "Pressed at",
    "datetime",
    required=False,
    help_text="When a device without a line kept it; counts for 15 minutes, and is kept.",
    by_program=True,
)
_BACKDATED = "Up to 15 minutes back, with the reason as comment. Empty: now."

ACTIVITY_MOVES = (
    Move(
        "start",
        "Start",
        service=activities.start_activity,
        blockers=start_step_blockers,
        sources=SOURCES["start"],
        fields=(
            MoveField("started_at", "Started at", "datetime", required=False, help_text=_BACKDATED),
            _PRESSED,
        ),
        tone="main",
    ),
    Move(
        "complete",
        "Complete",
        service=activities.complete_activity,
        blockers=rules.complete_blockers,
        sources=SOURCES["complete"],
        fields=(
            MoveField("rc", "Return code", "integer", required=False),
            MoveField("result", "Result", required=False, help_text="Job id, counts, messages."),
            MoveField("ended_at", "Ended at", "datetime", required=False, help_text=_BACKDATED),
            _PRESSED,
        ),
        tone="main",
    ),
    Move(
        "verify",
        "Verify as second person",
        service=activities.verify_activity,
        blockers=rules.verify_blockers,
        sources=(life.IN_PROGRESS,),
    ),
    Move(
        "tell_business_date",
        "Tell the business date",
        service=tell_business_date,
        blockers=rules.tell_date_blockers,
        sources=(*life.RUNNING_STEP, life.COMPLETED),
        fields=(
            MoveField(
                "business_date", "Business date", help_text="As the scheduler shows it: 2026-11-22."
            ),
        ),
        applies=rules.holds_batch,
    ),
    Move(
        "progress",
        "Report progress",
        service=activities.report_progress,
        blockers=rules.progress_blockers,
        sources=life.RUNNING_STEP,
        fields=(MoveField("percent", "Percent done", "integer"),),
    ),
    Move(
        "acknowledge",
        "Acknowledge",
        service=activity_plan.acknowledge_activity,
        blockers=rules.acknowledge_blockers,
        sources=(life.PLANNED, life.READY),
    ),
    Move(
        "release",
        "Make ready",
        service=activities.release_activity,
        blockers=rules.release_blockers,
        sources=SOURCES["release"],
    ),
    Move(
        "release_hold",
        "Release the hold",
        service=activities.release_hold,
        blockers=rules.release_hold_blockers,
        sources=(life.PLANNED,),
    ),
    Move(
        "pause",
        "Pause",
        service=activities.pause_activity,
        blockers=rules.pause_blockers,
        sources=SOURCES["pause"],
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "resume",
        "Resume",
        service=activities.resume_activity,
        blockers=resume_step_blockers,
        sources=SOURCES["resume"],
        comment="required",
        comment_label="Reason",
        tone="main",
    ),
    Move(
        "retry",
        "Try again",
        service=activities.retry_activity,
        blockers=rules.retry_blockers,
        sources=SOURCES["retry"],
        comment_label="Reason (from the third attempt on)",
        tone="main",
    ),
    Move(
        "accept_deviation",
        "Accept the return code",
        service=activities.accept_deviation,
        blockers=rules.accept_deviation_blockers,
        sources=(life.IN_PROGRESS,),
        fields=(MoveField("rc", "Return code up to", "integer"),),
        comment="required",
        comment_label="Reason",
    ),
    Move(
        "assign",
        "Assign",
        service=activity_plan.assign_activity,
        blockers=rules.assign_blockers,
        sources=rules.OPEN_STEP,
        fields=(
            MoveField("owner", "Owner", "reference", choices=_team_members),
            MoveField("deputy", "Deputy", "reference", required=False, choices=_team_members),
        ),
    ),
    Move(
        "substitute",
        "Name a substitute",
        service=activity_plan.substitute_activity,
        blockers=rules.substitute_blockers,
        sources=rules.OPEN_STEP,
        fields=(MoveField("substitute", "Substitute", "reference", choices=_team_members),),
        comment="required",
        comment_label="Why the owner is absent",
    ),
    Move(
        "let_start",
        "Let it run out of time",
        service=activities.let_activity_start,
        blockers=let_start_blockers,
        sources=LET_FROM,
        comment="required",
        comment_label="Reason",
        help_text="Outside its window, or after the point of no return.",
        applies=is_out_of_time,
    ),
    Move(
        "drop_predecessor",
        "Drop an advised predecessor",
        service=step_order.drop_predecessor,
        blockers=drop_blockers,
        sources=(life.PLANNED,),
        fields=(MoveField("predecessor", "Predecessor", "reference", choices=_advised),),
        comment="required",
        comment_label="Reason",
        applies=lambda step: bool(_advised(step)),
    ),
    Move(
        "take_up_predecessor",
        "Take up a dropped predecessor",
        service=step_order.take_up_predecessor,
        blockers=drop_blockers,
        sources=(life.PLANNED,),
        fields=(MoveField("predecessor", "Predecessor", "reference", choices=_dropped),),
        applies=lambda step: bool(_dropped(step)),
    ),
    Move(
        "note",
        "Add a note",
        service=activities.add_note,
        blockers=rules.note_blockers,
        comment="required",
        comment_label="Note",
    ),
    Move(
        "escalate",
        "Call for help",
        service=activities.escalate_activity,
        blockers=rules.escalate_blockers,
        sources=rules.OPEN_STEP,
        comment="required",
        comment_label="What is needed",
    ),
    Move(
        "fail",
        "Record a failure",
        service=activities.fail_activity,
        blockers=rules.fail_blockers,
        sources=SOURCES["fail"],
        fields=(
            MoveField("code", "Kind of failure", "choice", choices=FAIL_CODES),
            MoveField("rc", "Return code", "integer", required=False),
            _PRESSED,
        ),
        comment="required",
        comment_label="What happened",
        tone="danger",
    ),
    Move(
        "skip",
        "Skip",
        service=activities.skip_activity,
        blockers=rules.skip_blockers,
        sources=SOURCES["skip"],
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
)
