"""Keep that somebody had a record on their screen."""

from __future__ import annotations

from django.utils import timezone

from apps.approvals.models import ViewLog
from apps.core.actor import Actor


def log_view(*, about: str, content_digest: str, actor: Actor) -> None:
    """One row for each content of a record that a session looks at. Real time."""
    if actor.is_human:
        ViewLog.objects.bulk_create(
            [
                ViewLog(
                    about=about,
                    content_digest=content_digest,
                    user_id=actor.user_id,
                    session_hash=actor.session_hash,
                    at=timezone.now(),
                )
            ],
            ignore_conflicts=True,
        )
