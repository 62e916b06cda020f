"""A soft gate that is not met is let stand by whoever confirms the package, with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.console.forms import MoveForm
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of
from apps.releases.models import ReleasePackage
from apps.releases.moves.package import PACKAGE_MOVES
from apps.releases.services import package as services
from apps.releases.services.go_no_go import stands_of
from apps.releases.services.readiness_matrix import Cell, readiness_matrix
from tests.factories import actor
from tests.releases.worlds import Night, small_night
from tests.support import commit_now, refused

pytestmark = pytest.mark.django_db
WHY = "The totals are compared by hand tonight; the test comes on Monday."


@pytest.fixture
def night() -> Night:
    return small_night()


@pytest.fixture
def package(night: Night) -> ReleasePackage:
    """Of low risk, and never tested: G06 is soft and not met."""
    return night.planned()


def confirm(night: Night, package: ReleasePackage, *gates: str, why: str = "") -> ReleasePackage:
    with night.before():
        return services.confirm_ready(
            pk=package.pk, actor=actor(night.coordinator), soft_gates=gates, comment=why
        )


def cell(night: Night, gate: str = "G06") -> Cell:
    with night.before():
        (row,) = readiness_matrix(actor(night.coordinator), gate=gate).rows
    return row.cells[0]


def test_the_door_asks_for_each_soft_gate_by_its_name(
    night: Night, package: ReleasePackage
) -> None:
    with refused("soft_gate") as caught:
        confirm(night, package, why=WHY)
    named = {blocker.text[:3] for blocker in caught.value.blockers}  # type: ignore[attr-defined]
    assert "G06" in named
    with refused("soft_gate"):
        confirm(night, package, *(named - {"G06"}), why=WHY)
    with refused("required") as caught:
        confirm(night, package, *named)
    (why,) = caught.value.blockers  # type: ignore[attr-defined]
    assert why.field == "comment"
    assert confirm(night, package, *named, why=WHY).state == "ready"


def test_who_let_it_stand_and_why_is_kept_and_told_until_it_is_planned_again(
    night: Night, package: ReleasePackage
) -> None:
    codes = [code for code, _ in services.soft_choices(package)]
    assert cell(night).state in ("not_met", "overdue")
    done = confirm(night, package, *codes, why=WHY)
    commit_now()
    entry = EvidenceEntry.objects.filter(action="package.confirmed").latest("id")
    assert WHY in str(body_of(entry))
    assert {told["gate"] for told in done.soft_gates} == set(codes)
    seen = cell(night)
    assert seen.state == "acknowledged" and not seen.is_mine
    assert seen.acknowledged is not None and seen.acknowledged.reason == WHY
    with night.before():
        (stand,) = stands_of([done])
    assert any(f"G06 is not met, acknowledged by {night.coordinator}: " in one
               for one in stand.let_pass)  # fmt: skip
    with night.before():
        again = services.regress(pk=done.pk, actor=actor(night.coordinator), comment="Another step")
    assert again.soft_gates == []


def test_the_form_lists_the_soft_gates_to_tick(night: Night, package: ReleasePackage) -> None:
    client = Client()
    client.force_login(night.coordinator)
    with night.before():
        address = reverse("admin:releases_releasepackage_change", args=[package.pk])
        told = client.get(address).content.decode()
    assert 'type="checkbox" name="soft_gates" value="G06"' in told
    assert "Soft gates that I let stand as they are" in told


def test_a_package_whose_soft_gates_are_met_has_nothing_to_tick(night: Night) -> None:
    found: Any = next(move for move in PACKAGE_MOVES if move.name == "confirm_ready")
    assert "soft_gates" not in MoveForm(found, night.draft()).fields
