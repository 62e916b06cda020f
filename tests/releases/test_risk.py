"""The risk of a package: that of its changes together, kept when it is confirmed and at start."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.changes.models import RiskAssessment
from apps.inventory.models import Asset
from apps.releases.models import ReleasePackage
from apps.releases.services import package as moves
from apps.releases.services.risk import reckon_package
from tests.factories import actor
from tests.releases.worlds import Night, small_night
from tests.support import once_a_module

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def assessments(package: ReleasePackage) -> list[RiskAssessment]:
    return list(RiskAssessment.objects.filter(about=package.subject))


def term(assessment: RiskAssessment, code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in assessment.terms if each["code"] == code)
    return found


def test_the_score_is_kept_when_it_is_confirmed_and_at_start(night: Night) -> None:
    package = night.started()
    assert [each.moment for each in assessments(package)] == ["confirm", "start"]
    change = package.members.get().change
    about_change = RiskAssessment.objects.filter(about=change.subject)
    assert [each.moment for each in about_change] == ["submit", "approval", "start"]


def test_what_differs_between_both_is_shown(night: Night, client: Client) -> None:
    package = night.ready()
    night.acknowledge(package)
    Asset.objects.filter(pk=night.bank.copybook.pk).update(change_count=9, bad_outcome_count=3)
    night.start_window()
    with night.at(5):
        moves.start(pk=package.pk, actor=actor(night.coordinator))
    confirmed, started = assessments(package)
    assert term(started, "history")["points"] > term(confirmed, "history")["points"]
    client.force_login(night.coordinator)
    page = client.get(reverse("admin:releases_releasepackage_change", args=[package.pk]))
    text = page.content.decode()
    assert "went badly in 3 of 9 changes" in text and "When it was confirmed" in text


def test_a_change_shows_its_score_at_approval_beside_that_at_start(
    night: Night, client: Client
) -> None:
    change = night.started().members.get().change
    client.force_login(night.coordinator)
    page = client.get(reverse("admin:changes_changerequest_change", args=[change.pk]))
    text = page.content.decode()
    assert "At approval" in text and "At start" in text


def test_the_band_is_the_higher_of_its_changes_and_its_score(night: Night) -> None:
    Asset.objects.filter(pk=night.bank.copybook.pk).update(change_count=900, bad_outcome_count=900)
    package = night.drafted()
    found = reckon_package(package, "confirm")
    assert found.score_band == "medium" and found.band == "medium"


def test_teams_of_the_plan_and_delays_count(night: Night) -> None:
    package = night.drafted()
    package.delay_count = 2
    found = reckon_package(package, "confirm")
    assert term(found, "delays")["points"] == pytest.approx(5 * 2 / 3)
    assert found.inputs["teams"] == 2
