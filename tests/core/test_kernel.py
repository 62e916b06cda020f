"""The shared kernel: keys, clock, actor, text, moves, jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from apps.core import clock, jobs
from apps.core.actor import Actor, RoleHeld, system_actor
from apps.core.errors import STATUS_OF_KIND, Blocker, Refused, bad_input, refuse_if_any
from apps.core.ids import uuid7
from apps.core.moves import Move, find_move, moves_of
from apps.core.text import missing, text_blockers, tidy

MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


class TestKeys:
    def test_they_are_of_version_7_and_of_the_rfc_variant(self) -> None:
        key = uuid7()
        assert key.version == 7 and key.variant == "specified in RFC 4122"

    def test_later_ones_sort_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        keys = []
        for nanoseconds in (10**18, 10**18 + 10**7, 10**18 + 10**9):
            monkeypatch.setattr("time.time_ns", lambda now=nanoseconds: now)
            keys.append(uuid7())
        assert keys == sorted(keys)

    def test_no_two_are_equal(self) -> None:
        assert len({uuid7() for _ in range(10_000)}) == 10_000


class TestClock:
    def test_it_stands_where_it_is_told(self) -> None:
        with clock.at(MOMENT):
            assert clock.now() == MOMENT
            with clock.at(MOMENT + timedelta(hours=1)):
                assert clock.now() == MOMENT + timedelta(hours=1)
            assert clock.now() == MOMENT

    def test_a_naive_moment_is_no_moment(self) -> None:
        with pytest.raises(ValueError, match="aware"), clock.at(datetime(2026, 1, 1)):  # noqa: DTZ001
            raise AssertionError("unreachable")

    def test_outside_the_demo_it_is_the_real_one(self, settings: Any) -> None:
        settings.INTERLOCK_DEMO = False
        assert clock.demo_offset() == timedelta()

    @pytest.mark.django_db
    def test_the_demo_runs_at_its_offset(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.INTERLOCK_DEMO = True
        monkeypatch.setattr(clock, "_offset", None)
        clock.set_demo_clock(MOMENT)
        assert timedelta() <= clock.now() - MOMENT < timedelta(seconds=5)


class TestActor:
    def test_a_role_held_everywhere_covers_every_scope(self) -> None:
        actor = Actor(None, "x", "X", roles=frozenset({RoleHeld("developer")}))
        assert actor.holds("developer") and actor.holds("developer", scope="application:CARD")

    def test_a_scoped_role_covers_its_scope_only(self) -> None:
        role = RoleHeld("application_owner", "application:CARD")
        actor = Actor(None, "x", "X", roles=frozenset({role}))
        assert actor.holds("application_owner", scope="application:CARD")
        assert not actor.holds("application_owner", scope="application:AUTH")

    def test_the_system_is_nobody_who_signs(self) -> None:
        system = system_actor("clock")
        assert not system.is_human
        with pytest.raises(ValueError, match="no account"):
            _ = system.user_id


class TestRefusals:
    def test_every_kind_has_a_status(self) -> None:
        for kind, status in STATUS_OF_KIND.items():
            assert Refused(Blocker("x", "x", kind=kind)).status == status

    def test_all_reasons_are_kept(self) -> None:
        with pytest.raises(Refused) as caught:
            refuse_if_any(bad_input(name, "Wrong.") for name in ("a", "b"))
        assert [blocker.field for blocker in caught.value.blockers] == ["a", "b"]

    def test_no_reason_is_no_refusal(self) -> None:
        refuse_if_any([])


class TestText:
    @pytest.mark.parametrize("text", ["plain", "Umlaut ä", "two\nlines", "tab\there", "漢字", "👍"])
    def test_what_people_write_is_taken(self, text: str) -> None:
        assert list(text_blockers("x", text)) == []

    def test_line_ends_and_outer_blanks_are_tidied(self) -> None:
        assert tidy("  a\r\nb\rc \n") == "a\nb\nc"

    def test_composed_and_decomposed_letters_are_one(self) -> None:
        assert tidy("e\u0301") == tidy("é")


class Doc:
    state = "draft"


def _move(name: str, *sources: str) -> Move:
    return Move(name, name, service=print, blockers=lambda a, o: iter(()), sources=sources)


class TestMoves:
    def test_only_those_of_the_state_are_offered(self) -> None:
        moves = (_move("submit", "draft"), _move("close", "done"), _move("note"))
        offered = moves_of(moves, system_actor("x"), Doc())
        assert [state.move.name for state in offered] == ["submit", "note"]
        assert len(moves_of(moves, system_actor("x"), Doc(), every=True)) == 3

    def test_an_unknown_one_is_none(self) -> None:
        assert find_move((_move("submit"),), "approve") is None


@pytest.mark.django_db
class TestJobs:
    def test_work_starts_after_the_commit_and_not_before(
        self, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        sent: list[str] = []
        monkeypatch.setattr(jobs, "_send", lambda path, kwargs: sent.append(path))
        with django_capture_on_commit_callbacks(execute=True):
            jobs.enqueue_on_commit("apps.portal.tasks.heartbeat")
            assert sent == []
        assert sent == ["apps.portal.tasks.heartbeat"]

    def test_work_of_a_rolled_back_transaction_never_starts(
        self, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        sent: list[str] = []
        monkeypatch.setattr(jobs, "_send", lambda path, kwargs: sent.append(path))

        def work() -> None:
            with transaction.atomic():
                jobs.enqueue_on_commit("apps.portal.tasks.heartbeat")
                raise RuntimeError("no")

        with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError):
            work()
        assert sent == []


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("Reason", "The reason is missing. Enter a reason."),
        ("Incident", "The incident is missing. Enter an incident."),
        ("Reason (from the third attempt on)", "The reason is missing. Enter a reason."),
        ("What happened", "It does not say what happened. Enter what happened."),
        ("Status", "The status is missing. Enter a status."),
        ("Lessons", "“Lessons” is empty. Fill it in."),
        ("Ended at", "“Ended at” is empty. Fill it in."),
    ],
)
def test_what_is_missing_is_told_in_whole_sentences(label: str, told: str) -> None:
    assert " ".join(missing(label)) == told
