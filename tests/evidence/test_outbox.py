"""The relay: each entry has one effect per consumer, whatever dies in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from apps.accounts.models import Team
from apps.core.ids import uuid7
from apps.evidence.events import vocabulary
from apps.evidence.models import EvidenceConsumer, EvidenceEntry, EvidenceOutbox
from apps.evidence.services.outbox import ATTEMPTS, relay
from apps.notifications.models import Message
from apps.notifications.services.messages import notify
from apps.notifications.services.news import NEWS
from tests.factories import make_team, make_user
from tests.support import commit_now

CONSUMER = "watcher"


def watch(*teams: str) -> list[EvidenceOutbox]:
    """Teams that are founded, each waiting in the outbox for the consumer of these tests."""
    founded = [make_team(code).subject for code in teams]
    entries = EvidenceEntry.objects.filter(subject__in=founded).order_by("id")
    return [EvidenceOutbox.objects.create(entry=entry, consumer=CONSUMER) for entry in entries]


def waiting() -> int:
    return EvidenceOutbox.objects.filter(consumer=CONSUMER).count()


def writer() -> Callable[[EvidenceEntry], None]:
    """A handler whose effect is one more message for each call."""
    reader = make_user("reader", "viewer")

    def write(entry: EvidenceEntry) -> None:
        notify(
            recipient=reader,
            kind=Message.Kind.CHANGE,
            dedupe_key=f"{entry.subject}:{uuid7()}",
            subject_line="A team was founded",
            text="",
            about=entry.subject,
        )

    return write


class Died(BaseException):
    """The process is gone: nothing catches this."""


@pytest.mark.django_db
def test_the_database_fills_the_outbox_of_each_consumer_of_an_action() -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    EvidenceConsumer.objects.create(name="founders", actions=["team.created"])
    EvidenceConsumer.objects.create(name="everything", actions=[])
    EvidenceConsumer.objects.create(name="sealer", actions=["window.closed"])
    team = make_team("OPS")
    entry = EvidenceEntry.objects.get(subject=team.subject)
    found = EvidenceOutbox.objects.filter(entry=entry).values_list("consumer", flat=True)
    assert set(found) == {"founders", "everything"}


@pytest.mark.django_db
def test_every_consumer_of_the_settings_can_be_called_for_actions_that_exist() -> None:
    for consumer in settings.EVIDENCE_CONSUMERS:
        assert callable(import_string(consumer["handler"]))
        assert set(consumer["actions"]) <= vocabulary().keys()
    kept = dict(EvidenceConsumer.objects.values_list("name", "actions"))
    assert kept == {c["name"]: list(c["actions"]) for c in settings.EVIDENCE_CONSUMERS}
    assert set(kept["notifications"]) == NEWS.keys()


@pytest.mark.django_db
def test_entries_are_handled_once_in_their_order() -> None:
    rows = watch("OPS", "DBA", "CICS")
    seen: list[int] = []
    assert relay(CONSUMER, lambda entry: seen.append(entry.pk), batch=2) == 2
    assert relay(CONSUMER, lambda entry: seen.append(entry.pk)) == 1
    assert relay(CONSUMER, lambda entry: seen.append(entry.pk)) == 0
    assert seen == [row.entry_id for row in rows]
    assert waiting() == 0


@pytest.mark.django_db
def test_an_effect_that_fails_is_undone_and_noted_and_the_next_entry_goes_on() -> None:
    bad, _good = watch("OPS", "DBA")
    write = writer()

    def half(entry: EvidenceEntry) -> None:
        write(entry)
        if entry.pk == bad.entry_id:
            raise RuntimeError("no room left")

    assert relay(CONSUMER, half) == 1
    bad.refresh_from_db()
    assert (bad.attempts, bad.last_error) == (1, "RuntimeError: no room left")
    assert Message.objects.filter(about=bad.entry.subject).count() == 0
    assert relay(CONSUMER, write) == 1
    assert Message.objects.filter(about=bad.entry.subject).count() == 1
    assert waiting() == 0


@pytest.mark.django_db
def test_a_guard_that_fires_at_commit_is_a_failure_of_that_entry() -> None:
    row, other = watch("OPS", "DBA")

    def side_door(entry: EvidenceEntry) -> None:
        if entry.pk == row.entry_id:
            Team.objects.filter(code="OPS").update(
                name="Somebody else", evidence_seq=2, evidence_head=b"x"
            )

    assert relay(CONSUMER, side_door) == 1
    row.refresh_from_db()
    assert row.attempts == 1 and "without its evidence entry" in row.last_error
    assert not EvidenceOutbox.objects.filter(pk=other.pk).exists()
    commit_now()


@pytest.mark.django_db
def test_a_dead_letter_is_kept_and_left_alone() -> None:
    (row,) = watch("OPS")
    calls: list[int] = []

    def never(entry: EvidenceEntry) -> None:
        calls.append(entry.pk)
        raise RuntimeError("never")

    for _ in range(ATTEMPTS + 2):
        relay(CONSUMER, never)
    row.refresh_from_db()
    assert len(calls) == row.attempts == ATTEMPTS


@pytest.mark.django_db(transaction=True)
def test_a_relay_that_dies_after_the_effect_leaves_it_undone_and_it_is_done_again() -> None:
    (row,) = watch("OPS")
    write = writer()

    def die(entry: EvidenceEntry) -> None:
        write(entry)
        raise Died

    with pytest.raises(Died):
        relay(CONSUMER, die)
    row.refresh_from_db()
    assert row.attempts == 0
    assert Message.objects.count() == 0
    assert relay(CONSUMER, write) == 1
    assert Message.objects.filter(about=row.entry.subject).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_relays_at_once_have_one_effect_an_entry() -> None:
    rows = watch("OPS", "DBA", "CICS", "STOR", "SCHED", "NET")
    write = writer()
    start = threading.Barrier(2)
    meeting = threading.Barrier(2)
    counts: list[Any] = []
    met = threading.Event()

    def slow(entry: EvidenceEntry) -> None:
        if not met.is_set():
            # Both relays hold a row now, so neither runs after the other.
            meeting.wait(timeout=20)
            met.set()
        write(entry)

    def run() -> None:
        start.wait(timeout=20)
        try:
            counts.append(relay(CONSUMER, slow))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sum(counts) == len(rows) and len(counts) == 2 and min(counts) > 0
    told = Message.objects.values_list("about", flat=True)
    assert sorted(told) == sorted(row.entry.subject for row in rows)
    assert waiting() == 0
