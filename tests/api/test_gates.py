"""The gates over HTTP: read with everything that people need, attested, confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from apps.gates.catalogue import GATES
from apps.releases.services import package as services
from tests.factories import actor
from tests.releases.worlds import Night

pytestmark = pytest.mark.django_db
SEEN = "Approved in Endevor, cast with backout; seen on the panel."


def test_the_readiness_of_a_package_has_every_gate_with_its_words(
    night: Night, call_as: Any
) -> None:
    package = night.planned(scm_package="CARD2611A")
    told = call_as(night.validator).get(f"/api/v1/packages/{package.pk}/").json()["readiness"]
    found = {item["gate"]: item for item in told}
    assert set(found) == {gate.code for gate in GATES}
    g07 = found["G07"]
    assert (g07["level"], g07["state"], g07["is_manual"]) == ("hard", "open", True)
    assert g07["title"] == "SCM package" and g07["help_text"].endswith("attests it.")
    assert g07["waivable_by"] == ["release_manager"]
    assert g07["due_at"] and g07["owner"]["username"] == night.coordinator.username


def test_a_gate_is_attested_and_confirmed(night: Night, call_as: Any) -> None:
    drafted = night.draft(scm_package="CARD2611A", changes=[night.change(risk="high")])
    package = services.plan(pk=drafted.pk, actor=actor(night.coordinator))
    address = f"/api/v1/packages/{package.pk}/moves/attest_gate/"
    sent = {"gate": "G07", "answer": "yes", "comment": SEEN}
    client = call_as(night.coordinator)
    answer = client.post(address, sent, HTTP_IF_MATCH=f'"{package.evidence_seq}"')
    assert answer.status_code == 200, answer.json()
    (row,) = client.get("/api/v1/attestations/?gate=G07").json()["results"]
    assert (row["state"], row["holds"]) == ("submitted", True)
    confirm = f"/api/v1/attestations/{row['id']}/moves/confirm/"
    again = client.post(confirm, {}, HTTP_IF_MATCH='"1"')
    assert again.status_code == 403
    other = call_as(night.manager).post(confirm, {}, HTTP_IF_MATCH='"1"')
    assert other.status_code == 200, other.json()
    told = client.get(f"/api/v1/packages/{package.pk}/").json()["readiness"]
    assert {i["gate"]: i["state"] for i in told}["G07"] == "met"


def test_an_automatic_gate_is_not_set_by_hand(night: Night, call_as: Any) -> None:
    package = night.planned()
    address = f"/api/v1/packages/{package.pk}/moves/attest_gate/"
    sent = {"gate": "G08", "answer": "yes", "comment": SEEN}
    answer = call_as(night.coordinator).post(
        address, sent, HTTP_IF_MATCH=f'"{package.evidence_seq}"'
    )
    assert answer.status_code == 400
    assert [blocker["field"] for blocker in answer.json()["blockers"]] == ["gate"]
