"""Simulations that are kept, and reckoned again."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from apps.core.errors import Refused
from apps.evidence.selectors import body_of, entries_about
from apps.releases.models import Simulation
from apps.releases.services import simulation as service
from apps.releases.services.simulation import (
    progress_of,
    repeat,
    simulate_for,
    simulate_window,
    start_simulation,
)
from tests.factories import actor, make_user
from tests.releases.worlds import Night, small_night

pytestmark = pytest.mark.django_db


@pytest.fixture
def night() -> Night:
    night = small_night()
    night.planned()
    return night


def simulated(night: Night, **more: Any) -> Simulation:
    values = {"window": night.window, "seed": 7, "trials": 100, **more}
    return simulate_window(actor=actor(night.coordinator), values=values)


def told(*words: str) -> str:
    out = StringIO()
    call_command("simulate", *words, stdout=out, no_color=True)
    return out.getvalue()


def test_what_came_out_is_kept_with_everything_that_it_rests_on(night: Night) -> None:
    made = simulated(night)
    assert (made.told.trials, made.told.in_time, made.simulated_by) == (100, 100, night.coordinator)
    assert [step.label for step in made.rests_on.steps] == ["A1", "A2", "A3"]
    (entry,) = entries_about(made.subject)
    assert (entry.action, body_of(entry)["content_digest"]) == (
        "simulation.recorded", made.inputs_digest,
    )  # fmt: skip


def test_a_kept_simulation_gives_the_same_numbers_again(night: Night) -> None:
    made = simulated(night)
    assert repeat(Simulation.objects.get(pk=made.pk)).is_same


def test_numbers_or_inputs_that_somebody_changed_are_noticed(night: Night) -> None:
    made = simulated(night)
    made.outcome = {**made.outcome, "in_time": 99}
    assert (repeat(made).is_same_input, repeat(made).is_same) == (True, False)
    made.inputs = {**made.inputs, "cutoff": 1}
    assert not repeat(made).is_same_input


def test_nobody_changes_or_deletes_what_was_kept(night: Night) -> None:
    made = simulated(night)
    for statement in (Simulation.objects.filter(pk=made.pk).delete,
                      lambda: Simulation.objects.filter(pk=made.pk).update(seed=8)):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            statement()


def test_durations_of_ended_steps_are_used_by_type_and_team() -> None:
    """Of one step that ended: one duration, which is too few to count."""
    night = small_night()
    night.validating()
    histories = dict(simulated(night).rests_on.histories)
    archived = histories[f"BACKUP_LIB by {night.ops.code}"]
    assert (archived.count, archived.is_used) == (1, False)
    assert f"COPY_LOAD by {night.ops.code}, going back" in histories


def test_who_plans_no_night_simulates_none(night: Night) -> None:
    with pytest.raises(Refused, match="it takes the role"):
        simulate_window(actor=actor(make_user("reader", "viewer")), values={"window": night.window})


def test_too_few_trials_are_refused_by_name(night: Night) -> None:
    with pytest.raises(Refused) as refused:
        simulated(night, trials=3)
    assert [blocker.field for blocker in refused.value.blockers] == ["trials"]


class TestLongOnes:
    @pytest.fixture(autouse=True)
    def short_patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(service, "AT_ONCE", 10)

    def test_nobody_waits_for_it(self, night: Night) -> None:
        with pytest.raises(Refused) as refused:
            simulated(night)
        (blocker,) = refused.value.blockers
        assert (blocker.code, blocker.field) == ("too_long", "trials")
        assert blocker.fix.startswith("Ask for at most 3")

    def test_a_worker_does_it_in_the_name_of_who_asked(
        self, night: Night, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks():
            asked = start_simulation(
                window=night.window, actor=actor(night.coordinator), seed=3, trials=200
            )
        assert (asked, progress_of(night.window)) == (None, 0)
        simulate_for(str(night.window.pk), str(night.coordinator.pk), 3, 200)
        made = Simulation.objects.get()
        assert (made.seed, made.simulated_by) == (3, night.coordinator)
        assert progress_of(night.window) is None


class TestCommand:
    def test_the_numbers_are_the_same_each_time(self, night: Night) -> None:
        words = (night.window.code, "--seed", "7", "--trials", "100", "--json")
        first, second = json.loads(told(*words)), json.loads(told(*words))
        assert first.pop("id") != second.pop("id")
        assert first == second
        assert (first["in_time"], first["seed"]) == (1.0, 7)

    def test_it_is_told_for_people_and_repeated(self, night: Night) -> None:
        assert "In time: 100.0%." in told(night.window.code, "--trials", "100")
        kept = Simulation.objects.get()
        assert kept.simulated_by is None
        assert "The same numbers came out." in told("--repeat", str(kept.pk))

    @pytest.mark.parametrize(
        ("words", "why"),
        [(["W-MOON"], "There is no window W-MOON"), (["--repeat", "7"], "There is no simulation"),
         ([], "Name a window")],
    )  # fmt: skip
    def test_what_is_not_there_is_named(self, words: list[str], why: str) -> None:
        with pytest.raises(CommandError, match=why):
            told(*words)
