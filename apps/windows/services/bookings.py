"""Book capacity. Inner functions: whoever plans a package calls them inside its own door.

The window is the scarce thing: its row is locked before anything is counted.
"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from apps.core.actor import Actor
from apps.core.errors import Blocker, refuse_if_any
from apps.evidence.events import Event
from apps.evidence.services.ledger import lock, record
from apps.windows import events
from apps.windows.domain.capacity import Load
from apps.windows.models import Booking, ReleaseWindow
from apps.windows.policies import booking_blockers


def book(
    *,
    window_pk: UUID,
    subject: str,
    changes: int,
    points: Decimal,
    minutes: int,
    emergency: bool,
    actor: Actor,
) -> Booking:
    """Take capacity of the window for `subject` ("package:<id>").

    Raises Refused telling what is free, when it does not fit or the window takes no packages.
    """
    window = lock(ReleaseWindow, window_pk, parts=True)
    wanted = Load(changes, points, 1, minutes)
    refuse_if_any(
        [*_elsewhere_blockers(subject), *booking_blockers(window, wanted, is_emergency=emergency)]
    )
    booking = window.bookings.filter(subject=subject).first() or Booking(
        window=window, subject=subject
    )
    return _write(window, booking, wanted, actor, events.BOOKED, is_emergency=emergency)


def rebook(
    *, subject: str, changes: int, points: Decimal, minutes: int, actor: Actor
) -> Booking | None:
    """Change what `subject` has booked; None when it holds no booking."""
    held = _active(subject)
    if held is None:
        return None
    window = lock(ReleaseWindow, held.window_id, parts=True)
    held.refresh_from_db()
    wanted = Load(changes, points, 1, minutes)
    if held.state != Booking.State.ACTIVE or held.load == wanted:
        return held
    refuse_if_any(booking_blockers(window, wanted, is_emergency=held.is_emergency, held=held.load))
    return _write(window, held, wanted, actor, events.REBOOKED, is_emergency=held.is_emergency)


def release_booking(*, subject: str, actor: Actor, comment: str = "") -> Booking | None:
    """Give back what `subject` has booked; None when it holds no booking."""
    held = _active(subject)
    if held is None:
        return None
    window = lock(ReleaseWindow, held.window_id, parts=True)
    held.refresh_from_db()
    if held.state != Booking.State.ACTIVE:
        return None
    held.state = Booking.State.RELEASED
    held.save(update_fields=["state"])
    _record(window, held, actor, events.RELEASED, comment)
    return held


def _active(subject: str) -> Booking | None:
    return Booking.objects.filter(subject=subject, state=Booking.State.ACTIVE).first()


def _elsewhere_blockers(subject: str) -> list[Blocker]:
    held = _active(subject)
    if held is None:
        return []
    return [
        Blocker(
            "booked_already",
            f"It is booked into {held.window.code} already.",
            "Take it out of that window first.",
            "release coordinator",
            kind="state",
        )
    ]


def _write(
    window: ReleaseWindow,
    booking: Booking,
    load: Load,
    actor: Actor,
    event: Event,
    *,
    is_emergency: bool,
) -> Booking:
    booking.changes, booking.points, booking.minutes = load.changes, load.points, load.minutes
    booking.is_emergency, booking.state = is_emergency, Booking.State.ACTIVE
    booking.save()
    _record(window, booking, actor, event)
    return booking


def _record(
    window: ReleaseWindow, booking: Booking, actor: Actor, event: Event, comment: str = ""
) -> None:
    """The entry of the window, with the counters that the database has kept meanwhile."""
    window.refresh_from_db(fields=ReleaseWindow.DERIVED)
    record(
        window, actor=actor, event=event, comment=comment, about=booking.subject,
        parts=window.part_values(), facts={"booking": booking.governed_values()},
    )  # fmt: skip
