"""The only clock that services and due-queries read.

In the demo it runs at an offset stored when the demo was seeded. `at()` lets a seed or a test
stand at a moment; it nests and never leaks into another thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

#: Since when what the portal is delivered with holds: before anything that happens in an
#: installation. The ledger itself keeps when it was entered there.
DELIVERED_AT = datetime(2026, 1, 1, tzinfo=UTC)

_standing_at: ContextVar[datetime | None] = ContextVar("standing_at", default=None)
_looking_back: ContextVar[bool] = ContextVar("looking_back", default=False)
_offset: timedelta | None = None


def now() -> datetime:
    """The current moment, aware, in UTC."""
    standing_at = _standing_at.get()
    if standing_at is not None:
        return standing_at
    return timezone.now() + demo_offset()


def is_conceivable(moment: date) -> bool:
    """Whether anything of a release can happen then; years further off are typing errors."""
    return 1990 <= moment.year < 2200


def demo_offset() -> timedelta:
    """Zero outside the demo. Read once per process: a new demo restarts the processes."""
    global _offset
    if not settings.INTERLOCK_DEMO:
        return timedelta()
    if _offset is None:
        from apps.core.models import DemoClock

        row = DemoClock.objects.first()
        if row is None:
            return timedelta()
        _offset = row.offset
    return _offset


def set_demo_clock(moment: datetime) -> None:
    """Let the demo's clock show `moment` from now on, ticking."""
    global _offset
    from apps.core.models import DemoClock

    offset = moment - timezone.now()
    DemoClock.objects.update_or_create(id=1, defaults={"offset": offset})
    _offset = offset


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stand still at `moment` (aware) inside the block."""
    if moment.tzinfo is None:
        raise ValueError("clock.at() needs an aware datetime.")
    token = _standing_at.set(moment)
    try:
        yield
    finally:
        _standing_at.reset(token)


@contextmanager
def looking_back(moment: datetime) -> Iterator[None]:
    """Answer as of `moment`, which is past: it is that moment inside the block, and selectors read
    what they keep a history of as it was then. No door opens there."""
    if moment > now():
        raise ValueError("clock.looking_back() needs a moment that is past.")
    with at(moment):
        token = _looking_back.set(True)
        try:
            yield
        finally:
            _looking_back.reset(token)


def is_looking_back() -> bool:
    return _looking_back.get()
