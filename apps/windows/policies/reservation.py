"""Every reason against holding room in a window, and against giving it back."""

from __future__ import annotations

from collections.abc import Iterator

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.windows.domain import lifecycle as life
from apps.windows.models import Booking, ReleaseWindow
from apps.windows.policies.window import PLANNERS, role_blockers

#: The longest and the shortest time for which room is held.
HOURS_MOST = 24 * 30


def reserve_blockers(actor: Actor, window: ReleaseWindow) -> Iterator[Blocker]:
    yield from role_blockers(actor, PLANNERS)
    if window.state != life.OPEN:
        yield Blocker(
            "wrong_state",
            f"{window.code} is {life.LABELS[window.state].lower()}; room is reserved while it is "
            "open.",
            "Choose a window that is open.",
            "release coordinator",
            kind="state",
        )
    elif window.closes_at <= clock.now():
        yield Blocker("window_over", f"{window.code} is over.", "Choose a later window.",
                      "release coordinator")  # fmt: skip


def hours_blockers(hours: object) -> Iterator[Blocker]:
    if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= HOURS_MOST:
        yield bad_input(
            "hours",
            f"A reservation lasts 1 to {HOURS_MOST} hours (30 days).",
            "Enter how many hours from now.",
        )


def held_blockers(booking: Booking | None) -> Iterator[Blocker]:
    if booking is None:
        yield Blocker("not_reserved", "There is no such reservation any more.",
                      "Nothing to do.", "nobody", kind="state")  # fmt: skip


def give_up_blockers(
    actor: Actor, window: ReleaseWindow, booking: Booking | None
) -> Iterator[Blocker]:
    """A planner may, and whoever owns it; None: any that is owned."""
    if booking is not None and booking.owner_id == actor.id:
        return
    yield from role_blockers(actor, PLANNERS)


def expire_reservation_blockers(booking: Booking | None) -> Iterator[Blocker]:
    if booking is not None and (booking.expires_at is None or booking.expires_at > clock.now()):
        yield Blocker("not_due", "The reservation is not over yet.", "Wait for its end.", "nobody")
