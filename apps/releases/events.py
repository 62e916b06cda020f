"""What happens to packages, their steps, checks and backout plans, and in a window's night."""

from apps.evidence.events import Event

PACKAGE_CREATED = Event("package.created", "Drafted the package")
PACKAGE_EDITED = Event("package.edited", "Edited the package")
PACKAGE_PLANNED = Event("package.planned", "Planned the package for its window")
PACKAGE_CONFIRMED = Event("package.confirmed", "Confirmed the package ready")
PACKAGE_REGRESSED = Event("package.regressed", "The package is no longer ready")
PACKAGE_STARTED = Event("package.started", "Started the package")
PACKAGE_EMERGENCY_STARTED = Event("package.emergency_started", "Started the emergency package")
PACKAGE_DELAYED = Event("package.delayed", "Moved the package out of its window")
PACKAGE_REPLANNED = Event("package.replanned", "Planned the package for a new window")
PACKAGE_VALIDATING = Event("package.entered_validation", "Validation began")
PACKAGE_REOPENED = Event("package.reopened", "Went back from validation to the steps")
PACKAGE_DECIDED = Event("package.decided", "Decided on the package")
PACKAGE_COMPLETED = Event("package.completed", "Completed the package")
PACKAGE_PARTIAL_PROPOSED = Event("package.partial_proposed", "Proposed to complete it in part")
PACKAGE_PARTIALLY_COMPLETED = Event("package.partially_completed", "Completed the package in part")
PACKAGE_FAILED = Event("package.failed", "The package failed")
PACKAGE_RESUMED = Event("package.resumed", "Resumed the package, fixing forward")
PACKAGE_BACKOUT_STARTED = Event("package.backout_started", "Started to back the package out")
PACKAGE_BACKED_OUT = Event("package.backed_out", "The package is backed out")
PACKAGE_BACKOUT_FAILED = Event("package.backout_failed", "The backout failed")
PACKAGE_CLOSED = Event("package.closed", "Closed the package")
PACKAGE_CANCELLED = Event("package.cancelled", "Cancelled the package")

ACTIVITY_RECALLED = Event("activity.recalled", "Called the step back: the package left its night")
CHECK_RECALLED = Event("check.recalled", "Called the check back: the package left its night")

BACKOUT_TRIGGERED = Event("backout_plan.triggered", "Triggered the backout")
BACKOUT_VERIFIED = Event("backout_plan.verified", "Verified the backout")
BACKOUT_FAILED = Event("backout_plan.failed", "The backout failed")
BACKOUT_INVALIDATED = Event("backout_plan.invalidated", "The package changed: the plan is invalid")
