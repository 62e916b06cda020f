"""What an emergency leaves to be done: retrofits found, assigned and told, shown on its page."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.changes.models import ChangeRequest
from apps.changes.services import emergency as board
from apps.changes.services import requests
from apps.evidence.services.outbox import relay_all
from apps.inventory.models import Environment
from apps.notifications.models import Message
from apps.releases.selectors import retrofits_after
from apps.releases.services import night_decision as decision
from apps.releases.services import package
from apps.releases.services.evaluation import evaluate_due
from apps.releases.services.rules import ensure_rules
from tests.changes.worlds import draft, sign, submitted
from tests.factories import SETUP, actor
from tests.releases.test_conflicts import install
from tests.releases.worlds import NOTE, Night, small_night

pytestmark = pytest.mark.django_db

PATCH = {"action": "change", "from_version": "01.14", "to_version": "01.14.1"}


@pytest.fixture
def night(db: None) -> Night:
    ensure_rules()
    night = small_night()
    with night.before():
        install(pk=night.bank.copybook.pk, actor=SETUP, level="01.14",
                environment=Environment.objects.get(code="PROD"))  # fmt: skip
    return night


def mend(night: Night) -> ChangeRequest:
    """An emergency goes into production while everything else is still to come."""
    bank = night.bank
    with night.before():
        change = submitted(
            bank, change_type="emergency", incident_ref="INC1",
            assets=[PATCH | {"asset": bank.copybook}],
        )  # fmt: skip
        change = sign(change, bank.owner, night.manager)
    patch = night.draft([change], kind="emergency", window=None, incident_ref="INC1")
    night.with_plan(patch)
    night.acknowledge(patch)
    with night.at(5):
        package.emergency_start(pk=patch.pk, actor=actor(night.manager), comment=NOTE)
    for minute, label in ((10, "A1"), (20, "A2"), (30, "A3")):
        night.run(night.steps(patch)[label], minute)
    night.checked(patch)
    with night.at(50):
        decision.decide(pk=patch.pk, actor=actor(night.manager), decision="go")
    with night.at(55):
        package.complete(pk=patch.pk, actor=actor(night.coordinator))
    return ChangeRequest.objects.get(pk=change.pk)


def evaluated(night: Night) -> None:
    """What was recorded is handed on, the rules are asked, and what they found is handed on."""
    with night.at(56):
        relay_all()
        evaluate_due()
        relay_all()


def told(user: User) -> list[str]:
    found = Message.objects.filter(recipient=user, subject_line="Retrofit after an emergency")
    return [text.partition("\n\nReceipt")[0] for text in found.values_list("text", flat=True)]


def page(user: User, change: ChangeRequest) -> str:
    client = Client()
    client.force_login(user)
    response = client.get(f"/admin/changes/changerequest/{change.pk}/change/")
    return response.content.decode()


def test_a_package_built_on_the_old_version_has_to_be_built_again(night: Night) -> None:
    late = night.draft()
    change = mend(night)
    evaluated(night)
    (retrofit,) = retrofits_after(change)
    assert (retrofit.severity, retrofit.owner) == ("hard", late.coordinator)
    assert retrofit.text.startswith(f"{late.code} is built on CVACT01Y 01.14; production has")
    assert retrofit.fixes[0]["label"] == f"Retrofit: build {late.code} again on 01.14.1."
    assert told(night.coordinator) == [retrofit.text]


def test_so_has_a_change_that_is_in_no_package(night: Night) -> None:
    with night.before():
        waiting = draft(night.bank)
    change = mend(night)
    evaluated(night)
    (retrofit,) = retrofits_after(change)
    assert (retrofit.severity, retrofit.owner) == ("info", waiting.owner)
    assert told(waiting.owner) == [retrofit.text]
    with night.at(57):
        requests.edit_change(
            pk=waiting.pk, actor=actor(night.bank.requester), values={},
            parts={"assets": [PATCH | {"asset": night.bank.copybook, "from_version": "01.14.1",
                                       "to_version": "01.15"}]},
        )  # fmt: skip
    evaluated(night)
    assert not retrofits_after(change)


def test_what_is_built_on_the_emergency_needs_nothing(night: Night) -> None:
    with night.before():
        draft(
            night.bank,
            assets=[{"asset": night.bank.copybook, "action": "change", "from_version": "01.14.1",
                     "to_version": "01.15"}],
        )  # fmt: skip
    change = mend(night)
    evaluated(night)
    assert not retrofits_after(change)


def test_the_page_of_the_emergency_tells_what_it_leaves_to_be_done(night: Night) -> None:
    late = night.draft()
    change = mend(night)
    evaluated(night)
    with night.at(60):
        board.refuse_ratification(
            pk=change.pk, actor=actor(night.bank.board[0]), comment="No totals were shown."
        )
        shown = page(night.manager, change)
    assert "Follow-ups" in shown and f"Retrofit: build {late.code} again on 01.14.1." in shown
    assert "Ratification" in shown and "No totals were shown." in shown
    assert "Post-implementation review" in shown


def test_an_ordinary_change_has_no_follow_ups(night: Night) -> None:
    with night.before():
        change = draft(night.bank)
        assert "Follow-ups" not in page(night.manager, change)
