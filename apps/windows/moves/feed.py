"""The moves of a subscribed calendar."""

from __future__ import annotations

from apps.core.moves import Move
from apps.windows.models import CalendarFeed
from apps.windows.policies import revoke_feed_blockers
from apps.windows.services import feeds


def _is_alive(feed: CalendarFeed) -> bool:
    return feed.revoked_at is None


FEED_MOVES = (
    Move(
        "revoke",
        "Revoke",
        service=feeds.revoke_feed,
        blockers=revoke_feed_blockers,
        tone="danger",
        applies=_is_alive,
    ),
)
