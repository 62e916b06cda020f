"""Who acts: a frozen value that every service takes as a parameter, never ambient, never None."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

Channel = Literal["admin", "api", "task", "command", "phone"]
Kind = Literal["human", "service", "system"]


@dataclass(frozen=True, slots=True, order=True)
class RoleHeld:
    """A role and where it holds. `scope` is "" (everywhere) or "application:CARD", "family:db2"…"""

    role: str
    scope: str = ""

    def covers(self, scope: str) -> bool:
        return self.scope in ("", scope)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a service account or the system itself, as it was when it asked.

    `id` is the user's primary key, None only for the system. `auth_at` is when the person last
    proved who they are; decisions ask for a fresh one. `signed_in_at` is when their session
    began, or their token was made. Both are real time. Under `action_key` the client asks for this
    one action: asked for again under the same key, it is answered and not done again.
    """

    id: UUID | None
    username: str
    printed_name: str
    kind: Kind = "human"
    channel: Channel = "command"
    roles: frozenset[RoleHeld] = frozenset()
    teams: frozenset[str] = frozenset()
    auth_at: datetime | None = None
    auth_methods: tuple[str, ...] = ()
    signed_in_at: datetime | None = None
    session_hash: str = ""
    ip: str = ""
    request_id: str = ""
    action_key: UUID | None = None
    on_behalf_of: UUID | None = field(default=None)

    def holds(self, *roles: str, scope: str | None = None) -> bool:
        """True when one of `roles` is held; with `scope`, held for that scope or everywhere."""
        return any(
            held.role in roles and (scope is None or held.covers(scope)) for held in self.roles
        )

    def through(self, channel: Channel, request_id: str = "") -> Actor:
        return replace(self, channel=channel, request_id=request_id or self.request_id)

    @property
    def user_id(self) -> UUID:
        """The key of the account; the system has none, and is never who signs or comments."""
        if self.id is None:
            raise ValueError(f"{self.username} is no account.")
        return self.id

    @property
    def is_human(self) -> bool:
        return self.kind == "human"


def system_actor(name: str, request_id: str = "") -> Actor:
    """The portal itself, acting on a clock or an event. It never decides an approval."""
    return Actor(
        id=None,
        username=f"system:{name}",
        printed_name=f"Interlock ({name})",
        kind="system",
        channel="task",
        request_id=request_id,
    )
