"""A record that changes while the rules are asked about it, with real commits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection, transaction

from apps.core import clock
from apps.releases.models import EvaluationDue, Finding
from apps.releases.services import evaluation
from apps.releases.services.evaluation import EVALUATION_LOCK, Outcome
from tests.releases.findings import missing, saying
from tests.releases.worlds import small_night

pytestmark = pytest.mark.django_db(transaction=True)


def mark(subject: str) -> None:
    """As the relay does for an entry about the record."""
    EvaluationDue.objects.bulk_create(
        [EvaluationDue(subject=subject, since=clock.now())], ignore_conflicts=True
    )


def waits_for_somebody() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_a_mark_made_while_its_evaluation_runs_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    subject = f"package:{uuid4()}"
    mark(subject)

    def marked_meanwhile() -> None:
        try:
            mark(subject)
        finally:
            connection.close()

    relay = Thread(target=marked_meanwhile)

    def ask(subjects: Iterable[str]) -> Outcome:
        assert list(subjects) == [subject]
        relay.start()
        while relay.is_alive() and not waits_for_somebody():
            relay.join(0.01)
        return Outcome()

    monkeypatch.setattr(evaluation, "evaluate_subjects", ask)
    evaluation.evaluate_due()
    relay.join()
    assert [due.subject for due in EvaluationDue.objects.all()] == [subject]


@contextmanager
def another_evaluation() -> Iterator[None]:
    """It runs in a connection of its own; who waits for it for over a second fails."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [EVALUATION_LOCK])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        yield
    finally:
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def test_marks_stay_while_another_evaluation_runs() -> None:
    subject = f"package:{uuid4()}"
    mark(subject)
    with another_evaluation():
        assert evaluation.evaluate_due() == Outcome()
    assert [due.subject for due in EvaluationDue.objects.all()] == [subject]
    evaluation.evaluate_due()
    assert not EvaluationDue.objects.exists()


def test_who_changed_something_does_not_wait_for_another_evaluation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    night = small_night()
    package = night.draft()
    with transaction.atomic():
        saying(monkeypatch)(package, missing(package, [night.bank.copybook]))
    with another_evaluation():
        assert evaluation.evaluate_now(Finding.objects.get()) == Outcome()
