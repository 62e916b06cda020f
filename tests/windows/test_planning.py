"""Draft and edit windows."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from apps.core import clock
from apps.windows.domain.capacity import Load
from apps.windows.models import Booking, Cutoff, ReleaseWindow
from apps.windows.policies import moving_blockers
from apps.windows.services import planning
from apps.windows.services.bookings import book
from tests.factories import SETUP
from tests.support import commit_now, refused, refused_by_database
from tests.windows.worlds import (
    BEFORE,
    CUTOFF,
    OPENS,
    as_door,
    draft_window,
    make_rule,
    make_site,
    planners,
    window_in,
    window_values,
)

pytestmark = pytest.mark.django_db
wall_time = datetime.fromisoformat


def test_a_draft_has_its_zone_and_milestones() -> None:
    window = draft_window(planners())
    commit_now()
    assert window.zone == "Europe/Amsterdam"
    assert window.readiness_deadline_at == OPENS - timedelta(hours=24)
    # Five business days before a Saturday is the Monday before, on the same wall clock.
    assert window.scope_lock_at == OPENS - timedelta(days=5)
    assert window.effective_cutoff == CUTOFF["at"]


def test_only_planners_draft() -> None:
    people = planners()
    with refused("role_missing"):
        planning.create_window(actor=people.actors["stranger"], values=window_values(people))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"closes_at": OPENS - timedelta(hours=1)}, "closes_at"),
        ({"scope_lock_at": OPENS + timedelta(hours=1)}, "scope_lock_at"),
        ({"may_overlap": True}, "overlap_reason"),
        ({"overlap_reason": "Other people."}, "overlap_reason"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"opens_at": None}, "opens_at"),
        ({"reserve_percent": 95}, "reserve_percent"),
        ({"safety": Decimal("1.5")}, "safety"),
        ({"window_type": "whenever"}, "window_type"),
        ({"name": "n" * 121}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"state": "open"}, "state"),
        ({"booked_changes": 3}, "booked_changes"),
        ({"opens_at": wall_time("2026-11-21T22:00")}, "opens_at"),
        ({"opens_at": wall_time("2026-03-29T02:30")}, "opens_at"),
        ({"opens_at": wall_time("2026-10-25T02:30")}, "opens_at"),
    ],
)
def test_bad_input_names_its_field(values: dict[str, Any], field: str) -> None:
    people = planners()
    with clock.at(BEFORE), refused() as refusal:
        planning.create_window(
            actor=people.actors["release_manager"], values=window_values(people, **values)
        )
    assert refusal.value.status == 400
    assert field in {blocker.field for blocker in refusal.value.blockers}
    assert not ReleaseWindow.objects.exists()


def test_a_naive_time_is_told_what_to_enter() -> None:
    people = planners()
    with refused("naive_time") as refusal:
        draft_window(people, opens_at=wall_time("2026-11-21T22:00"))
    assert "2026-11-21T21:00:00+00:00" in refusal.value.blockers[0].fix


@pytest.mark.parametrize(
    ("cutoffs", "code"),
    [
        ([{"label": "X", "at": OPENS}], "outside_window"),
        ([{"label": "X", "at": OPENS + timedelta(hours=9)}], "outside_window"),
        ([{"label": "X", "at": None}], "invalid"),
        ([{"label": "", "at": OPENS + timedelta(hours=1)}], "invalid"),
        ([{"label": "X", "at": wall_time("2026-03-29T02:30")}], "impossible_time"),
        ([CUTOFF, CUTOFF], "duplicate"),
    ],
)
def test_bad_cutoffs(cutoffs: list[dict[str, Any]], code: str) -> None:
    with refused(code):
        draft_window(planners(), cutoffs=cutoffs)


def test_cutoffs_are_edited_with_their_window() -> None:
    people = planners()
    window = draft_window(people)
    kept = window.cutoffs.get()
    later = {**CUTOFF, "id": kept.pk, "at": CUTOFF["at"] - timedelta(minutes=30)}
    new = {"kind": "online_open", "label": "CICS", "at": OPENS + timedelta(hours=8)}
    actor = people.actors["release_coordinator"]
    window = planning.edit_window(
        pk=window.pk, actor=actor, values={}, parts={"cutoffs": [later, new]}
    )
    commit_now()
    assert window.evidence_seq == 2
    assert [c.label for c in window.cutoffs.all()] == ["CLOSEFIL", "CICS"]
    assert window.cutoffs.first() == kept
    again = planning.edit_window(
        pk=window.pk, actor=actor, values={}, parts={"cutoffs": [later, new]}
    )
    assert again.evidence_seq == 2
    gone = planning.edit_window(
        pk=window.pk, actor=actor, values={}, parts={"cutoffs": [{**later, "DELETE": True}, new]}
    )
    commit_now()
    assert [c.label for c in gone.cutoffs.all()] == ["CICS"]


@pytest.mark.parametrize(
    ("state", "values", "role", "code"),
    [
        ("open", {"name": "Other"}, "release_coordinator", None),
        ("open", {"name": "Other"}, "stranger", "role_missing"),
        ("locked", {"name": "Other"}, "release_manager", "fixed"),
        ("locked", {"bridge": "+31 20 555"}, "release_coordinator", None),
        ("locked", {"closes_at": OPENS + timedelta(hours=7)}, "release_coordinator",
         "role_missing"),
        ("in_progress", {"closes_at": OPENS + timedelta(hours=7)}, "release_manager", None),
        ("in_progress", {"closes_at": OPENS + timedelta(hours=1)}, "release_manager",
         "outside_window"),
        ("closed", {"bridge": "+31 20 555"}, "release_manager", "wrong_state"),
        ("cancelled", {"bridge": "+31 20 555"}, "release_manager", "wrong_state"),
    ],
)  # fmt: skip
def test_what_may_still_be_edited(
    state: str, values: dict[str, Any], role: str, code: str | None
) -> None:
    people = planners()
    window = window_in(state, people)
    if code is None:
        seq = window.evidence_seq
        edited = planning.edit_window(pk=window.pk, actor=people.actors[role], values=values)
        commit_now()
        assert edited.evidence_seq == seq + 1
        return
    with refused() as refusal:
        planning.edit_window(pk=window.pk, actor=people.actors[role], values=values)
    assert code in {blocker.code for blocker in refusal.value.blockers}


def test_a_window_stays_at_its_site_once_open() -> None:
    people = planners()
    window = window_in("open", people)
    with refused("fixed"):
        planning.edit_window(
            pk=window.pk, actor=people.actors["release_manager"], values={"site": make_site("ROT")}
        )


def test_capacity_is_not_cut_below_what_is_booked() -> None:
    people = planners()
    window = window_in("open", people)
    as_door(book)(
        window_pk=window.pk, subject="package:a", load=Load(8, Decimal(1), 1),
        emergency=False, actor=SETUP,
    )  # fmt: skip
    for values in ({"capacity_changes": 9}, {"reserve_percent": 30}):
        with refused("oversold"):
            planning.edit_window(
                pk=window.pk, actor=people.actors["release_manager"], values=values
            )


def test_the_side_doors_are_shut() -> None:
    people = planners()
    window = window_in("open", people)
    commit_now()
    with refused_by_database():
        ReleaseWindow.objects.filter(pk=window.pk).update(capacity_changes=99)
    with refused_by_database():
        ReleaseWindow.objects.filter(pk=window.pk).update(state="closed")
    with refused_by_database(match="outside its window"), connection.cursor() as cursor:
        cursor.execute("UPDATE windows_cutoff SET at = at + interval '1 day'")
    # A counter set by hand is what the bookings say all the same.
    ReleaseWindow.objects.filter(pk=window.pk).update(booked_changes=7)
    window = ReleaseWindow.objects.get(pk=window.pk)
    assert window.booked_changes == 0


def test_a_second_unflagged_window_is_refused_by_the_database() -> None:
    from unittest import mock

    people = planners()
    window_in("open", people)
    other = draft_window(people, code="W-2612")
    with (
        refused_by_database(match="windows_one_at_a_time"),
        mock.patch.object(planning, "open_blockers", return_value=()),
    ):
        planning.open_window.__wrapped__(pk=other.pk, actor=people.actors["release_manager"])


@pytest.mark.django_db(transaction=True)
def test_parts_change_with_an_entry_of_their_window_only() -> None:
    window = window_in("open", planners())
    with refused_by_database():
        Cutoff.objects.filter(window=window).update(is_hard=False)
    with refused_by_database():
        Booking.objects.create(window=window, subject="package:b", changes=1)
    assert ReleaseWindow.objects.get(pk=window.pk).booked_changes == 0


@pytest.mark.parametrize(
    "values",
    [
        {"opens_at": OPENS + timedelta(hours=1)},
        {"closes_at": OPENS + timedelta(hours=9)},
        {"zone": "UTC"},
    ],
)
def test_what_dates_of_bookings_go_by_is_moved_and_not_edited(values: dict[str, Any]) -> None:
    people = planners()
    window = window_in("open", people)
    manager = people.actors["release_manager"]
    as_door(book)(
        window_pk=window.pk, subject="package:a", load=Load(1, Decimal(1), 1),
        emergency=False, actor=SETUP,
    )  # fmt: skip
    with clock.at(BEFORE), refused("needs_move") as refusal:
        planning.edit_window(pk=window.pk, actor=manager, values=values)
    (blocker,) = refusal.value.blockers
    assert blocker.field in values and "Move the window" in blocker.fix


@pytest.mark.parametrize(("answer", "codes"), [(True, ["needs_move"]), (False, [])])
def test_whether_anything_is_planned_in_a_window_is_told_from_above(
    answer: bool, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = window_in("open", planners())
    asked = []
    told = {"INTERLOCK_WINDOW_WORK": lambda pk: asked.append(pk) or answer}
    monkeypatch.setattr("apps.windows.policies.window.hook", told.get)
    assert [each.code for each in moving_blockers(window, ["closes_at"])] == codes
    assert asked == [window.pk]


def test_a_window_with_nothing_in_it_is_edited_freely() -> None:
    people = planners()
    window = window_in("open", people)
    values = {"opens_at": OPENS - timedelta(hours=1), "zone": "UTC"}
    with clock.at(BEFORE):
        edited = planning.edit_window(
            pk=window.pk, actor=people.actors["release_coordinator"], values=values
        )
    assert edited.opens_at == values["opens_at"]


def test_an_open_window_is_not_made_longer_into_a_freeze() -> None:
    people = planners()
    hour = timedelta(hours=1)
    window = window_in(
        "open", people, opens_at=OPENS - 12 * hour, closes_at=OPENS,
        cutoffs=[CUTOFF | {"at": OPENS - hour}],
    )  # fmt: skip
    make_rule("FRZ", people, dates=["2026-11-22/2026-11-23"])
    longer = {"closes_at": OPENS + 4 * hour}
    with clock.at(BEFORE), refused("closed_calendar"):
        planning.edit_window(pk=window.pk, actor=people.actors["release_manager"], values=longer)
