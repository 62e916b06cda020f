"""Subscribe to a calendar by a secret address, and revoke it."""

from __future__ import annotations

import secrets
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
from apps.windows import events
from apps.windows.models import CalendarFeed
from apps.windows.policies import revoke_feed_blockers, subscribe_blockers
from apps.windows.selectors import feeds_with_owner, secret_hash

FIELDS = ("kind", "window", "team", "name")


@door("calendar_feed")
def create_feed(*, actor: Actor, values: Mapping[str, Any]) -> tuple[CalendarFeed, str]:
    """A feed of the actor's, and the secret of its address, which is stored nowhere.

    `values`: kind, name, and the window or team that it is of.
    """
    refuse_if_any(subscribe_blockers(actor))
    refuse_if_any(
        bad_input(name, f"“{name}” cannot be entered.", "Leave it out.", "not_writable")
        for name in sorted(set(values) - set(FIELDS))
    )
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed(
        owner_id=actor.user_id,
        secret_sha256=secret_hash(secret),
        **{n: tidy(v) if isinstance(v, str) else v for n, v in values.items()},
    )
    refuse_if_any(model_blockers(feed))
    record_created(feed, actor=actor, event=events.FEED_CREATED)
    return feed, secret


@door("calendar_feed")
def revoke_feed(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> CalendarFeed:
    """Its address is dead from now on. The owner does it, or a site administrator."""
    feed = lock(feeds_with_owner(), pk, expected_seq=expected_seq)
    refuse_if_any(revoke_feed_blockers(actor, feed))
    feed.revoked_at = clock.now()
    return record(feed, actor=actor, event=events.FEED_REVOKED, comment=comment)
