"""Book capacity: the last unit is sold once."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections

from apps.core.errors import Refused
from apps.core.ids import uuid7
from apps.evidence.models import EvidenceEntry
from apps.windows.domain.capacity import Load
from apps.windows.models import Booking, ReleaseWindow
from apps.windows.selectors import active_bookings, capacity_use
from apps.windows.services import bookings
from tests.factories import SETUP
from tests.support import commit_now, refused, refused_by_database
from tests.windows.worlds import as_door, planners, window_in

_book, _rebook, _release = (
    as_door(service) for service in (bookings.book, bookings.rebook, bookings.release_booking)
)


def book(window: ReleaseWindow, subject: str, **load: Any) -> Booking:
    emergency = load.pop("emergency", False)
    wanted = Load(**{"changes": 1, "points": Decimal(1), "packages": 1, **load})
    return _book(
        window_pk=window.pk, subject=subject, load=wanted, emergency=emergency, actor=SETUP
    )


def rebook(subject: str, **load: Any) -> Any:
    wanted = Load(**{"points": Decimal(1), "packages": 1, **load})
    return _rebook(subject=subject, load=wanted, actor=SETUP)


@pytest.mark.django_db
def test_a_booking_is_told_by_the_window() -> None:
    window = window_in("open", planners())
    book(window, "package:a", changes=3, points=Decimal("2.5"))
    commit_now()
    window = ReleaseWindow.objects.get(pk=window.pk)
    assert (window.booked_changes, window.booked_points) == (3, Decimal("2.5"))
    assert (window.booked_packages, window.booked_binds) == (1, 0)
    entry = EvidenceEntry.objects.get(subject=window.subject, seq=window.evidence_seq)
    assert (entry.action, entry.about) == ("window.booked", "package:a")
    assert window.history.latest("history_date", "history_id").booked_changes == 3
    assert {use.unit: use.percent for use in capacity_use(window)}["changes"] == 37


@pytest.mark.django_db
def test_released_capacity_can_be_booked_again() -> None:
    window = window_in("open", planners())
    book(window, "package:a", changes=8)
    with refused("no_capacity"):
        book(window, "package:b")
    assert _release(subject="package:a", actor=SETUP) is not None
    assert _release(subject="package:a", actor=SETUP) is None
    book(window, "package:b", changes=2)
    book(window, "package:a", changes=6)
    commit_now()
    assert active_bookings(window).count() == 2
    assert Booking.objects.count() == 2


@pytest.mark.django_db
def test_a_refusal_tells_what_is_free() -> None:
    window = window_in("open", planners())
    book(window, "package:a", changes=7, points=Decimal(16))
    with refused("no_capacity") as refusal:
        book(window, "package:b", changes=2, points=Decimal("0.5"))
    texts = [blocker.text for blocker in refusal.value.blockers]
    assert texts == [
        "W-2611 has 1 changes free (2 more are kept for emergencies); this needs 2.",
        "W-2611 has 0 points free (4 more are kept for emergencies); this needs 0.5.",
    ]


@pytest.mark.django_db
def test_an_emergency_may_use_the_reserve() -> None:
    window = window_in("in_progress", planners())
    with refused("wrong_state"):
        book(window, "package:planned")
    book(window, "package:emergency", changes=10, emergency=True)
    with refused("no_capacity"):
        book(window, "package:another", emergency=True)
    commit_now()


@pytest.mark.django_db
def test_a_package_is_booked_once() -> None:
    people = planners()
    window = window_in("open", people)
    book(window, "package:a")
    other = window_in(
        "open", people, code="W-2612", may_overlap=True, overlap_reason="Other people."
    )
    for where in (window, other):
        with refused("booked_already"):
            book(where, "package:a")


@pytest.mark.django_db
def test_a_locked_scope_takes_less_but_not_more() -> None:
    from apps.windows.services.planning import lock_scope

    people = planners()
    window = window_in("open", people)
    book(window, "package:a", changes=3)
    lock_scope(pk=window.pk, actor=people.actors["release_manager"])
    with refused("scope_locked"):
        book(window, "package:b")
    with refused("scope_locked"):
        rebook("package:a", changes=4)
    assert rebook("package:a", changes=2, binds=3).changes == 2
    assert rebook("package:b", changes=2) is None
    commit_now()


@pytest.mark.django_db
def test_rebooking_counts_without_the_own_booking() -> None:
    window = window_in("open", planners())
    book(window, "package:a", changes=8)
    assert rebook("package:a", changes=8, points=Decimal(16)).points == 16
    with refused("no_capacity"):
        rebook("package:a", changes=9)
    commit_now()


@pytest.mark.django_db
@pytest.mark.parametrize("unit", ["changes", "points"])
def test_sql_cannot_oversell(unit: str) -> None:
    window = window_in("open", planners())
    book(window, "package:a", changes=8, points=Decimal(16))
    with refused_by_database(match=f"windows_{unit}_reserve_kept"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO windows_booking"
            " (id, window_id, subject, changes, points, binds, is_emergency, state, reason)"
            " VALUES (%s, %s, 'package:b', %s, %s, 0, false, 'active', '')",
            [uuid7(), window.pk, int(unit == "changes"), int(unit == "points")],
        )
    with refused_by_database(match=f"windows_{unit}_not_oversold"), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE windows_booking SET {unit} = 21, is_emergency = true WHERE window_id = %s",
            [window.pk],
        )


def _race(*bodies: Any) -> list[Any]:
    """Run the bodies at once, each on a connection of its own; what each came to."""
    barrier = threading.Barrier(len(bodies))
    came_to: list[Any] = [None] * len(bodies)

    def run(number: int) -> None:
        try:
            barrier.wait(10)
            came_to[number] = bodies[number]()
        except (Refused, IntegrityError) as error:
            came_to[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(bodies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return came_to


@pytest.mark.django_db(transaction=True)
def test_the_last_unit_is_sold_once() -> None:
    window = window_in("open", planners())
    book(window, "package:0", changes=7)
    for _ in range(4):
        came_to = _race(
            *(lambda n=n: book(window, f"package:{n}", points=Decimal(0)) for n in range(1, 5))
        )
        won = [result for result in came_to if isinstance(result, Booking)]
        lost = [result for result in came_to if isinstance(result, Refused)]
        assert (len(won), len(lost)) == (1, 3)
        assert ReleaseWindow.objects.get(pk=window.pk).booked_changes == 8
        _release(subject=won[0].subject, actor=SETUP)


@pytest.mark.django_db(transaction=True)
def test_the_constraint_holds_when_nobody_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    window = window_in("open", planners())
    book(window, "package:0", changes=7)
    monkeypatch.setattr(bookings, "booking_blockers", lambda *_, **__: ())
    came_to = _race(*(lambda n=n: book(window, f"package:{n}") for n in range(1, 4)))
    assert sorted(type(result).__name__ for result in came_to) == [
        "Booking", "IntegrityError", "IntegrityError",
    ]  # fmt: skip
    window = ReleaseWindow.objects.get(pk=window.pk)
    assert window.booked_changes == 8
