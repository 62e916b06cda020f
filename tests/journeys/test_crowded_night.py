"""A night in which six operators act at once through the interface, on real commits.

Whatever they do, in whatever order: the invariants hold, which SQL tells afterwards.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.core import clock
from apps.releases.models import Activity, ReleasePackage, ValidationCheck
from apps.releases.services import checks
from apps.releases.services import package as doors
from tests.api.conftest import call_as
from tests.factories import actor, make_team, make_user
from tests.releases.worlds import AS_IS, NOTE, OPENS, Night, small_night
from tests.support import invariants_hold

__all__ = ["call_as"]
pytestmark = pytest.mark.django_db(transaction=True)

OPERATORS = 6
PACKAGES = 3
#: A refusal is an answer; anything else than these is a fault.
ANSWERS = {200, 400, 403, 409, 412}


@dataclass
class Crowd:
    """The packages of the night, who acts, and what came back."""

    packages: list[ReleasePackage]
    clients: list[APIClient]
    coordinator: APIClient
    came: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def move(
        self, client: APIClient, kind: str, pk: Any, name: str, again: bool = False, **body: Any
    ) -> int:
        """Make a move under a key of its own; `again` asks twice, as on a bad line."""
        key = {"Idempotency-Key": str(uuid4())}
        address = f"/api/v1/{kind}/{pk}/moves/{name}/"
        first = client.post(address, body, headers=key)
        while first.status_code == 409 and "contended" in first.json()["type"]:
            first = client.post(address, body, headers=key)
        self.came[first.status_code] += 1
        if first.status_code not in ANSWERS:
            self.wrong.append(f"{name}: {first.status_code} {first.content[:300]!r}")
        if again:
            second = client.post(address, body, headers=key)
            told = [_without_request(each) for each in (first, second)]
            if told[0] != told[1]:
                self.wrong.append(f"{name} answers {told[0]} and then {told[1]}")
        return int(first.status_code)

    def open_steps(self, *states: str) -> list[Any]:
        rows = Activity.objects.filter(package__in=self.packages, state__in=states)
        return list(rows.exclude(package__state__in=["planned", "ready"]))

    @property
    def is_over(self) -> bool:
        forward = Activity.objects.filter(package__in=self.packages, is_backout=False)
        return not forward.exclude(state__in=["completed", "skipped", "backed_out"]).exists()


def _without_request(answer: Any) -> tuple[int, dict[str, Any]]:
    body = answer.json()
    body.pop("request_id", None)
    return answer.status_code, body


def _world(steps: int, call: Callable[..., APIClient]) -> Crowd:
    """Three packages of `steps` together, planned, confirmed and started through the services."""
    with clock.at(OPENS - timedelta(days=30)):
        make_team("OPS", capacity=OPERATORS)
    night: Night = small_night()
    packages = [_package(night, number, steps // PACKAGES) for number in range(PACKAGES)]
    for package in packages:
        night.acknowledge(package)
    night.start_window()
    with clock.at(OPENS):
        people = [make_user(f"shift.{n}", "implementer", teams=["OPS"]) for n in range(OPERATORS)]
        clients = [call(person) for person in people]
        coordinator = call(night.coordinator)
    return Crowd(packages, clients, coordinator)


def _package(night: Night, number: int, steps: int) -> ReleasePackage:
    """A chain with a way back, and beside it steps that wait for what the dice say."""
    package = night.draft(name=f"Package {number}")
    plan = night.with_plan(package)
    dice, before = random.Random(number), [plan["A1"]]
    for count in range(steps - 3):
        after = dice.sample(before, k=min(len(before), dice.randint(1, 2)))
        label = f"B{count:03}"
        before.append(
            night.step(
                package,
                label,
                "BACKUP_LIB",
                *after,
                duration_minutes=1,
                hold_point=count == 4,
                four_eyes=count == 7,
                max_rc=4,
            )
        )
    with night.before():
        doors.plan(pk=package.pk, actor=actor(night.coordinator))
        return doors.confirm_ready(pk=package.pk, actor=actor(night.coordinator), **AS_IS)


def _operate(crowd: Crowd, client: APIClient, seed: int, until: float) -> None:
    """One person: takes what is ready, ends what runs, presses what they should not, twice too."""
    dice = random.Random(seed)
    while time.monotonic() < until and not crowd.is_over:
        ready, running = crowd.open_steps("ready"), crowd.open_steps("in_progress")
        if dice.random() < 0.08 and (planned := crowd.open_steps("planned", "completed")):
            crowd.move(client, "activities", dice.choice(planned).pk, "start")
        if running and (not ready or dice.random() < 0.6):
            _end(crowd, client, dice, dice.choice(running))
        elif ready:
            step = dice.choice(ready)
            crowd.move(client, "activities", step.pk, "start", again=dice.random() < 0.2)


def _end(crowd: Crowd, client: APIClient, dice: random.Random, step: Activity) -> None:
    if step.four_eyes and step.verified_by_id is None:
        crowd.move(client, "activities", step.pk, "verify")
    elif dice.random() < 0.05:
        crowd.move(client, "activities", step.pk, "fail", code="abend", comment=NOTE)
    else:
        code = dice.choice([0, 0, 0, 0, 4, 8])
        again = dice.random() < 0.2
        crowd.move(client, "activities", step.pk, "complete", again=again, rc=code)


def _coordinate(crowd: Crowd, until: float) -> None:
    """Begins the packages, releases holds, lets failed steps begin again."""
    for package in crowd.packages:
        crowd.move(crowd.coordinator, "packages", package.pk, "start", again=True)
    while time.monotonic() < until and not crowd.is_over:
        for step in crowd.open_steps("failed"):
            crowd.move(crowd.coordinator, "activities", step.pk, "retry", comment=NOTE)
        for step in crowd.open_steps("planned"):
            if step.hold_point and not step.hold_released:
                crowd.move(crowd.coordinator, "activities", step.pk, "release_hold")
        threading.Event().wait(0.2)


def _run(crowd: Crowd, seconds: int) -> None:
    until = time.monotonic() + seconds
    parts: list[Callable[[], None]] = [lambda: _coordinate(crowd, until)]
    for seed, client in enumerate(crowd.clients):
        parts.append(lambda client=client, seed=seed: _operate(crowd, client, seed, until))  # type: ignore[misc]

    def guarded(part: Callable[[], None]) -> None:
        try:
            part()
        except Exception as error:  # noqa: BLE001 - a thread hands over what it raised
            crowd.wrong.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=seconds + 30)


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock for all threads at the window's opening, ten times as fast as ours."""
    stood, began = clock.now, time.monotonic()

    def now() -> Any:
        if clock._standing_at.get() is not None:
            return stood()
        return OPENS + timedelta(minutes=5, seconds=10 * (time.monotonic() - began))

    monkeypatch.setattr(clock, "now", now)


#: A step that was started more often, or less often, than it says.
MISCOUNTED = """
    SELECT a.label FROM releases_activity a WHERE a.attempts <> (
      SELECT count(*) FROM evidence_evidenceentry
      WHERE subject = 'activity:' || a.id AND action = 'activity.started')"""


def _nothing_is_broken() -> None:
    invariants_hold()
    with connection.cursor() as cursor:
        cursor.execute(MISCOUNTED)
        assert cursor.fetchall() == []


def _hold(crowd: Crowd, steps: int) -> None:
    assert crowd.wrong == []
    _nothing_is_broken()
    forward = Activity.objects.filter(package__in=crowd.packages, is_backout=False)
    assert forward.count() == steps
    assert Counter(forward.values_list("state", flat=True)) == {"completed": steps}
    states = ReleasePackage.objects.filter(pk__in=[each.pk for each in crowd.packages])
    assert set(states.values_list("state", flat=True)) == {"validating"}
    # People stood in each other's way, and were told so.
    assert crowd.came[409] > 0


def test_sixty_steps_and_six_operators_keep_every_invariant(ticking: None, call_as: Any) -> None:
    crowd = _world(60, call_as)
    _run(crowd, seconds=60)
    _hold(crowd, 60)


def _measure_what_is_back(package: ReleasePackage) -> None:
    by = actor(User.objects.get(username="validator"))
    for check in ValidationCheck.objects.filter(package=package, phase="post_backout"):
        checks.run_check(pk=check.pk, actor=by)
        checks.record_result(pk=check.pk, actor=by, actual_value=check.baseline)


def test_a_package_is_taken_back_while_the_others_go_on(ticking: None, call_as: Any) -> None:
    """INV-I19: it fails, is backed out by its own steps, and holds its room once."""
    crowd = _world(12, call_as)
    failing = crowd.packages[0]
    manager = User.objects.get(username="release.manager")
    steps = {step.label: step for step in Activity.objects.filter(package=failing)}
    _coordinate(crowd, until=0)
    first, *others = crowd.clients
    for label in ("A1", "B000", "A2"):
        assert crowd.move(first, "activities", steps[label].pk, "start") == 200
        assert crowd.move(first, "activities", steps[label].pk, "complete", rc=0) == 200
    crowd.move(crowd.coordinator, "packages", failing.pk, "fail", code="validation", comment=NOTE)
    leader = call_as(manager, fresh=True)
    version = ReleasePackage.objects.get(pk=failing.pk).evidence_seq
    began = crowd.move(
        leader, "packages", failing.pk, "start_backout", comment=NOTE, version=version
    )
    assert began == 200
    _run_beside(crowd, others, steps["Z1"], first)
    _measure_what_is_back(failing)
    assert crowd.move(crowd.coordinator, "packages", failing.pk, "finish_backout") == 200
    assert crowd.wrong == []
    _nothing_is_broken()
    assert ReleasePackage.objects.get(pk=failing.pk).state == "backed_out"
    assert Activity.objects.get(pk=steps["A2"].pk).state == "backed_out"


def _run_beside(crowd: Crowd, others: list[APIClient], undo: Activity, client: APIClient) -> None:
    """One undoes the package while the others run theirs."""
    until = time.monotonic() + 20
    rest = Crowd(crowd.packages[1:], others, crowd.coordinator)

    def part(each: APIClient, seed: int) -> None:
        try:
            _operate(rest, each, seed, until)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=part, args=(each, seed)) for seed, each in enumerate(others[:2])
    ]
    for thread in threads:
        thread.start()
    for name in ("start", "complete"):
        crowd.move(client, "activities", undo.pk, name, again=True)
    for thread in threads:
        thread.join(timeout=60)
    crowd.wrong += rest.wrong


@pytest.mark.soak
def test_a_long_night_keeps_every_invariant(ticking: None, call_as: Any) -> None:
    """`make soak`: five times as many steps, until all are done."""
    crowd = _world(300, call_as)
    _run(crowd, seconds=900)
    _hold(crowd, 300)
