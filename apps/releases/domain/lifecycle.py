"""States and moves of packages, activities, checks and backout plans.

The models' transitions and the database's guards come from here: a move has the states it may
start from (`…_SOURCES`) and the one it leads to (`…_TARGETS`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

#: How long after its completion what is needed to take a package back is kept.
WARRANTY = timedelta(days=5)

DRAFT, PLANNED, READY, IN_PROGRESS = "draft", "planned", "ready", "in_progress"
VALIDATING, COMPLETED, PARTIALLY = "validating", "completed", "partially_completed"
FAILED, BACKING_OUT, BACKED_OUT = "failed", "backing_out", "backed_out"
DELAYED, CANCELLED, CLOSED = "delayed", "cancelled", "closed"
#: States in which somebody may ask that the calendar lets a package pass.
DEVIATION_IN = (DRAFT, PLANNED, READY, DELAYED)

PACKAGE_STATES: tuple[tuple[str, str], ...] = (
    (DRAFT, "Draft"),
    (PLANNED, "Planned"),
    (READY, "Ready"),
    (IN_PROGRESS, "In progress"),
    (VALIDATING, "Validating"),
    (COMPLETED, "Completed"),
    (PARTIALLY, "Partially completed"),
    (FAILED, "Failed"),
    (BACKING_OUT, "Backing out"),
    (BACKED_OUT, "Backed out"),
    (DELAYED, "Delayed"),
    (CANCELLED, "Cancelled"),
    (CLOSED, "Closed"),
)

#: The way of a package that goes well, for the picture at the top of its page.
PACKAGE_ROUTE = (DRAFT, PLANNED, READY, IN_PROGRESS, VALIDATING, COMPLETED, CLOSED)

PACKAGE_SOURCES: Mapping[str, tuple[str, ...]] = {
    "plan": (DRAFT,),
    "confirm_ready": (PLANNED,),
    "regress": (READY,),
    "start": (READY,),
    "emergency_start": (DRAFT,),
    "delay": (PLANNED, READY, IN_PROGRESS),
    "replan": (DELAYED,),
    "to_validation": (IN_PROGRESS,),
    "reopen": (VALIDATING,),
    "complete": (VALIDATING,),
    "complete_partially": (IN_PROGRESS, VALIDATING),
    "fail": (IN_PROGRESS, VALIDATING),
    "resume": (FAILED,),
    "start_backout": (IN_PROGRESS, VALIDATING, FAILED, COMPLETED, PARTIALLY),
    "finish_backout": (BACKING_OUT,),
    "backout_failed": (BACKING_OUT,),
    "close": (COMPLETED, PARTIALLY, FAILED, BACKED_OUT),
    "cancel": (DRAFT, PLANNED, READY, DELAYED),
}
PACKAGE_TARGETS: Mapping[str, str] = {
    "plan": PLANNED,
    "confirm_ready": READY,
    "regress": PLANNED,
    "start": IN_PROGRESS,
    "emergency_start": IN_PROGRESS,
    "delay": DELAYED,
    "replan": PLANNED,
    "to_validation": VALIDATING,
    "reopen": IN_PROGRESS,
    "complete": COMPLETED,
    "complete_partially": PARTIALLY,
    "fail": FAILED,
    "resume": IN_PROGRESS,
    "start_backout": BACKING_OUT,
    "finish_backout": BACKED_OUT,
    "backout_failed": FAILED,
    "close": CLOSED,
    "cancel": CANCELLED,
}

#: States in which a package's content and plan may still be edited.
EDITABLE = (DRAFT, PLANNED, DELAYED)
#: States in which a package with a window waits for its night.
AWAITING = (DRAFT, PLANNED, READY)
#: States in which a package can be moved to another window.
MOVABLE = (*AWAITING, DELAYED)
#: States in which work goes on in the night.
LIVE = (IN_PROGRESS, VALIDATING, BACKING_OUT)
#: States that a window may be closed over.
SETTLED = (COMPLETED, PARTIALLY, FAILED, BACKED_OUT, DELAYED, CANCELLED, CLOSED)
#: States in which a package holds capacity of its window.
BOOKED = (PLANNED, READY, IN_PROGRESS, VALIDATING, COMPLETED, PARTIALLY, FAILED, BACKING_OUT,
          BACKED_OUT, CLOSED)  # fmt: skip

PAUSED, SKIPPED = "paused", "skipped"

ACTIVITY_STATES: tuple[tuple[str, str], ...] = (
    (PLANNED, "Planned"),
    (READY, "Ready"),
    (IN_PROGRESS, "In progress"),
    (PAUSED, "Paused"),
    (COMPLETED, "Completed"),
    (FAILED, "Failed"),
    (SKIPPED, "Skipped"),
    (BACKED_OUT, "Backed out"),
)
#: `recall` puts the steps of a package that leaves its night before anything was altered back.
ACTIVITY_SOURCES: Mapping[str, tuple[str, ...]] = {
    "release": (PLANNED,),
    "start": (READY,),
    "pause": (IN_PROGRESS,),
    "resume": (PAUSED,),
    "complete": (IN_PROGRESS,),
    "fail": (IN_PROGRESS, PAUSED),
    "retry": (FAILED,),
    "skip": (PLANNED, READY),
    "back_out": (COMPLETED, FAILED),
    "recall": (READY, COMPLETED, FAILED, SKIPPED),
}
ACTIVITY_TARGETS: Mapping[str, str] = {
    "release": READY,
    "start": IN_PROGRESS,
    "pause": PAUSED,
    "resume": IN_PROGRESS,
    "complete": COMPLETED,
    "fail": FAILED,
    "retry": READY,
    "skip": SKIPPED,
    "back_out": BACKED_OUT,
    "recall": PLANNED,
}
#: States in which a step holds its exclusive subsystem.
RUNNING_STEP = (IN_PROGRESS, PAUSED)
#: States of a step that left something behind.
DONE_STEP = (COMPLETED, FAILED)
#: States of a step that nobody waits for any more.
ENDED_STEP = (COMPLETED, SKIPPED, BACKED_OUT)

RUNNING, PASSED, INCONCLUSIVE = "running", "passed", "inconclusive"
ACCEPTED, NOT_RUN = "accepted_deviation", "not_run"

CHECK_STATES: tuple[tuple[str, str], ...] = (
    (PLANNED, "Planned"),
    (RUNNING, "Running"),
    (PASSED, "Passed"),
    (FAILED, "Failed"),
    (INCONCLUSIVE, "Inconclusive"),
    (ACCEPTED, "Deviation accepted"),
    (NOT_RUN, "Not run"),
)
CHECK_SOURCES: Mapping[str, tuple[str, ...]] = {
    "begin": (PLANNED,),
    "pass_check": (RUNNING,),
    "fail": (RUNNING,),
    "be_inconclusive": (RUNNING,),
    "rerun": (FAILED, INCONCLUSIVE),
    "accept": (FAILED, INCONCLUSIVE),
    "leave_out": (PLANNED,),
    "recall": (RUNNING, PASSED, FAILED, INCONCLUSIVE, ACCEPTED, NOT_RUN),
}
CHECK_TARGETS: Mapping[str, str] = {
    "begin": RUNNING,
    "pass_check": PASSED,
    "fail": FAILED,
    "be_inconclusive": INCONCLUSIVE,
    "rerun": RUNNING,
    "accept": ACCEPTED,
    "leave_out": NOT_RUN,
    "recall": PLANNED,
}
#: States of a check that lets its package complete.
GOOD_CHECK = (PASSED, ACCEPTED)

REVIEWED, REHEARSED, APPROVED = "reviewed", "rehearsed", "approved"
TRIGGERED, EXECUTING, RESTORED, VERIFIED = "triggered", "executing", "restored", "verified"
INVALID = "invalid"

BACKOUT_STATES: tuple[tuple[str, str], ...] = (
    (DRAFT, "Draft"),
    (REVIEWED, "Reviewed"),
    (REHEARSED, "Rehearsed"),
    (APPROVED, "Approved"),
    (TRIGGERED, "Triggered"),
    (EXECUTING, "Executing"),
    (RESTORED, "Restored"),
    (VERIFIED, "Verified"),
    (FAILED, "Failed"),
    (INVALID, "Invalid"),
)
#: In the night a backout starts whatever the papers say, so `trigger` leaves every paper state;
#: `verify` also ends a backout that had nothing to restore.
BACKOUT_SOURCES: Mapping[str, tuple[str, ...]] = {
    "review": (DRAFT,),
    "rehearse": (REVIEWED,),
    "approve": (REVIEWED, REHEARSED),
    "revise": (REVIEWED, REHEARSED, APPROVED, INVALID),
    "invalidate": (REVIEWED, REHEARSED, APPROVED),
    "trigger": (DRAFT, REVIEWED, REHEARSED, APPROVED, INVALID, FAILED),
    "execute": (TRIGGERED,),
    "restore": (TRIGGERED, EXECUTING),
    "verify": (TRIGGERED, EXECUTING, RESTORED),
    "fail": (TRIGGERED, EXECUTING, RESTORED),
}
BACKOUT_TARGETS: Mapping[str, str] = {
    "review": REVIEWED,
    "rehearse": REHEARSED,
    "approve": APPROVED,
    "revise": DRAFT,
    "invalidate": INVALID,
    "trigger": TRIGGERED,
    "execute": EXECUTING,
    "restore": RESTORED,
    "verify": VERIFIED,
    "fail": FAILED,
}


EXPECTED, ENDED, DEVIATED = "expected", "ended", "deviated"

WATCH_STATES: tuple[tuple[str, str], ...] = (
    (EXPECTED, "Expected"),
    (ENDED, "Ended as expected"),
    (DEVIATED, "Deviated"),
    (ACCEPTED, "Deviation accepted"),
)
#: A job that deviated may be run again: its result is then recorded once more. One that never ran
#: is accepted, too.
WATCH_SOURCES: Mapping[str, tuple[str, ...]] = {
    "end_well": (EXPECTED, DEVIATED),
    "deviate": (EXPECTED, DEVIATED),
    "accept": (EXPECTED, DEVIATED),
}
#: States of a watched job that nobody waits for any more.
WATCH_DONE = (ENDED, ACCEPTED)

OPEN, ACKNOWLEDGED, RESOLVED, VANISHED = "open", "acknowledged", "resolved", "vanished"

FINDING_STATES: tuple[tuple[str, str], ...] = (
    (OPEN, "Open"),
    (ACKNOWLEDGED, "Acknowledged"),
    (RESOLVED, "Resolved"),
    (VANISHED, "Vanished"),
)
#: `vanish` and `reopen` are detection's own: what a rule no longer finds, and what it finds again.
FINDING_SOURCES: Mapping[str, tuple[str, ...]] = {
    "acknowledge": (OPEN,),
    "resolve": (OPEN, ACKNOWLEDGED, VANISHED),
    "vanish": (OPEN, ACKNOWLEDGED),
    "reopen": (ACKNOWLEDGED, RESOLVED, VANISHED),
}
FINDING_TARGETS: Mapping[str, str] = {
    "acknowledge": ACKNOWLEDGED,
    "resolve": RESOLVED,
    "vanish": VANISHED,
    "reopen": OPEN,
}
#: States of a finding that somebody still has to see to.
LIVE_FINDING = (OPEN, ACKNOWLEDGED)

ACTIVE, RETIRED = "active", "retired"

TEMPLATE_STATES: tuple[tuple[str, str], ...] = (
    (DRAFT, "Draft"),
    (REVIEWED, "Reviewed"),
    (ACTIVE, "Active"),
    (RETIRED, "Retired"),
)
TEMPLATE_ROUTE = (DRAFT, REVIEWED, ACTIVE, RETIRED)
TEMPLATE_SOURCES: Mapping[str, tuple[str, ...]] = {
    "review": (DRAFT,),
    "rewrite": (REVIEWED,),
    "activate": (REVIEWED,),
    "retire": (DRAFT, REVIEWED, ACTIVE),
}

SENT, DROPPED = "sent", "dropped"

COMMUNICATION_STATES: tuple[tuple[str, str], ...] = (
    (PLANNED, "Planned"),
    (SENT, "Sent"),
    (DROPPED, "Not needed"),
)
COMMUNICATION_SOURCES: Mapping[str, tuple[str, ...]] = {"send": (PLANNED,), "drop": (PLANNED,)}

OFFERED, ACCEPTED_HANDOVER, RETURNED = "offered", "accepted", "returned"

HANDOVER_STATES: tuple[tuple[str, str], ...] = (
    (OFFERED, "Offered"),
    (ACCEPTED_HANDOVER, "Accepted"),
    (RETURNED, "Returned"),
)
HANDOVER_SOURCES: Mapping[str, tuple[str, ...]] = {
    "accept": (OFFERED,),
    "give_back": (OFFERED,),
    "offer_again": (RETURNED,),
}

DONE = "done"

LESSON_STATES: tuple[tuple[str, str], ...] = ((OPEN, "Open"), (DONE, "Done"), (DROPPED, "Dropped"))
LESSON_SOURCES: Mapping[str, tuple[str, ...]] = {"settle": (OPEN,), "drop": (OPEN,)}

REVIEW_STATES: tuple[tuple[str, str], ...] = ((DRAFT, "Draft"), (COMPLETED, "Completed"))
REVIEW_SOURCES: Mapping[str, tuple[str, ...]] = {"conclude": (DRAFT,)}

REHEARSAL_STATES: tuple[tuple[str, str], ...] = (
    (PLANNED, "Planned"),
    (IN_PROGRESS, "In progress"),
    (COMPLETED, "Completed"),
    (CANCELLED, "Given up"),
)
REHEARSAL_SOURCES: Mapping[str, tuple[str, ...]] = {
    "begin": (PLANNED,),
    "finish": (IN_PROGRESS,),
    "give_up": (PLANNED, IN_PROGRESS),
}


def pairs(sources: Mapping[str, tuple[str, ...]], targets: Mapping[str, str]) -> tuple[str, ...]:
    """Every allowed "from>to", each once."""
    found = {f"{source}>{targets[move]}" for move, states in sources.items() for source in states}
    return tuple(sorted(found))
