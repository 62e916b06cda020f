from apps.evidence.events import Event

USER_CREATED = Event("user.created", "Created the account")
USER_EDITED = Event("user.edited", "Edited the account")
USER_DEACTIVATED = Event("user.deactivated", "Deactivated the account")
USER_SIGNED_AGAIN = Event("user.stepped_up", "Proved their identity again")
TOKEN_CREATED = Event("user.token_created", "Made a token for the programming interface")
TOKEN_REVOKED = Event("user.token_revoked", "Revoked a token for the programming interface")
ROLE_GRANTED = Event("role_grant.granted", "Granted the role")
ROLE_ENDED = Event("role_grant.ended", "Ended the role")
DELEGATED = Event("delegation.given", "Delegated the role")
DELEGATION_REVOKED = Event("delegation.revoked", "Revoked the delegation")
TEAM_CREATED = Event("team.created", "Created the team")
TEAM_EDITED = Event("team.edited", "Edited the team")
