"""The operator's page: NOW, NEXT, WAITING FOR, and what its buttons send."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.selectors import actor_for
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.portal.night_steps import sheet_of
from apps.releases.models import Activity
from apps.releases.services import activities as run
from tests.releases.night import NIGHT, Night, night, put

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
ACT = "/my/steps/act/"


@pytest.fixture
def dark(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        yield night()


@pytest.fixture
def phone(dark: Night) -> Client:
    client = Client()
    client.force_login(dark.people["implementer"])
    return client


def pressed(step: Activity, move: str, **more: Any) -> dict[str, Any]:
    return {"step": str(step.pk), "move": move, "key": str(uuid4()),
            "version": step.evidence_seq, **more}  # fmt: skip


def sheet(dark: Night, who: str) -> Any:
    return sheet_of(actor_for(dark.people[who]))


def labels(cards: Any) -> list[str]:
    return [card.step.label for card in cards]


def test_what_runs_what_comes_and_whom_it_waits_for(dark: Night) -> None:
    running = dark.step("A1", "in_progress")
    dark.step("A2", "ready", owner=dark.people["colleague"])
    dark.step("A3", "ready")
    dark.step("A4", after=(running,), hold_point=True)
    dark.step("A5", "failed")
    dark.step("A6", owner=dark.people["colleague"])
    mine = sheet(dark, "implementer")
    assert labels(mine.now) == ["A1"]
    assert labels(mine.following) == ["A3", "A2"]
    assert labels(mine.waiting) == ["A4", "A5"]
    told = [(wait.whom, wait.what, wait.since) for wait in mine.waiting[0].waits]
    began = NIGHT - timedelta(minutes=10)
    assert told == [
        ("You", "A1 is in progress", began),
        ("the coordinator", "to release the hold", None),
    ]
    assert not sheet(dark, "other_team")


def test_a_step_that_needs_four_eyes_asks_a_colleague_to_look(dark: Night) -> None:
    dark.step("A1", "in_progress", four_eyes=True)
    (card,) = sheet(dark, "colleague").following
    assert card.must_verify and not card.may_finish
    (own,) = sheet(dark, "implementer").now
    assert not own.must_verify and not own.may_finish
    assert own.waits[0].what == "to look at it"


def test_it_tells_how_long_the_same_step_took_the_last_time(dark: Night) -> None:
    before = dark.step("Z9", "completed", package=dark.make_package("in_progress"), title="Copy")
    put(before, started_at=NIGHT - timedelta(minutes=50), ended_at=NIGHT - timedelta(minutes=28))
    dark.step("A1", "ready", title="Copy")
    (card,) = sheet(dark, "implementer").following
    assert card.took_minutes == 22


def test_the_page_costs_the_same_for_two_steps_and_for_eight(dark: Night, phone: Client) -> None:
    def cost(numbers: range) -> int:
        for number in numbers:
            running = dark.step(f"A{number}", "in_progress")
            dark.step(f"B{number}", "ready")
            dark.step(f"C{number}", after=(running,))
        with CaptureQueriesContext(connection) as queries:
            assert phone.get("/my/steps/").status_code == 200
        return len(queries)

    phone.get("/my/steps/")
    assert cost(range(1, 2)) == cost(range(2, 5)) <= 30


def test_start_and_done_work_as_plain_forms(dark: Night, phone: Client) -> None:
    step = dark.step("A1", "ready", instruction="ALLOC DA('X')\nRUN JOB1", max_rc=4)
    html = phone.get("/my/steps/").content.decode()
    for text in ("ALLOC DA(&#x27;X&#x27;)", "RC up to 4", 'value="start"'):
        assert text in html
    assert phone.post(ACT, pressed(step, "start")).status_code == 302
    step = Activity.objects.get(pk=step.pk)
    wrong = phone.post(ACT, pressed(step, "complete", rc="8"))
    assert wrong.status_code == 409
    assert "RC 8 is above 4" in wrong.content.decode()
    done = phone.post(ACT, pressed(step, "complete", rc="4", result="JOB00123"), follow=True)
    assert "A1 Step A1: done." in done.content.decode()
    step = Activity.objects.get(pk=step.pk)
    assert (step.state, step.rc, step.result_text) == ("completed", 4, "JOB00123")


def test_a_phone_sends_it_again_and_it_counts_once(dark: Night, phone: Client) -> None:
    step = dark.step("A1", "ready")
    at = NIGHT - timedelta(minutes=7)
    sent = pressed(step, "start", pressed_at=at.isoformat())
    answers = [phone.post(ACT, sent, headers=JSON) for _ in range(3)]
    assert [(a.status_code, a.json()) for a in answers] == [
        (200, {"text": "A1 Step A1: started."})
    ] * 3
    step = Activity.objects.get(pk=step.pk)
    assert (step.attempts, step.started_at, step.recorded_start_at) == (1, at, NIGHT)


def test_two_people_pressing_done_end_it_once_and_the_second_is_told(
    dark: Night, phone: Client
) -> None:
    step = dark.step("A1", "in_progress")
    run.complete_activity(pk=step.pk, actor=dark.actor("colleague"))
    late = phone.post(ACT, pressed(step, "complete"), headers=JSON)
    assert late.status_code == 412
    assert late.json()["meanwhile"] == [
        {"by": "shift.two", "at": NIGHT.isoformat(), "what": "Completed the step"}
    ]
    page = phone.post(ACT, pressed(step, "complete"))
    assert (page.status_code, "Completed the step" in page.content.decode()) == (412, True)
    unversioned = phone.post(ACT, pressed(step, "complete", version=""), headers=JSON)
    assert (unversioned.status_code, unversioned.json()["refused"][0]["code"]) == (
        409, "wrong_state",
    )  # fmt: skip


def test_a_problem_needs_no_words(dark: Night, phone: Client) -> None:
    step = dark.step("A1", "in_progress")
    phone.post(ACT, pressed(step, "escalate", comment="I have to leave."), headers=JSON)
    step = Activity.objects.get(pk=step.pk)
    failed = phone.post(ACT, pressed(step, "fail", code="abend", comment=""), headers=JSON)
    assert failed.status_code == 200, failed.json()
    step = Activity.objects.get(pk=step.pk)
    assert (step.state, step.failure_code) == ("failed", "abend")
    entry = EvidenceEntry.objects.filter(subject=step.subject).latest("seq")
    assert b'"channel":"phone"' in bytes(entry.body)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"key": "no"}, 400),
        ({"step": "no"}, 400),
        ({"step": str(uuid4())}, 404),
        ({"move": "skip"}, 404),
        ({"pressed_at": "yesterday"}, 400),
        ({"pressed_at": "2026-11-22T00:30"}, 400),
        ({"started_at": "rubbish"}, 400),
    ],
)
def test_what_no_button_sends_is_refused(
    dark: Night, phone: Client, change: dict[str, str], status: int
) -> None:
    step = dark.step("A1", "ready")
    answer = phone.post(ACT, pressed(step, "start") | change, headers=JSON)
    assert answer.status_code == status
    assert Activity.objects.get(pk=step.pk).state == "ready"


def test_the_first_one_tells_why_it_cannot_start(dark: Night, phone: Client) -> None:
    dark.step("A1", "ready", irreversible=True)
    html = phone.get("/my/steps/").content.decode()
    assert "there is no GO for" in html and 'aria-disabled="true"' in html
