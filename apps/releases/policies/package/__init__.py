"""Every reason why something may not happen to a package, one generator per move.

What the gates say is added by the services, which evaluate them at that moment.
"""

from apps.releases.policies.package.backing_out import (
    backout_failed_blockers,
    backout_plan_blockers,
    finish_backout_blockers,
    incident_blockers,
    start_backout_blockers,
)
from apps.releases.policies.package.closing import close_blockers, lessons_blockers
from apps.releases.policies.package.common import COORDINATOR, LABELS, MANAGER, move_state_blockers
from apps.releases.policies.package.content import (
    carried_blockers,
    content_blockers,
    create_blockers,
    cycle_blockers,
    edit_blockers,
    member_blockers,
    values_blockers,
    window_change_blockers,
)
from apps.releases.policies.package.deciding import (
    complete_blockers,
    decide_blockers,
    decided_state_blockers,
    decision_blockers,
)
from apps.releases.policies.package.leaving import altered_blockers, cancel_blockers, delay_blockers
from apps.releases.policies.package.night import (
    emergency_start_blockers,
    fail_blockers,
    reopen_blockers,
    resume_blockers,
    start_blockers,
    to_validation_blockers,
)
from apps.releases.policies.package.planning import (
    ask_deviation_blockers,
    calendar_blockers,
    confirm_blockers,
    content_complete_blockers,
    new_window_blockers,
    plan_blockers,
    regress_blockers,
    replan_blockers,
    valid_through_blockers,
)

__all__ = [
    "COORDINATOR",
    "LABELS",
    "MANAGER",
    "altered_blockers",
    "ask_deviation_blockers",
    "backout_failed_blockers",
    "backout_plan_blockers",
    "calendar_blockers",
    "cancel_blockers",
    "carried_blockers",
    "close_blockers",
    "complete_blockers",
    "confirm_blockers",
    "content_blockers",
    "content_complete_blockers",
    "create_blockers",
    "cycle_blockers",
    "decide_blockers",
    "decided_state_blockers",
    "decision_blockers",
    "delay_blockers",
    "edit_blockers",
    "emergency_start_blockers",
    "fail_blockers",
    "finish_backout_blockers",
    "incident_blockers",
    "lessons_blockers",
    "member_blockers",
    "move_state_blockers",
    "new_window_blockers",
    "plan_blockers",
    "regress_blockers",
    "reopen_blockers",
    "replan_blockers",
    "resume_blockers",
    "start_backout_blockers",
    "start_blockers",
    "to_validation_blockers",
    "valid_through_blockers",
    "values_blockers",
    "window_change_blockers",
]
