"""What people attest where no gate can see for itself."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from apps.changes.services import requests
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.ledger import lock, record
from apps.gates.models import Attestation, ReadinessItem
from apps.inventory.models import ScmPackage
from apps.releases import events
from apps.releases.models import ReleasePackage
from apps.releases.services import package as services
from apps.releases.services.attestations import (
    attest_gate,
    confirm_attestation,
    refuse_attestation,
)
from apps.releases.services.watch import regress_unready
from tests.changes.worlds import SCOPE_LINE
from tests.factories import actor, make_user
from tests.releases.worlds import AS_IS, BEFORE, Night, small_night
from tests.support import commit_now, once_a_module, refused, refused_by_database

pytestmark = pytest.mark.django_db
SEEN = "Approved in Endevor, cast with backout; seen on the panel."


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def planned(night: Night, **more: Any) -> ReleasePackage:
    return night.planned(scm_package="CARD2611A", **more)


def risky(night: Night) -> ReleasePackage:
    package = night.draft(changes=[night.change(risk="high")], scm_package="CARD2611A")
    with night.before():
        return services.plan(pk=package.pk, actor=actor(night.coordinator))


def attest(night: Night, package: ReleasePackage, by: Any = None, **more: Any) -> Attestation:
    with night.before():
        given: dict[str, Any] = {"gate": "G07", "comment": SEEN, **more}
        return attest_gate(pk=package.pk, actor=actor(by or night.coordinator), **given)


def state_of(package: ReleasePackage, gate: str = "G07") -> str:
    return ReadinessItem.objects.get(subject=package.subject, gate=gate).state


def test_what_is_attested_is_met_and_tells_its_evidence(night: Night) -> None:
    package = planned(night)
    assert state_of(package) == "open"
    with night.before(), refused("gate_g07"):
        services.confirm_ready(pk=package.pk, actor=actor(night.coordinator), **AS_IS)
    row = attest(night, package)
    commit_now()
    assert state_of(package) == "met"
    assert ReadinessItem.objects.get(gate="G07").attestation == row
    entry = EvidenceEntry.objects.get(action="attestation.submitted")
    assert entry.about == package.subject
    with night.before():
        services.confirm_ready(pk=package.pk, actor=actor(night.coordinator), **AS_IS)


@pytest.mark.parametrize(
    ("who", "more", "code"),
    [
        ("coordinator", {"gate": "G08"}, "automatic_gate"),
        ("coordinator", {"gate": "G99"}, "invalid"),
        ("coordinator", {"comment": "Seen."}, "invalid"),
        ("coordinator", {"answer": "perhaps"}, "invalid"),
        ("coordinator", {"exhibit": "0190b2f0-0000-7000-8000-000000000000"}, "invalid"),
        ("coordinator", {"gate": "G14"}, "role_missing"),
        ("operator", {}, "role_missing"),
        ("coordinator", {"content_digest": "0" * 64}, "old_content"),
    ],
)
def test_who_may_not_attest_what(night: Night, who: str, more: dict[str, Any], code: str) -> None:
    package = planned(night)
    with refused(code):
        attest(night, package, getattr(night, who), **more)


def test_from_high_risk_on_a_second_person_confirms(night: Night) -> None:
    package = risky(night)
    row = attest(night, package)
    assert state_of(package) == "submitted"
    with night.before():
        with refused("second_person"):
            confirm_attestation(pk=row.pk, actor=actor(night.coordinator))
        with refused("role_missing"):
            confirm_attestation(pk=row.pk, actor=actor(night.operator))
        confirm_attestation(pk=row.pk, actor=actor(night.manager))
    commit_now()
    assert state_of(package) == "met"


def test_the_database_knows_no_second_person_who_is_the_first(night: Night) -> None:
    row = attest(night, risky(night))
    with night.before(), refused_by_database("gates_second_person_verifies"):
        locked = lock(Attestation, row.pk)
        locked.confirm()
        locked.verified_by_id, locked.verified_at = row.submitted_by_id, BEFORE
        record(locked, actor=actor(night.manager), event=events.ATTESTATION_CONFIRMED)


def test_what_the_second_person_refuses_is_not_met_until_it_is_attested_anew(night: Night) -> None:
    package = risky(night)
    row = attest(night, package)
    with night.before():
        refuse_attestation(pk=row.pk, actor=actor(night.manager), comment="It is In-Edit.")
    item = ReadinessItem.objects.get(subject=package.subject, gate="G07")
    assert (item.state, "It is In-Edit." in item.detail) == ("not_met", True)
    attest(night, package)
    commit_now()
    states = Attestation.objects.order_by("submitted_at", "id").values_list("state", flat=True)
    assert list(states) == ["superseded", "submitted"]


def test_a_ready_package_regresses_when_what_was_attested_is_built_again(night: Night) -> None:
    package = planned(night)
    attest(night, package)
    with night.before():
        services.confirm_ready(pk=package.pk, actor=actor(night.coordinator), **AS_IS)
        assert regress_unready() == []
        change = package.members.get().change
        requests.edit_change(
            pk=change.pk, actor=actor(night.bank.developer), values={},
            parts={"assets": [SCOPE_LINE | {"asset": night.bank.copybook, "to_version": "01.16"}]},
        )  # fmt: skip
        assert regress_unready() == [package.code]
    assert state_of(package) == "expired"


@pytest.mark.parametrize(("status", "state"), [("APPROVED", "met"), ("IN-EDIT", "not_met")])
def test_what_the_tool_told_counts_more_than_what_anybody_says(
    night: Night, status: str, state: str
) -> None:
    package = planned(night)
    ScmPackage.objects.create(
        tool="endevor", package_id="CARD2611A", status=status, feed="test", last_seen_at=BEFORE
    )
    attest(night, package)
    assert state_of(package) == state


def test_the_owner_of_a_package_answers_for_its_own_gates(night: Night) -> None:
    owner = make_user("package.owner", "developer")
    package = planned(night, owner=owner)
    row = attest(night, package, owner, gate="G17", answer="no")
    assert (row.holds, row.submitted_by) == (False, owner)
    with refused("role_missing"):
        attest(night, package, owner)
