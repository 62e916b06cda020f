"""End what is reserved in a window and was never planned."""

from __future__ import annotations

from uuid import UUID

from apps.core.actor import Actor, system_actor
from apps.core.errors import Refused, refuse_if_any
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock
from apps.windows import events
from apps.windows.models import Booking, ReleaseWindow
from apps.windows.policies.reservation import (
    expire_reservation_blockers,
    give_up_blockers,
    held_blockers,
)
from apps.windows.selectors import reservations_over
from apps.windows.services.bookings import release_reservation


@door("window")
def give_up_reservation(
    *,
    pk: UUID,
    actor: Actor,
    reservation: UUID | str,
    expected_seq: int | None = None,
    comment: str = "",
) -> ReleaseWindow:
    """Give back what is reserved in the window before its time is over."""
    window = lock(ReleaseWindow, pk, expected_seq=expected_seq, parts=True)
    booking = _reservation(window, reservation)
    refuse_if_any([*held_blockers(booking), *give_up_blockers(actor, window, booking)])
    assert booking is not None
    return release_reservation(window, booking, actor, events.RESERVATION_GIVEN_UP, comment)


@door("window")
def expire_reservation(*, pk: UUID, actor: Actor, reservation: UUID | str) -> ReleaseWindow:
    """Its time is over: what it held is free again."""
    window = lock(ReleaseWindow, pk, parts=True)
    booking = _reservation(window, reservation)
    refuse_if_any([*held_blockers(booking), *expire_reservation_blockers(booking)])
    assert booking is not None
    return release_reservation(window, booking, actor, events.RESERVATION_EXPIRED)


def expire_due_reservations() -> int:
    """Let every reservation expire whose time is over; how many did."""
    expired = 0
    for window, reservation in reservations_over().values_list("window_id", "pk"):
        try:
            expire_reservation(
                pk=window, actor=system_actor("reservations"), reservation=reservation
            )
        except Refused:  # somebody else was faster; the refusal is recorded
            continue
        expired += 1
    return expired


def _reservation(window: ReleaseWindow, key: UUID | str) -> Booking | None:
    """That of the locked window; None where there is none of this key, or no longer."""
    held = window.bookings.filter(state=Booking.State.RESERVED)
    return next((each for each in held if str(each.pk) == str(key)), None)
