"""Book capacity, and hold it for what is not planned yet. Inner functions: whoever plans a package
calls them inside its own door.

The window is the scarce thing: its row is locked before anything is counted.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from apps.accounts.models import User
from apps.core.actor import Actor
from apps.core.errors import Blocker, refuse_if_any
from apps.evidence.events import Event
from apps.evidence.services.ledger import lock, record
from apps.windows import events
from apps.windows.domain.capacity import Load
from apps.windows.models import Booking, ReleaseWindow
from apps.windows.policies import booking_blockers

State = Booking.State


def book(
    *,
    window_pk: UUID,
    subject: str,
    load: Load,
    emergency: bool,
    actor: Actor,
    holding: Collection[str] = (),
    may_join_late: bool = False,
) -> Booking:
    """Take capacity of the window for `subject` ("package:<id>").

    What is reserved in this window for the subject, or for one of the records `holding` that it
    carries, becomes part of the booking. Raises Refused telling what is free, when it does not fit
    or the window takes no packages; `may_join_late` lets it into a locked scope.
    """
    window = lock(ReleaseWindow, window_pk, parts=True)
    held = list(window.bookings.filter(state=State.RESERVED, subject__in=[subject, *holding]))
    refuse_if_any(
        [
            *_elsewhere_blockers(subject),
            *booking_blockers(
                window, load, is_emergency=emergency,
                held=sum((each.load for each in held), Load()), may_join_late=may_join_late,
            ),
        ]
    )  # fmt: skip
    for other in held:
        if other.subject != subject:
            _give_back(other)
    booking = window.bookings.filter(subject=subject).first() or Booking(
        window=window, subject=subject
    )
    used = [each.subject for each in held]
    return _write(window, booking, load, actor, events.BOOKED, emergency, reservations=used)


def rebook(
    *, subject: str, load: Load, actor: Actor, may_join_late: bool = False
) -> Booking | None:
    """Change what `subject` has booked; None when it holds no booking."""
    held = _active(subject)
    if held is None or held.load == load:
        return held
    window = lock(ReleaseWindow, held.window_id, parts=True)
    held.refresh_from_db()
    if held.state != State.ACTIVE or held.load == load:
        return held
    refuse_if_any(
        booking_blockers(
            window,
            load,
            is_emergency=held.is_emergency,
            held=held.load,
            is_in=True,
            may_join_late=may_join_late,
        )
    )
    return _write(window, held, load, actor, events.REBOOKED, held.is_emergency)


def reserve(
    *,
    window_pk: UUID,
    loads: dict[str, Load],
    owner: User,
    reason: str,
    expires_at: datetime,
    actor: Actor,
    comment: str = "",
) -> list[Booking]:
    """Hold capacity of the window until `expires_at` for each subject of `loads`, or for none.

    Raises Refused telling what is free. Who may, and until when, is for the caller to ask.
    """
    window = lock(ReleaseWindow, window_pk, parts=True)
    refuse_if_any(booking_blockers(window, sum(loads.values(), Load()), is_emergency=False))
    made = []
    for subject, load in loads.items():
        booking = window.bookings.filter(subject=subject).first() or Booking(
            window=window, subject=subject
        )
        _fill(booking, load, State.RESERVED, is_emergency=False)
        booking.owner, booking.reason, booking.expires_at = owner, reason, expires_at
        booking.save()
        made.append(booking)
    _record(
        window, actor, events.RESERVED, comment,
        facts={"reservations": [booking.governed_values() for booking in made]},
    )  # fmt: skip
    return made


def release_reservation(
    window: ReleaseWindow, booking: Booking, actor: Actor, event: Event, comment: str = ""
) -> ReleaseWindow:
    """Give back what is held in the locked window."""
    _give_back(booking)
    return _record(
        window, actor, event, comment, about=booking.subject,
        facts={"booking": booking.governed_values()},
    )  # fmt: skip


def release_booking(*, subject: str, actor: Actor, comment: str = "") -> Booking | None:
    """Give back what `subject` has booked; None when it holds no booking."""
    held = _active(subject)
    if held is None:
        return None
    window = lock(ReleaseWindow, held.window_id, parts=True)
    held.refresh_from_db()
    if held.state != State.ACTIVE:
        return None
    _give_back(held)
    _record(
        window, actor, events.RELEASED, comment, about=subject,
        facts={"booking": held.governed_values()},
    )  # fmt: skip
    return held


def _active(subject: str) -> Booking | None:
    return Booking.objects.filter(subject=subject, state=State.ACTIVE).first()


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


def _give_back(booking: Booking) -> None:
    booking.state = State.RELEASED
    booking.save(update_fields=["state"])


def _fill(booking: Booking, load: Load, state: str, *, is_emergency: bool) -> None:
    booking.changes, booking.points, booking.binds = load.changes, load.points, load.binds
    booking.is_emergency, booking.state = is_emergency, state


def _write(
    window: ReleaseWindow,
    booking: Booking,
    load: Load,
    actor: Actor,
    event: Event,
    is_emergency: bool,
    reservations: Collection[str] = (),
) -> Booking:
    """`reservations` are the subjects of those that became this booking."""
    _fill(booking, load, State.ACTIVE, is_emergency=is_emergency)
    booking.owner, booking.reason, booking.expires_at = None, "", None
    booking.save()
    used = {"reservations": list(reservations)} if reservations else {}
    _record(
        window, actor, event, about=booking.subject,
        facts={"booking": booking.governed_values(), **used},
    )  # fmt: skip
    return booking


def _record(
    window: ReleaseWindow, actor: Actor, event: Event, comment: str = "", **more: object
) -> ReleaseWindow:
    """The entry of the window, with the counters that the database has kept meanwhile."""
    window.refresh_from_db(fields=ReleaseWindow.DERIVED)
    return record(
        window, actor=actor, event=event, comment=comment, parts=window.part_values(), **more
    )
