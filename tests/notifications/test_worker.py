"""The whole way on the real broker: a move, the outbox, a worker, a mail."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.core import mail

from apps.core import clock
from apps.core.ids import uuid7
from apps.evidence.models import EvidenceEntry, EvidenceOutbox
from apps.notifications.models import Message
from apps.windows.domain.capacity import Load
from apps.windows.models import ReleaseWindow
from apps.windows.services import bookings
from config.celery import app
from tests.changes.worlds import small_bank, submitted
from tests.factories import SETUP
from tests.windows.worlds import BEFORE, as_door, planners, window_in

TASKS = "apps.notifications.tasks."


@pytest.fixture
def queue(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A queue of this test's own, with a worker: the broker is shared by all test processes."""
    name = f"test-{uuid7()}"
    monkeypatch.setitem(app.conf, "task_default_queue", name)
    monkeypatch.setattr(app.amqp, "default_queue", app.amqp.queues[name])
    with start_worker(
        app, pool="solo", perform_ping_check=False, queues=[name], shutdown_timeout=30
    ):
        yield name


def send(queue: str, task: str, times: int = 1) -> None:
    """The same message `times` times, as after the loss of a worker or of an acknowledgement."""
    task_id = str(uuid7())
    for _ in range(times):
        app.send_task(TASKS + task, task_id=task_id, queue=queue)


def eventually(there: Callable[[], Any], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "the worker did not do it"
        time.sleep(0.1)


@pytest.mark.django_db(transaction=True)
def test_a_task_delivered_again_has_one_effect(queue: str) -> None:
    change = submitted(small_bank(), "high")
    assert EvidenceOutbox.objects.filter(consumer="notifications").count() == 1
    send(queue, "relay_outbox", times=3)
    # The relay's commit sends for the delivery, which finds the others done by the first.
    eventually(lambda: Message.objects.filter(state="sent").count() == 3)
    send(queue, "deliver_messages", times=3)
    send(queue, "relay_outbox", times=2)

    with clock.at(BEFORE):
        window = window_in("open", planners(), capacity_changes=5, reserve_percent=0)
        book(window)
    send(queue, "check_window_capacity", times=3)
    warned = Message.objects.filter(kind="capacity", state="sent")
    eventually(lambda: warned.count() == 1)

    assert sorted((letter.to[0].partition("@")[0], letter.subject) for letter in mail.outbox) == [
        ("board.one", f"{change.code}: your signature is asked for"),
        ("board.two", f"{change.code}: your signature is asked for"),
        ("coordinator", f"{window.code}: changes booked to 100 %"),
        ("owner.card", f"{change.code}: your signature is asked for"),
    ]
    assert EvidenceEntry.objects.filter(action="system.capacity_warned").count() == 1
    assert not EvidenceOutbox.objects.exists()


def book(window: ReleaseWindow) -> None:
    as_door(bookings.book)(
        window_pk=window.pk, subject="package:a", load=Load(5, Decimal(1), 1),
        emergency=False, actor=SETUP,
    )  # fmt: skip
