from apps.accounts.policies import cancel_shift_blockers, end_grant_blockers, revoke_blockers
from apps.accounts.services.delegations import revoke_delegation
from apps.accounts.services.people import end_role
from apps.accounts.services.roster import cancel_shift
from apps.core.moves import Move

ROLE_GRANT_MOVES = (
    Move(
        "end",
        "End the role",
        service=end_role,
        blockers=end_grant_blockers,
        comment="required",
        tone="danger",
        step_up=True,
    ),
)

DELEGATION_MOVES = (
    Move(
        "revoke",
        "Revoke the delegation",
        service=revoke_delegation,
        blockers=revoke_blockers,
        comment="required",
        comment_label="Reason",
        tone="danger",
        step_up=True,
    ),
)

SHIFT_MOVES = (
    Move(
        "cancel",
        "Cancel the shift",
        service=cancel_shift,
        blockers=cancel_shift_blockers,
        comment="required",
        comment_label="Reason",
        tone="danger",
    ),
)
