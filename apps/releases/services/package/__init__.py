"""The life of a package: planned, ready, run, decided, completed or taken back, closed."""

from apps.releases.services.package.blockers import (
    close_blockers,
    confirm_blockers,
    emergency_start_blockers,
    plan_blockers,
    soft_choices,
    start_blockers,
)
from apps.releases.services.package.closing import OUTCOME_OF_STATE, close
from apps.releases.services.package.completing import (
    complete,
    deliver,
    install_versions,
)
from apps.releases.services.package.confirming import confirm_ready, content_digest
from apps.releases.services.package.leaving import cancel, delay, leave_window
from apps.releases.services.package.night import (
    emergency_start,
    fail,
    reopen,
    start,
    to_validation,
    to_validation_if_done,
)
from apps.releases.services.package.planning import plan, regress, replan
from apps.releases.services.package.recording import (
    Outcome,
    forget_decision,
    record_package,
    tell_changes,
)

__all__ = [
    "OUTCOME_OF_STATE",
    "Outcome",
    "cancel",
    "close",
    "close_blockers",
    "complete",
    "confirm_blockers",
    "confirm_ready",
    "content_digest",
    "delay",
    "deliver",
    "emergency_start",
    "emergency_start_blockers",
    "fail",
    "forget_decision",
    "install_versions",
    "leave_window",
    "plan",
    "plan_blockers",
    "record_package",
    "regress",
    "reopen",
    "replan",
    "soft_choices",
    "start",
    "start_blockers",
    "tell_changes",
    "to_validation",
    "to_validation_if_done",
]
