"""A package follows what is decided about its changes, through the outbox."""

from __future__ import annotations

from copy import deepcopy

import pytest

from apps.changes.models import ChangeRequest
from apps.changes.services import requests
from apps.evidence.models import EvidenceOutbox
from apps.evidence.services.outbox import relay
from apps.gates.models import ReadinessItem
from apps.releases.models import ReleasePackage
from apps.releases.services.watch import follow_change, regress_unready
from tests.changes.worlds import sign
from tests.factories import actor
from tests.releases.worlds import Night, small_night
from tests.support import commit_now, once_a_module

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def change_of(package: ReleasePackage) -> ChangeRequest:
    return ChangeRequest.objects.get(memberships__package=package)


def approvals_gate(package: ReleasePackage) -> str:
    return ReadinessItem.objects.get(subject=package.subject, gate="G01").state


def test_an_edited_change_costs_its_package_the_readiness(night: Night) -> None:
    package = night.ready()
    with night.before():
        requests.edit_change(
            pk=change_of(package).pk,
            actor=actor(night.bank.requester),
            values={"backout_summary": "None."},
        )
        relay("releases", follow_change)
        assert approvals_gate(package) == "not_met"
        assert regress_unready() == [package.code]
        assert regress_unready() == []
    commit_now()
    package = ReleasePackage.objects.get(pk=package.pk)
    assert package.state == "planned"


def test_a_change_approved_again_is_scheduled_again(night: Night) -> None:
    package = night.planned()
    change = change_of(package)
    with night.before():
        requests.invalidate(
            pk=change.pk, actor=actor(night.bank.manager), comment="The auditor asked."
        )
        relay("releases", follow_change)
        sign(change, night.bank.owner)
        relay("releases", follow_change)
    commit_now()
    assert change_of(package).state == "scheduled"
    assert approvals_gate(package) == "met"
    assert not EvidenceOutbox.objects.filter(consumer="releases").exists()
