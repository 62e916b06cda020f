"""Who is reminded of a gate that is due, how often, and where that stands."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.accounts.models import User
from apps.accounts.services.people import edit_user
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of
from apps.evidence.services.ledger import record_created
from apps.gates.models import Attestation, ReadinessItem
from apps.notifications.models import Message
from apps.notifications.services.reminders import chase, remind_readiness
from apps.releases.events import ATTESTATION_SUBMITTED
from apps.releases.models import ReleasePackage
from tests.factories import SETUP, actor, make_user
from tests.releases.worlds import Night, small_night
from tests.support import commit_now, once_a_module, refused

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


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


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


def test_the_owner_is_reminded_once_at_each_time_and_daily_when_it_is_overdue(
    package: ReleasePackage,
) -> None:
    due = EVENING + timedelta(days=5)
    gate_of(package, due_at=due)
    assert remind_at(EVENING) == 1
    assert remind_at(EVENING + timedelta(minutes=10)) == 0
    assert remind_at(due - timedelta(hours=24)) == 1
    assert remind_at(due - timedelta(hours=4)) == 1
    assert remind_at(due) == 1
    assert remind_at(due + timedelta(minutes=10)) == 0
    assert remind_at(due + timedelta(minutes=21)) == 1, "another day in Amsterdam"
    words = ["within 5 days", "within a day", "within 4 hours"]
    of_owner = [line for who, line in told() if who == "manager"]
    assert of_owner == [
        *(f"{package.code}: gate G08 is due {each}" for each in words),
        *[f"{package.code}: gate G08 is overdue"] * 2,
    ]
    message = Message.objects.earliest("created_at")
    assert message.about == package.subject
    assert message.url == f"/admin/releases/releasepackage/{package.pk}/change/"
    assert "Tue 24 Nov 2026 23:40 (Europe/Amsterdam)" in message.text
    assert "The backout plan is not approved." in message.text


def test_an_overdue_gate_escalates_to_the_manager_the_coordinator_and_the_release_manager(
    night: Night, package: ReleasePackage
) -> None:
    with night.before():
        boss = make_user("boss", "application_owner")
        edit_user(pk=night.bank.manager.pk, actor=SETUP, values={"manager": boss})
    gate_of(package, due_at=EVENING + timedelta(hours=3), level="soft")
    remind_at(EVENING)
    assert {who for who, _ in told()} == {"manager", "coordinator"}
    remind_at(EVENING + timedelta(hours=4))
    assert [who for who, _ in told()].count("boss") == 1
    assert "release.manager" not in {who for who, _ in told()}
    remind_at(EVENING + timedelta(hours=28))
    assert "release.manager" in {who for who, _ in told()}
    note = Message.objects.filter(recipient=boss).latest("created_at").text
    assert "It waits for manager." in note
    commit_now()
    last = EvidenceEntry.objects.filter(action="system.readiness_reminded").latest("id")
    facts = body_of(last)["facts"]
    assert (facts["told"], facts["escalated"]) == (
        ["manager"], ["coordinator", "boss", "release.manager"],
    )  # fmt: skip


def test_two_beats_tell_everybody_once(package: ReleasePackage) -> None:
    gate_of(package, due_at=EVENING - timedelta(days=2))
    assert [remind_at(EVENING), remind_at(EVENING)] == [1, 0]
    people = [who for who, _ in told()]
    assert len(people) == len(set(people))


def test_one_click_reminds_the_owner_and_not_twice_in_an_hour(
    night: Night, package: ReleasePackage
) -> None:
    item = gate_of(package)
    with clock.at(EVENING):
        chase(pk=item.pk, actor=actor(night.coordinator), comment="The desk asks.")
        chase(pk=item.pk, actor=actor(night.manager))
    with clock.at(EVENING + timedelta(minutes=59)), refused("chased_already"):
        chase(pk=item.pk, actor=actor(night.coordinator))
    with clock.at(EVENING + timedelta(minutes=60)):
        chase(pk=item.pk, actor=actor(night.coordinator))
    assert [who for who, _ in told()] == ["manager"] * 3
    assert "The desk asks.\nReminded by" in Message.objects.earliest("id").text
    entries = EvidenceEntry.objects.filter(action="system.readiness_chased")
    assert entries.count() == 3 and {entry.about for entry in entries} == {package.subject}


def test_nobody_is_reminded_by_hand_of_what_is_met(night: Night, package: ReleasePackage) -> None:
    item = gate_of(package, state="waived")
    with clock.at(EVENING), refused("not_open"):
        chase(pk=item.pk, actor=actor(night.coordinator))


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
    assert ("manager", f"{package.code}: gate G08 is overdue") in told()


@pytest.mark.parametrize(
    "more",
    [
        {"state": "met"},
        {"state": "not_applicable"},
        {"due_at": EVENING + timedelta(days=5, minutes=1)},
        {"state": "waived"},
        {"due_at": None},
    ],
    ids=["met", "not applicable", "due later", "waived", "due at no time"],
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


def submitted(package: ReleasePackage, by: User, **more: Any) -> ReadinessItem:
    with clock.at(EVENING - timedelta(hours=1)):
        row = record_created(
            Attestation(
                about=package.subject, about_name=package.code, gate="G07", holds=True,
                text="Seen on the panel.", submitted_by=by, submitted_at=clock.now(),
            ),
            actor=actor(by), event=ATTESTATION_SUBMITTED, about=package.subject,
        )  # fmt: skip
    return gate_of(
        package, gate="G07", state="submitted", attestation=row, owner=package.coordinator,
        owner_role="release_coordinator", due_at=EVENING + timedelta(days=20), **more,
    )  # fmt: skip


def test_whoever_should_confirm_an_attestation_is_reminded_and_not_who_made_it(
    night: Night, package: ReleasePackage
) -> None:
    item = submitted(package, by=night.coordinator)
    assert [remind_at(EVENING), remind_at(EVENING)] == [1, 0]
    assert told() == [("release.manager", f"{package.code}: gate G07 waits for a second person")]
    with clock.at(EVENING):
        assert chase(pk=item.pk, actor=actor(night.coordinator)) == [night.manager]


def test_the_coordinator_confirms_what_the_owner_attested(
    night: Night, package: ReleasePackage
) -> None:
    submitted(package, by=package.owner)
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
