"""Every move of a window in every state by every role."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest

from apps.core import clock
from apps.core.errors import Refused
from apps.evidence.models import EvidenceEntry
from apps.windows.domain import lifecycle as life
from apps.windows.migrations import __name__ as migrations
from apps.windows.models import ReleaseWindow
from apps.windows.moves import WINDOW_MOVES
from apps.windows.services import night, planning
from tests.support import commit_now, refused, refused_by_database
from tests.windows.worlds import (
    BEFORE,
    OPENS,
    WAYS,
    as_door,
    make_site,
    make_sysplex,
    planners,
    window_in,
)

pytestmark = pytest.mark.django_db

MAY = {
    "open": {"release_manager"},
    "lock_scope": {"release_manager", "release_coordinator"},
    "unlock": {"release_manager"},
    "start": {"release_manager", "release_coordinator"},
    "hand_back": {"release_manager", "release_coordinator"},
    "close": {"release_manager"},
    "cancel": {"release_manager"},
    "abort": {"release_manager"},
}
SERVICES = {
    **{move.name: move.service for move in WINDOW_MOVES if move.name in life.SOURCES},
    **{
        name: as_door(getattr(night, name))
        for name in ("start", "hand_back", "close", "cancel", "abort")
    },
}


def test_the_matrix_knows_every_transition() -> None:
    declared = {t.name for t in ReleaseWindow().get_all_state_transitions()}
    assert declared == set(life.SOURCES) == set(life.TARGETS) == set(MAY) == set(SERVICES)
    assert set(WAYS) == set(life.LABELS)


def test_the_database_knows_every_transition() -> None:
    from importlib import import_module

    guards = import_module(f"{migrations}.0002_guards")
    assert sorted(guards.WINDOW_MOVES) == sorted(life.PAIRS)
    assert guards.DERIVED == ReleaseWindow.DERIVED


@pytest.mark.parametrize("move", sorted(MAY))
@pytest.mark.parametrize("state", sorted(life.LABELS))
def test_every_move_in_every_state_by_every_role(state: str, move: str) -> None:
    people = planners()
    window = window_in(state, people)
    moment = OPENS if move not in ("open", "lock_scope") else BEFORE
    for role, actor in sorted(people.actors.items()):
        allowed = state in life.SOURCES[move] and role in MAY[move]
        if allowed:
            continue
        with clock.at(moment), pytest.raises(Refused) as refusal:
            SERVICES[move](pk=window.pk, actor=actor, comment="Because.")
        kinds = {blocker.kind for blocker in refusal.value.blockers}
        assert ("state" in kinds) == (state not in life.SOURCES[move])
        assert ("permission" in kinds) == (role not in MAY[move])
        assert ReleaseWindow.objects.get(pk=window.pk).state == state
    if state in life.SOURCES[move]:
        with clock.at(moment):
            SERVICES[move](pk=window.pk, actor=people.actors["release_manager"], comment="Because.")
        commit_now()
        assert ReleaseWindow.objects.get(pk=window.pk).state == life.TARGETS[move]
        last = EvidenceEntry.objects.filter(subject=window.subject).latest("seq")
        assert (last.from_state, last.to_state) == (state, life.TARGETS[move])


def test_a_window_without_its_facts_does_not_open() -> None:
    people = planners()
    window = window_in(
        "draft", people, cutoffs=[], capacity_points=0, release_manager=None, coordinator=None
    )
    with clock.at(BEFORE), refused("no_cutoff", "no_capacity", "nobody_named"):
        planning.open_window(pk=window.pk, actor=people.actors["release_manager"])


def test_a_window_that_is_over_does_not_open() -> None:
    people = planners()
    window = window_in("draft", people)
    with clock.at(window.closes_at), refused("past"):
        planning.open_window(pk=window.pk, actor=people.actors["release_manager"])


def test_unlocking_says_why() -> None:
    people = planners()
    window = window_in("locked", people)
    with refused("required"):
        planning.unlock_scope(pk=window.pk, actor=people.actors["release_manager"], comment=" ")


@pytest.mark.parametrize(
    ("minutes", "codes"),
    [(-16, ("too_early",)), (-15, ()), (0, ()), (389, ()), (390, ("too_late",))],
)
def test_a_window_starts_between_quarter_before_and_cutoff(
    minutes: int, codes: tuple[str, ...]
) -> None:
    from datetime import timedelta

    from apps.windows.policies import start_blockers

    people = planners()
    window = window_in("locked", people)
    with clock.at(OPENS + timedelta(minutes=minutes)):
        found = start_blockers(people.actors["release_coordinator"], window)
        assert tuple(blocker.code for blocker in found) == codes


def test_the_clock_locks_a_scope_once() -> None:
    people = planners()
    window = window_in("open", people)
    with clock.at(BEFORE):
        assert planning.lock_due_scopes() == 0
    assert window.scope_lock_at is not None
    with clock.at(window.scope_lock_at):
        assert planning.lock_due_scopes() == 1
        assert planning.lock_due_scopes() == 0
        planning.unlock_scope(
            pk=window.pk, actor=people.actors["release_manager"], comment="One more package."
        )
        assert planning.lock_due_scopes() == 0
    window = ReleaseWindow.objects.get(pk=window.pk)
    assert window.state == "open"
    assert window.scope_lock_at is None


def test_two_windows_of_a_site_do_not_overlap() -> None:
    people = planners()
    window_in("open", people)
    other = window_in("draft", people, code="W-2612")
    manager = people.actors["release_manager"]
    with clock.at(BEFORE), refused("overlap"):
        planning.open_window(pk=other.pk, actor=manager)
    with clock.at(BEFORE):
        planning.edit_window(
            pk=other.pk,
            actor=manager,
            values={"may_overlap": True, "overlap_reason": "Other people."},
        )
        assert planning.open_window(pk=other.pk, actor=manager).state == "open"
        with refused("overlap"):
            planning.edit_window(
                pk=other.pk, actor=manager, values={"may_overlap": False, "overlap_reason": ""}
            )


def test_an_overlap_names_the_other_window_and_what_would_fit() -> None:
    people = planners()
    other = window_in("open", people)
    sought = window_in("draft", people, code="W-2612")
    with clock.at(BEFORE), refused("overlap") as refusal:
        planning.open_window(pk=sought.pk, actor=people.actors["release_manager"])
    (told,) = refusal.value.blockers
    assert told.text.startswith("W-2611 Q4 release weekend is open at AMS")
    assert told.details["window"] == other.code
    # As far away is the time before; of two equally near the earlier one.
    assert told.details["fits_at"] == (OPENS - timedelta(hours=8)).isoformat()


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [("PLEX1", "PLEX2", False), ("PLEX1", "PLEX1", True), ("", "PLEX1", True), ("PLEX1", "", True)],
)
def test_windows_of_two_sysplexes_may_be_open_together(first: str, second: str, meet: bool) -> None:
    people = planners()
    plexes = {code: make_sysplex(code, people) for code in ("PLEX1", "PLEX2")} | {"": None}
    window_in("open", people, sysplex=plexes[first])
    other = window_in("draft", people, code="W-2612", sysplex=plexes[second])
    manager = people.actors["release_manager"]
    with clock.at(BEFORE):
        if not meet:
            assert planning.open_window(pk=other.pk, actor=manager).state == "open"
            commit_now()
            return
        with refused("overlap"):
            planning.open_window(pk=other.pk, actor=manager)
        with (
            refused_by_database(match="windows_one_at_a_time"),
            mock.patch.object(planning, "open_blockers", return_value=()),
        ):
            planning.open_window.__wrapped__(pk=other.pk, actor=manager)


def test_a_window_is_on_a_sysplex_of_its_site() -> None:
    people = planners()
    elsewhere = make_sysplex("PLEX9", people, site=make_site("ROT"))
    with refused() as refusal:
        window_in("draft", people, sysplex=elsewhere)
    assert {blocker.field for blocker in refusal.value.blockers} == {"sysplex"}


def test_a_stale_version_is_refused() -> None:
    people = planners()
    window = window_in("open", people)
    with refused("stale"):
        planning.lock_scope(pk=window.pk, actor=people.actors["release_manager"], expected_seq=1)
