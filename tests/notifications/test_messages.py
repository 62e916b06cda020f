"""A message is queued once, leaves once, and is tried again when it could not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import ProgrammingError, connection, transaction

from apps.accounts.models import User
from apps.core import clock
from apps.notifications.domain.letter import Letter, one_line
from apps.notifications.models import Message
from apps.notifications.services.messages import RETRY_AFTER_MINUTES, deliver_due, notify
from tests.factories import make_user

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def queue(recipient: User, key: str = "gate:1", **more: Any) -> Message | None:
    values = {
        "kind": Message.Kind.READINESS,
        "subject_line": "RP-1: gate G08 is due",
        "text": "Gate G08 is not met.",
        "about": "package:1",
        "url": "/admin/releases/",
        **more,
    }
    return notify(recipient=recipient, dedupe_key=key, **values)


@contextmanager
def broken_mail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> Iterator[None]:
    def send(letter: Letter) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("apps.notifications.services.messages.CHANNELS", {"mail": send})
        yield


@pytest.mark.django_db
def test_a_message_goes_out_as_a_mail_with_its_link() -> None:
    anna = make_user("anna")
    with clock.at(NOW):
        message = queue(anna)
        assert deliver_due() == 1
        assert deliver_due() == 0
    assert message is not None
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.attempts) == ("sent", NOW, 1)
    (letter,) = mail.outbox
    assert letter.to == ["anna@northgate.example"]
    assert letter.body == "Gate G08 is not met.\n\nhttp://localhost:8000/admin/releases/\n"
    assert letter.message()["Message-ID"] == f"<{message.pk}@interlock>"


@pytest.mark.django_db
def test_the_same_thing_is_told_once() -> None:
    anna, bert = make_user("anna"), make_user("bert")
    assert queue(anna) is not None
    assert queue(anna) is None
    assert queue(bert, "gate:2") is not None
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_nobody_writes_to_an_account_that_is_not_active() -> None:
    gone = make_user("gone")
    gone.is_active = False
    assert queue(gone) is None


@pytest.mark.django_db
def test_a_subject_cannot_carry_a_header() -> None:
    queue(make_user("anna"), subject_line="Due\r\nBcc: all@northgate.example\u2028now")
    assert deliver_due() == 1
    (letter,) = mail.outbox
    assert letter.subject == "Due Bcc: all@northgate.example now"
    assert letter.bcc == [] and letter.message()["Bcc"] is None


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["", "anna@x.example\nBcc: b@x.example", "anna"])
def test_a_wrong_address_is_told_and_not_tried_again(address: str) -> None:
    anna = make_user("anna")
    User.objects.filter(pk=anna.pk).update(email=address)
    queue(anna)
    assert deliver_due() == 0
    message = Message.objects.get()
    assert message.state == "failed" and "is not a mail address" in message.error
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_message_is_tried_five_times_and_does_not_hold_up_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = queue(make_user("anna"), "first")
    assert first is not None
    moment = first.due_at
    with broken_mail(monkeypatch, ConnectionRefusedError("no server\nhere")):
        for tries, minutes in enumerate(RETRY_AFTER_MINUTES, start=1):
            with clock.at(moment):
                assert deliver_due() == 0
            first.refresh_from_db()
            assert (first.state, first.attempts) == ("queued", tries)
            assert first.error == "ConnectionRefusedError: no server here"
            moment += timedelta(minutes=minutes)
            assert first.due_at == moment
    with clock.at(moment - timedelta(minutes=1)):
        queue(make_user("bert"), "second")
        assert deliver_due() == 1
    with broken_mail(monkeypatch, ConnectionRefusedError("no server")), clock.at(moment):
        deliver_due()
        assert deliver_due() == 0
    first.refresh_from_db()
    assert (first.state, first.attempts) == ("failed", 5)


@pytest.mark.django_db
def test_a_message_that_recovers_forgets_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    message = queue(make_user("anna"))
    assert message is not None
    with broken_mail(monkeypatch, TimeoutError("slow")), clock.at(message.due_at):
        deliver_due()
    with clock.at(message.due_at + timedelta(minutes=1)):
        assert deliver_due() == 1
    message.refresh_from_db()
    assert (message.state, message.error) == ("sent", "")


@pytest.mark.django_db
def test_the_application_deletes_no_message() -> None:
    queue(make_user("anna"))
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Message.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_at_once_send_each_message_once(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [make_user(name) for name in ("anna", "bert", "cora", "dirk")]
    for user in people:
        with transaction.atomic():
            queue(user, f"gate:{user.username}")
    sent: list[str] = []
    both = threading.Barrier(2)
    met = threading.Event()

    def send(letter: Letter) -> None:
        if not met.is_set():
            both.wait(timeout=20)
            met.set()
        sent.append(letter.address)

    def run() -> None:
        try:
            deliver_due()
        finally:
            connection.close()

    monkeypatch.setattr("apps.notifications.services.messages.CHANNELS", {"mail": send})
    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(sent) == [user.email for user in people]
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def test_a_line_is_cut_to_what_fits() -> None:
    assert one_line("a\tb\x00c\r\n d", 20) == "a b c d"
    assert one_line("x" * 30, 10) == "x" * 9 + "…"
