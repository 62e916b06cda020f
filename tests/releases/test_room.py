"""Room in windows: reserved, found, and told in a ledger."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.core.errors import Refused
from apps.evidence.models import EvidenceEntry
from apps.releases.models import ReleasePackage
from apps.releases.services import package
from apps.releases.services.reservations import reserve_room
from apps.releases.services.slots import slots_for_load, slots_of_package
from apps.releases.services.window_ledger import ledger_of
from apps.windows.domain.capacity import Load
from apps.windows.models import Booking, ReleaseWindow
from apps.windows.services.planning import lock_scope
from apps.windows.services.reservations import expire_due_reservations, give_up_reservation
from tests.factories import actor
from tests.releases.worlds import BEFORE, NOTE, OPENS, Night, small_night
from tests.support import commit_now, refused
from tests.windows.worlds import make_rule, window_in

DAY = timedelta(days=1)


@pytest.fixture
def dark() -> Night:
    return small_night(capacity_binds=2, reserve_percent=0)


def reserve(night: Night, *codes: str, hours: int = 48, **more: Any) -> ReleaseWindow:
    with night.before():
        return reserve_room(
            pk=more.pop("pk", night.window.pk), actor=actor(night.coordinator),
            about=" ".join(codes), hours=hours, comment=NOTE, **more,
        )  # fmt: skip


def window(night: Night) -> ReleaseWindow:
    return ReleaseWindow.objects.get(pk=night.window.pk)


@pytest.mark.django_db
def test_a_reservation_takes_room_until_its_package_is_planned(dark: Night) -> None:
    draft = dark.draft()
    reserve(dark, draft.code, owner="release.manager")
    held = Booking.objects.get()
    assert (held.state, held.owner, held.reason) == ("reserved", dark.manager, NOTE)
    assert held.expires_at == BEFORE + DAY + timedelta(hours=48)
    assert window(dark).booked_packages == 1
    with dark.before():
        package.plan(pk=draft.pk, actor=actor(dark.coordinator))
    commit_now()
    booking = Booking.objects.get()
    assert (booking.pk, booking.state, booking.expires_at) == (held.pk, "active", None)
    assert window(dark).booked_packages == 1


@pytest.mark.django_db
def test_a_change_s_reservation_becomes_part_of_its_package_s_booking(dark: Night) -> None:
    change = dark.change()
    reserve(dark, change.code)
    draft = dark.draft([change])
    with dark.before():
        package.plan(pk=draft.pk, actor=actor(dark.coordinator))
    commit_now()
    assert sorted(Booking.objects.values_list("state", flat=True)) == ["active", "released"]
    assert window(dark).booked_changes == 1


@pytest.mark.django_db
def test_a_reservation_does_not_open_a_locked_scope(dark: Night) -> None:
    draft, other = dark.draft(), dark.draft()
    reserve(dark, draft.code)
    with dark.before():
        lock_scope(pk=dark.window.pk, actor=actor(dark.coordinator))
        for each in (draft, other):
            with refused("scope_locked"):
                package.plan(pk=each.pk, actor=actor(dark.coordinator))


@pytest.mark.django_db
def test_expired_reservations_end_once(dark: Night) -> None:
    reserve(dark, dark.draft().code)
    with clock.at(BEFORE + 2 * DAY):
        assert expire_due_reservations() == 0
    with clock.at(BEFORE + 4 * DAY):
        assert expire_due_reservations() == 1
        assert expire_due_reservations() == 0
    commit_now()
    assert window(dark).booked_packages == 0
    assert EvidenceEntry.objects.filter(action="window.reservation_expired").count() == 1


@pytest.mark.django_db
def test_its_owner_gives_a_reservation_up(dark: Night) -> None:
    reserve(dark, dark.draft().code, owner="operator")
    held = Booking.objects.get()
    with refused("role_missing"):
        give_up_reservation(
            pk=dark.window.pk, actor=actor(dark.validator), reservation=held.pk, comment=NOTE
        )
    give_up_reservation(
        pk=dark.window.pk, actor=actor(dark.operator), reservation=held.pk, comment=NOTE
    )
    assert window(dark).booked_packages == 0


@pytest.mark.django_db
def test_overbooking_tells_what_would_fit_instead(dark: Night) -> None:
    cutoff = {"kind": "batch_start", "label": "X", "at": OPENS + timedelta(days=7, hours=6)}
    window_in("open", dark.planners, code="W-2612", opens_at=OPENS + 7 * DAY,
              closes_at=OPENS + 7 * DAY + timedelta(hours=8), cutoffs=[cutoff])  # fmt: skip
    small, big = dark.draft(points=Decimal(5)), dark.draft(points=Decimal(16))
    with refused("no_capacity", "would_fit", "next_window") as refusal:
        reserve(dark, small.code, big.code)
    told = {blocker.code: blocker for blocker in refusal.value.blockers}
    assert told["would_fit"].details["fits"] == [small.code]
    assert told["next_window"].details["code"] == "W-2612"
    assert not Booking.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("about", "hours", "field"),
    [("", 1, "about"), ("NONE-1", 1, "about"), ("RP-2611-01", 0, "hours"),
     ("RP-2611-01", 10_000, "hours")],
)  # fmt: skip
def test_a_reservation_names_what_is_wrong(dark: Night, about: str, hours: int, field: str) -> None:
    dark.draft()
    with pytest.raises(Refused) as refusal:
        reserve(dark, about, hours=hours)
    assert [blocker.field for blocker in refusal.value.blockers] == [field]


@pytest.mark.django_db
def test_binds_are_counted_from_the_steps_and_hard_where_they_are_limited(dark: Night) -> None:
    found = dark.draft()
    for label in ("B1", "B2"):
        dark.step(found, label, "BIND_PACKAGE")
    with dark.before():
        package.plan(pk=found.pk, actor=actor(dark.coordinator))
    assert window(dark).booked_binds == 2
    with refused("no_capacity"):
        dark.step(found, "B3", "REBIND")
    another = dark.draft()
    dark.step(another, "B1", "BIND_PLAN")
    with dark.before(), refused("no_capacity", "no_room_soon"):
        package.plan(pk=another.pk, actor=actor(dark.coordinator))


@pytest.mark.django_db
def test_the_finder_tells_every_window_and_why_it_does_not_fit(dark: Night) -> None:
    found = dark.drafted()
    for number, code in enumerate(("W-2612", "W-2613"), start=1):
        opens = OPENS + 7 * number * DAY
        cutoff = {"kind": "batch_start", "label": "X", "at": opens + timedelta(hours=6)}
        window_in("open" if number == 2 else "draft", dark.planners, code=code, opens_at=opens,
                  closes_at=opens + timedelta(hours=8), cutoffs=[cutoff])  # fmt: skip
    make_rule("FREEZE", dark.planners, dates=["2026-12-05"])
    with dark.before():
        told = {
            slot.window.code: [blocker.code for blocker in slot.blockers]
            for slot in slots_of_package(found)
        }
        assert told == {"W-2612": ["wrong_state"], "W-2613": ["closed_calendar"]}
        free = slots_for_load(Load(1, Decimal(1), 1), applications=["CARD"], minutes=9999)
        assert [slot.window.code for slot in free] == ["W-2611", "W-2612", "W-2613"]
        assert {b.code for slot in free for b in slot.blockers} >= {"too_long", "wrong_state"}


@pytest.mark.django_db
def test_the_finder_asks_the_same_number_of_queries_for_more_windows(dark: Night) -> None:
    found = dark.drafted()
    counts = []
    for number in (1, 2):
        opens = OPENS + 7 * number * DAY
        window_in("draft", dark.planners, code=f"W-{number}", opens_at=opens,
                  closes_at=opens + timedelta(hours=8), cutoffs=[])  # fmt: skip
        fresh = ReleasePackage.objects.select_related("window").get(pk=found.pk)
        with dark.before(), CaptureQueriesContext(connection) as asked:
            slots_of_package(fresh)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_the_ledger_has_a_row_for_each_unit(dark: Night) -> None:
    found = dark.planned()
    reserve(dark, dark.draft().code)
    with dark.before():
        told = {use.name: use for use in ledger_of(window(dark)).uses}
    assert told["packages"].booked == 2 and told["packages"].reserved == 1
    # Three steps of ten minutes one after the other; the way back is no part of the plan.
    assert (told["minutes"].booked, told["minutes"].limit) == (30, 600)
    assert told["minutes"].is_hard is False
    assert (told["hours of OPS"].booked, told["hours of OPS"].limit) == (
        Decimal("0.5"), Decimal("6.5") * found.activities.first().team.capacity,  # type: ignore[union-attr]
    )  # fmt: skip
    assert told["binds"].limit == 2


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_reserved_or_booked_once() -> None:
    dark = small_night(max_parallel_packages=1, reserve_percent=0, capacity_binds=1)
    drafts = [dark.draft() for _ in range(4)]
    for draft in drafts:
        dark.step(draft, "B1", "BIND_PACKAGE")
    barrier = threading.Barrier(len(drafts))
    came_to: list[Any] = []

    def run(number: int) -> None:
        try:
            barrier.wait(10)
            if number % 2:
                came_to.append(reserve(dark, drafts[number].code))
            else:
                with dark.before():
                    came_to.append(
                        package.plan(pk=drafts[number].pk, actor=actor(dark.coordinator))
                    )
        except (Refused, IntegrityError) as error:
            came_to.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(drafts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    lost = [each for each in came_to if isinstance(each, Refused)]
    assert len(lost) == 3, came_to
    last = window(dark)
    assert (last.booked_packages, last.booked_binds) == (1, 1)


@pytest.mark.django_db
def test_the_last_unit_of_a_window_is_booked_once() -> None:
    night = small_night(capacity_changes=1, reserve_percent=0)
    night.planned()
    with refused("no_capacity", "no_room_soon"):
        night.planned()
