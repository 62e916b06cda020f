"""An action that is asked for twice under one key: an answer each time, one effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from apps.core import clock
from apps.evidence.models import ActionKey, EvidenceEntry
from apps.evidence.services.replays import forget_action_keys
from apps.releases.models import Activity
from apps.releases.services import activities as run
from apps.releases.services.night_decision import decide
from tests.api.conftest import call_as
from tests.changes.test_races import at_once
from tests.releases.night import NIGHT, Night, night
from tests.support import refused

__all__ = ["call_as"]
pytestmark = pytest.mark.django_db
KEY = uuid4()


@pytest.fixture
def dark(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        yield night()


def refusals() -> int:
    return EvidenceEntry.objects.filter(action="access.refused").count()


def test_the_second_time_answers_and_does_nothing(dark: Night) -> None:
    step = dark.step("A1", "ready")
    actor = replace(dark.actor("implementer"), action_key=KEY)
    first = run.start_activity(pk=step.pk, actor=actor)
    again = run.start_activity(pk=step.pk, actor=actor)
    assert (again.pk, again.evidence_seq, again.attempts) == (first.pk, first.evidence_seq, 1)
    with refused("wrong_state"):
        run.start_activity(pk=step.pk, actor=replace(actor, action_key=uuid4()))


def test_a_refusal_is_kept_and_recorded_once(dark: Night) -> None:
    step = dark.step("A2", "ready", after=(dark.step("A1", "in_progress"),))
    actor = replace(dark.actor("implementer"), action_key=KEY)
    for _ in range(2):
        with refused("predecessor_open"):
            run.start_activity(pk=step.pk, actor=actor)
    assert refusals() == 1
    run.complete_activity(pk=Activity.objects.get(label="A1").pk, actor=dark.actor("implementer"))
    with refused("predecessor_open"):
        run.start_activity(pk=step.pk, actor=actor)
    run.start_activity(pk=step.pk, actor=replace(actor, action_key=uuid4()))


def test_a_key_is_for_one_action_of_one_person(dark: Night) -> None:
    first, second = dark.step("A1", "ready"), dark.step("A2", "ready")
    actor = replace(dark.actor("implementer"), action_key=KEY)
    run.start_activity(pk=first.pk, actor=actor)
    with refused("key_reused"):
        run.start_activity(pk=second.pk, actor=actor)
    colleague = replace(dark.actor("colleague"), action_key=KEY)
    assert run.start_activity(pk=second.pk, actor=colleague).done_by_id == colleague.id


def test_who_proves_who_they_are_asks_again_under_the_same_key(dark: Night) -> None:
    dark.package = dark.make_package("validating")
    stale = replace(dark.actor("manager"), auth_at=None, action_key=KEY)
    values: dict[str, Any] = {"pk": dark.package.pk, "decision": "no_go", "comment": "It is late."}
    with refused() as caught:
        decide(actor=stale, **values)
    assert "step_up_needed" in {b.code for b in caught.value.blockers}  # type: ignore[attr-defined]
    decided = decide(actor=replace(dark.actor("manager"), action_key=KEY), **values)
    assert decided.go_decision == "no_go"


def test_keys_are_forgotten_when_nobody_asks_any_more(dark: Night) -> None:
    step = dark.step("A1", "ready")
    run.start_activity(pk=step.pk, actor=replace(dark.actor("implementer"), action_key=KEY))
    assert forget_action_keys() == 0
    with clock.at(NIGHT + timedelta(days=31)):
        assert forget_action_keys() == 1


def test_the_interface_gives_the_first_answer_again(dark: Night, call_as: Any) -> None:
    step = dark.step("A1", "ready")
    client = call_as(dark.people["implementer"])
    address = f"/api/v1/activities/{step.pk}/moves"
    headers = {"Idempotency-Key": str(KEY)}
    first = client.post(f"{address}/start/", {}, headers=headers)
    assert (first.status_code, first.json()["state"]) == (200, "in_progress")
    assert client.post(f"{address}/complete/", {}).json()["state"] == "completed"
    again = client.post(f"{address}/start/", {}, headers=headers)
    assert (again.status_code, again.json(), again["ETag"]) == (200, first.json(), first["ETag"])
    assert ActionKey.objects.count() == 1
    wrong = client.post(f"{address}/start/", {}, headers={"Idempotency-Key": "one"})
    assert (wrong.status_code, wrong.json()["blockers"][0]["field"]) == (400, "Idempotency-Key")


@pytest.mark.breaks("I19")
@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_the_same_moment_has_one_effect() -> None:
    with clock.at(NIGHT):
        dark = night()
        step = dark.step("A1", "ready")
    actor = replace(dark.actor("implementer"), action_key=KEY)

    def press() -> Any:
        with clock.at(NIGHT):
            return run.start_activity(pk=step.pk, actor=actor)

    came_to = at_once(press, press, press)
    assert [type(result).__name__ for result in came_to] == ["Activity"] * 3
    step = Activity.objects.get(pk=step.pk)
    assert (step.attempts, step.evidence_seq) == (1, came_to[0].evidence_seq)
