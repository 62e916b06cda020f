"""Read windows and how full they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from apps.core import clock
from apps.windows.domain import lifecycle as life
from apps.windows.domain.capacity import Use, uses
from apps.windows.models import Booking, ReleaseWindow


def windows_with_people() -> QuerySet[ReleaseWindow]:
    return ReleaseWindow.objects.select_related(
        "site", "sysplex__environment", "coordinator", "release_manager"
    ).prefetch_related("cutoffs")


def upcoming_windows(days: int = 14) -> QuerySet[ReleaseWindow]:
    """Windows that are still to be given back and open within `days`, the next one first."""
    now = clock.now()
    return (
        windows_with_people()
        .exclude(state__in=[life.CLOSED, life.CANCELLED])
        .filter(closes_at__gt=now, opens_at__lte=now + timedelta(days=days))
        .order_by("opens_at", "code")
    )


def windows_between(since: datetime, until: datetime) -> QuerySet[ReleaseWindow]:
    """Windows not cancelled that meet the time from `since` to before `until`, the next first."""
    return (
        windows_with_people()
        .exclude(state=life.CANCELLED)
        .filter(opens_at__lt=until, closes_at__gt=since)
        .order_by("opens_at", "code")
    )


def window_after(at: datetime) -> ReleaseWindow | None:
    """The first window that opens at `at` or later and is not cancelled."""
    later = _held_windows().filter(opens_at__gte=at)
    return later.order_by("opens_at", "code").first()


def window_before(at: datetime) -> ReleaseWindow | None:
    """The last window that opened before `at` and was not cancelled."""
    earlier = _held_windows().filter(opens_at__lt=at)
    return earlier.order_by("-opens_at", "code").first()


def _held_windows() -> QuerySet[ReleaseWindow]:
    return ReleaseWindow.objects.select_related("site").exclude(state=life.CANCELLED)


def windows_to_lock() -> QuerySet[ReleaseWindow]:
    """Open windows whose scope is due to be locked."""
    return ReleaseWindow.objects.filter(state=life.OPEN, scope_lock_at__lte=clock.now())


def capacity_use(window: ReleaseWindow) -> tuple[Use, ...]:
    """How far each unit of the window is booked; no query."""
    return uses(window.capacity, window.booked, window.emergency)


def active_bookings(window: ReleaseWindow) -> QuerySet[Booking]:
    return window.bookings.filter(state=Booking.State.ACTIVE)


def reservations_in(windows: Iterable[ReleaseWindow]) -> QuerySet[Booking]:
    """What is held in these windows for what is not planned yet, the first to expire first."""
    held = Booking.objects.filter(window__in=list(windows), state=Booking.State.RESERVED)
    return held.select_related("owner").order_by("expires_at", "subject")


def reservations_for(subjects: Iterable[str]) -> QuerySet[Booking]:
    """What is held anywhere for these records."""
    return Booking.objects.filter(subject__in=list(subjects), state=Booking.State.RESERVED)


def reservations_over() -> QuerySet[Booking]:
    """Reservations whose time is over."""
    held = Booking.objects.filter(state=Booking.State.RESERVED, expires_at__lte=clock.now())
    return held.order_by("expires_at", "pk")
