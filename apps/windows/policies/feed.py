"""Who subscribes to a calendar, and who ends that."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker
from apps.windows.models import CalendarFeed

#: Addresses that one person may have at a time.
FEEDS_AT_MOST = 20


def subscribe_blockers(actor: Actor) -> Iterator[Blocker]:
    held = CalendarFeed.objects.filter(owner=actor.id, revoked_at=None).count()
    if held >= FEEDS_AT_MOST:
        yield Blocker(
            "too_many_feeds",
            f"You have {held} addresses already.",
            "Revoke one that is no longer read.",
            "you",
        )


def revoke_feed_blockers(actor: Actor, feed: CalendarFeed) -> Iterator[Blocker]:
    if feed.revoked_at is not None:
        yield Blocker(
            "wrong_state", "It is revoked already.", "Nothing to do.", "nobody", kind="state"
        )
    if feed.owner_id != actor.id and not actor.holds("site_admin"):
        yield Blocker(
            "role_missing",
            f"This is an address of {feed.owner}.",
            "Ask its owner or a site administrator.",
            "site administrator",
            kind="permission",
        )
