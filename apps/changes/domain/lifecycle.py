"""States and moves of a change request; the model's transitions and the guards come from here."""

from __future__ import annotations

DRAFT, ASSESSING, APPROVED, SCHEDULED = "draft", "assessing", "approved", "scheduled"
IMPLEMENTING, IMPLEMENTED, FAILED = "implementing", "implemented", "failed"
BACKED_OUT, CLOSED, REJECTED, CANCELLED = "backed_out", "closed", "rejected", "cancelled"

STATES: tuple[tuple[str, str], ...] = (
    (DRAFT, "Draft"),
    (ASSESSING, "Assessing"),
    (APPROVED, "Approved"),
    (SCHEDULED, "Scheduled"),
    (IMPLEMENTING, "Implementing"),
    (IMPLEMENTED, "Implemented"),
    (FAILED, "Failed"),
    (BACKED_OUT, "Backed out"),
    (CLOSED, "Closed"),
    (REJECTED, "Rejected"),
    (CANCELLED, "Cancelled"),
)

#: The way of a change that goes well, for the picture at the top of its page.
ROUTE = (DRAFT, ASSESSING, APPROVED, SCHEDULED, IMPLEMENTING, IMPLEMENTED, CLOSED)

SOURCES: dict[str, tuple[str, ...]] = {
    "submit": (DRAFT,),
    "return_to_draft": (ASSESSING,),
    "approve": (ASSESSING,),
    "auto_approve": (DRAFT,),
    "reject": (ASSESSING,),
    "schedule": (APPROVED,),
    "unschedule": (SCHEDULED,),
    "invalidate": (APPROVED, SCHEDULED),
    "start": (SCHEDULED, APPROVED),
    "complete": (IMPLEMENTING,),
    "fail": (IMPLEMENTING,),
    "resume": (FAILED,),
    "return_to_approved": (IMPLEMENTING, FAILED),
    "back_out": (IMPLEMENTING, FAILED, IMPLEMENTED),
    "close": (IMPLEMENTED, FAILED, BACKED_OUT),
    "cancel": (DRAFT, ASSESSING, APPROVED),
}

#: States in which the content may still change; from `approved` on that voids the approval.
EDITABLE = (DRAFT, ASSESSING, APPROVED, SCHEDULED)
#: States in which hold and release make sense.
OPEN = (DRAFT, ASSESSING, APPROVED, SCHEDULED)

#: Who moves it on from each state.
MOVERS: dict[str, str] = {
    DRAFT: "its requester",
    ASSESSING: "the approvers",
    APPROVED: "release coordinator",
    SCHEDULED: "release coordinator",
    IMPLEMENTING: "release coordinator",
    IMPLEMENTED: "its owner or a change manager",
    FAILED: "its owner or a change manager",
    BACKED_OUT: "its owner or a change manager",
}
#: States in which nothing more happens to it.
ENDED = (CLOSED, REJECTED, CANCELLED)

#: A score that was set by hand.
PROPOSED, CONFIRMED, REFUSED = "proposed", "confirmed", "refused"
OVERRIDE_STATES: tuple[tuple[str, str], ...] = (
    (PROPOSED, "Proposed"),
    (CONFIRMED, "Confirmed"),
    (REFUSED, "Refused"),
)
