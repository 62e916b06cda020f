"""Who is reminded of a gate that is due, how often, and where that stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.accounts.models import User
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of
from apps.gates.models import ReadinessItem
from apps.notifications.models import Message
from apps.notifications.services.reminders import remind_readiness
from apps.releases.models import ReleasePackage
from tests.factories import make_user
from tests.releases.worlds import Night, small_night
from tests.support import commit_now

pytestmark = pytest.mark.django_db

#: Late in the evening in Amsterdam: 20 minutes before local midnight.
EVENING = datetime(2026, 11, 19, 22, 40, tzinfo=UTC)


def gate_of(package: ReleasePackage, **more: Any) -> ReadinessItem:
    values = {
        "gate": "G08",
        "level": "hard",
        "state": "not_met",
        "detail": "The backout plan is not approved.",
        "due_at": EVENING + timedelta(hours=20),
        "owner": package.owner,
        "owner_role": "package_owner",
        **more,
    }
    item, _ = ReadinessItem.objects.update_or_create(
        subject=package.subject, gate=values.pop("gate"),
        defaults={"subject_code": package.code, **values},
    )  # fmt: skip
    return item


@pytest.fixture
def night() -> Night:
    return small_night()


@pytest.fixture
def package(night: Night) -> ReleasePackage:
    return night.draft(owner=night.bank.manager)


def told() -> list[tuple[str, str]]:
    return list(
        Message.objects.order_by("created_at", "recipient__username").values_list(
            "recipient__username", "subject_line"
        )
    )


def remind_at(moment: datetime) -> int:
    with clock.at(moment):
        return remind_readiness()


def test_the_owner_is_reminded_once_a_day_of_the_site(package: ReleasePackage) -> None:
    gate_of(package)
    assert remind_at(EVENING) == 1
    assert remind_at(EVENING + timedelta(minutes=10)) == 0
    assert remind_at(EVENING + timedelta(minutes=21)) == 1, "another day in Amsterdam"
    assert remind_at(EVENING + timedelta(hours=20)) == 0
    assert told() == [("manager", f"{package.code}: gate G08 is due")] * 2
    message = Message.objects.earliest("created_at")
    assert message.about == package.subject
    assert message.url == f"/admin/releases/releasepackage/{package.pk}/change/"
    assert "Fri 20 Nov 2026 19:40 (Europe/Amsterdam)" in message.text
    assert "The backout plan is not approved." in message.text


def test_a_reminder_is_evidence_about_the_package(package: ReleasePackage) -> None:
    gate_of(package)
    remind_at(EVENING)
    commit_now()
    entry = EvidenceEntry.objects.get(action="system.readiness_reminded")
    assert (entry.about, entry.actor_id, entry.at) == (package.subject, None, EVENING)
    assert body_of(entry)["facts"]["told"] == ["manager"]
    assert body_of(entry)["facts"]["gate"] == "G08"


def test_an_overdue_gate_is_called_so(package: ReleasePackage) -> None:
    gate_of(package, due_at=EVENING - timedelta(days=3))
    remind_at(EVENING)
    assert told() == [("manager", f"{package.code}: gate G08 is overdue")]


@pytest.mark.parametrize(
    "more",
    [
        {"state": "met"},
        {"state": "not_applicable"},
        {"due_at": EVENING + timedelta(hours=25)},
        {"due_at": None},
    ],
    ids=["met", "not applicable", "due later", "due at no time"],
)
def test_nobody_is_reminded_of(package: ReleasePackage, more: dict[str, Any]) -> None:
    gate_of(package, **more)
    assert remind_at(EVENING) == 0
    assert not EvidenceEntry.objects.filter(action="system.readiness_reminded").exists()


def test_nobody_is_reminded_of_a_package_that_left_its_window(night: Night) -> None:
    gate_of(night.cancelled(owner=night.bank.manager))
    assert remind_at(EVENING) == 0


def test_without_an_owner_those_who_answer_for_it_are_reminded(
    night: Night, package: ReleasePackage
) -> None:
    with night.before():
        make_user("second.coordinator", "release_coordinator")
    gate_of(package, owner=None)
    gate_of(package, gate="G10", owner=None, owner_role="release_coordinator")
    assert remind_at(EVENING) == 2
    assert {who for who, _ in told()} == {"manager", "coordinator", "second.coordinator"}
    assert EvidenceEntry.objects.filter(action="system.readiness_reminded").count() == 2


def test_an_owner_who_left_is_replaced_by_the_role(night: Night, package: ReleasePackage) -> None:
    User.objects.filter(pk=night.operator.pk).update(is_active=False)
    gate_of(package, owner=night.operator, owner_role="release_coordinator")
    remind_at(EVENING)
    assert [who for who, _ in told()] == ["coordinator"]


def test_looking_again_costs_the_same_for_many_gates(
    package: ReleasePackage, django_assert_max_num_queries: Any
) -> None:
    for gate in ("G01", "G02", "G08", "G09"):
        gate_of(package, gate=gate)
    assert remind_at(EVENING) == 4
    with django_assert_max_num_queries(4):
        assert remind_at(EVENING) == 0
