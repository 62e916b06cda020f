"""The window in its night. Inner functions: those who know the packages call them inside their
own door, after they have asked what only they can know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import refuse_if_any
from apps.core.text import tidy
from apps.evidence.services.ledger import lock, record
from apps.windows import events
from apps.windows.models import ReleaseWindow
from apps.windows.policies import (
    abort_blockers,
    cancel_blockers,
    close_blockers,
    hand_back_blockers,
    reason_blockers,
    start_blockers,
)
from apps.windows.selectors import windows_with_people
from apps.windows.services.deviations import use_deviations


def start(
    *,
    pk: UUID,
    actor: Actor,
    expected_seq: int | None = None,
    comment: str = "",
    told: Mapping[str, Any] | None = None,
) -> ReleaseWindow:
    """`told` is what else was said as it started; it is kept with the entry."""
    window = lock(windows_with_people(), pk, expected_seq=expected_seq)
    refuse_if_any(start_blockers(actor, window))
    use_deviations(about=window.subject, actor=actor)
    window.start()
    window.started_at = clock.now()
    return record(window, actor=actor, event=events.STARTED, comment=comment, facts=told or {})


def hand_back(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleaseWindow:
    """Production has its systems back; the first cycle is watched."""
    window = lock(windows_with_people(), pk, expected_seq=expected_seq)
    refuse_if_any(hand_back_blockers(actor, window))
    window.hand_back()
    window.handed_back_at = clock.now()
    return record(window, actor=actor, event=events.HANDED_BACK, comment=comment)


def close(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleaseWindow:
    """The comment is kept as the lessons of the window."""
    window = lock(windows_with_people(), pk, expected_seq=expected_seq)
    refuse_if_any(close_blockers(actor, window))
    window.close()
    window.ended_at, window.lessons = clock.now(), tidy(comment)
    return record(window, actor=actor, event=events.CLOSED, comment=comment)


def cancel(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleaseWindow:
    window = lock(windows_with_people(), pk, expected_seq=expected_seq)
    refuse_if_any([*cancel_blockers(actor, window), *reason_blockers(comment)])
    window.cancel()
    window.ended_at = clock.now()
    return record(window, actor=actor, event=events.CANCELLED, comment=comment)


def abort(
    *, pk: UUID, actor: Actor, expected_seq: int | None = None, comment: str = ""
) -> ReleaseWindow:
    """End a night that goes on, before it was handed back."""
    window = lock(windows_with_people(), pk, expected_seq=expected_seq)
    refuse_if_any([*abort_blockers(actor, window), *reason_blockers(comment)])
    window.abort()
    window.ended_at = clock.now()
    return record(window, actor=actor, event=events.ABORTED, comment=comment)
