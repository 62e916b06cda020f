"""The coordinator hears once of each threshold that a window crosses."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.accounts.models import User
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of
from apps.notifications.models import Message
from apps.notifications.services.capacity import warn_full_windows
from apps.windows.domain.capacity import Load
from apps.windows.models import ReleaseWindow
from apps.windows.services import bookings
from tests.factories import SETUP, make_user
from tests.support import commit_now
from tests.windows.worlds import Planners, as_door, planners, window_in

pytestmark = pytest.mark.django_db

_book, _rebook, _release = (
    as_door(service) for service in (bookings.book, bookings.rebook, bookings.release_booking)
)
#: Twenty changes and a hundred packages; nothing kept back.
ROOM = {
    "capacity_changes": 20,
    "capacity_points": Decimal(1000),
    "max_parallel_packages": 100,
    "capacity_minutes": 0,
    "reserve_percent": 0,
}


@pytest.fixture
def people() -> Planners:
    return planners()


def book(window: ReleaseWindow, changes: int) -> None:
    _book(
        window_pk=window.pk, subject="package:a", load=Load(changes, Decimal(1), 1),
        emergency=False, actor=SETUP,
    )  # fmt: skip


def rebook(changes: int) -> int:
    _rebook(subject="package:a", load=Load(changes, Decimal(1), 1), actor=SETUP)
    return warn_full_windows()


def told() -> list[tuple[str, str]]:
    return list(
        Message.objects.order_by("created_at", "id").values_list(
            "recipient__username", "subject_line"
        )
    )


def test_each_threshold_is_told_once(people: Planners) -> None:
    window = window_in("open", people, **ROOM)
    book(window, 14)
    assert warn_full_windows() == 0
    assert rebook(15) == 1
    assert rebook(17) == 0
    assert rebook(18) == 1
    assert rebook(20) == 1
    assert rebook(2) == 0
    assert rebook(16) == 0, "it was told of 100 % before"
    assert told() == [
        ("coordinator", "W-2611: changes booked to 75 %"),
        ("coordinator", "W-2611: changes booked to 90 %"),
        ("coordinator", "W-2611: changes booked to 100 %"),
    ]
    message = Message.objects.latest("created_at", "id")
    assert "20 of 20 changes are booked" in message.text
    assert message.url == f"/admin/windows/releasewindow/{window.pk}/change/"


def test_a_jump_is_told_by_its_highest_threshold(people: Planners) -> None:
    book(window_in("open", people, **ROOM), 19)
    assert warn_full_windows() == 1
    assert told() == [("coordinator", "W-2611: changes booked to 95 %")]


def test_units_are_told_of_apart(people: Planners) -> None:
    window = window_in("open", people, **{**ROOM, "max_parallel_packages": 1})
    book(window, 20)
    assert warn_full_windows() == 2
    assert {line for _, line in told()} == {
        "W-2611: changes booked to 100 %",
        "W-2611: packages booked to 100 %",
    }


def test_a_warning_is_evidence_about_the_window(people: Planners) -> None:
    window = window_in("open", people, **ROOM)
    book(window, 18)
    warn_full_windows()
    commit_now()
    entry = EvidenceEntry.objects.get(action="system.capacity_warned")
    facts = body_of(entry)["facts"]
    assert (entry.about, entry.actor_id) == (window.subject, None)
    assert (facts["unit"], facts["threshold"], facts["told"]) == ("changes", 90, ["coordinator"])


def test_without_the_coordinator_every_coordinator_is_told(people: Planners) -> None:
    window = window_in("open", people, **ROOM)
    make_user("second", "release_coordinator")
    make_user("third", "release_coordinator")
    User.objects.filter(pk=people.coordinator.pk).update(is_active=False)
    book(window, 20)
    assert warn_full_windows() == 1
    assert {who for who, _ in told()} == {"second", "third"}
    assert EvidenceEntry.objects.filter(action="system.capacity_warned").count() == 1
    assert warn_full_windows() == 0


def test_a_window_that_is_over_warns_nobody(people: Planners) -> None:
    window_in("cancelled", people, **ROOM)
    assert warn_full_windows() == 0
