"""Packages and windows of a night in the console."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.releases.models import ReleasePackage
from tests.releases.worlds import Night, small_night
from tests.support import once_a_module

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, name: str, obj: Any = None) -> str:
    response = client.get(reverse(f"admin:releases_{name}", args=[obj.pk] if obj else []))
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_of_a_package_tells_plan_gates_and_what_locks_the_next_move(
    night: Night,
) -> None:
    package = night.planned()
    html = page(signed_in(night.coordinator), "releasepackage_change", package)
    for text in ("G08", "Backout", "A2", "Copy load", "V1", "10 of 12", "Confirm ready"):
        assert text in html


def test_the_page_of_a_window_offers_its_night(night: Night) -> None:
    night.ready()
    night.start_window()
    client = signed_in(night.manager)
    html = client.get(
        reverse("admin:windows_releasewindow_change", args=[night.window.pk])
    ).content.decode()
    assert "Hand back" in html and "RP-2611-01" in html


def test_a_night_is_drawn_for_its_package_and_for_all_of_its_window(night: Night) -> None:
    """With one query for any number of packages, and without a style attribute."""
    client = signed_in(night.manager)
    window = reverse("admin:windows_releasewindow_change", args=[night.window.pk])
    counts = []
    for _ in range(2):
        package = night.ready()
        with CaptureQueriesContext(connection) as queries:
            html = client.get(window).text
        counts.append(len(queries))
    assert counts[0] == counts[1]
    for shown in (html, page(client, "releasepackage_change", package)):
        assert shown.count('<rect class="g-plan"') > 1
        picture = shown.partition('<svg class="il-gantt"')[2].partition("</svg>")[0]
        assert "cut-off" in picture and "style=" not in picture


def test_a_package_is_drafted_in_the_console(night: Night) -> None:
    change = night.change()
    client = signed_in(night.coordinator)
    assert "Add package" in page(client, "releasepackage_add")
    response = client.post(
        reverse("admin:releases_releasepackage_add"),
        {
            "name": "From the console",
            "window": night.window.pk,
            "kind": "planned",
            "owner": night.coordinator.pk,
            "coordinator": night.coordinator.pk,
            "points": "",
            "members-TOTAL_FORMS": "1",
            "members-INITIAL_FORMS": "0",
            "members-0-change": change.pk,
            "dependencies-TOTAL_FORMS": "0",
            "dependencies-INITIAL_FORMS": "0",
        },
    )
    assert response.status_code == 302, response.content.decode()[:3000]
    package = ReleasePackage.objects.get()
    assert (package.points, package.members.get().change) == (1, change)


def test_a_move_is_refused_on_the_page_with_its_reason(night: Night) -> None:
    package = night.draft(changes=[])
    response = signed_in(night.coordinator).post(
        reverse("admin:releases_releasepackage_move", args=[package.pk, "plan"]),
        {"evidence_seq": package.evidence_seq},
    )
    assert response.status_code == 409
    assert "carries no change" in response.content.decode()


def test_who_only_reads_gets_no_inputs(night: Night) -> None:
    package = night.draft()
    html = page(signed_in(night.validator), "releasepackage_change", package)
    assert 'name="name"' not in html


def test_the_list_costs_the_same_at_one_and_three(night: Night) -> None:
    client = signed_in(night.coordinator)
    counts = []
    night.planned()
    page(client, "releasepackage_changelist")
    for more in (0, 2):
        for _ in range(more):
            night.planned()
        with CaptureQueriesContext(connection) as queries:
            page(client, "releasepackage_changelist")
        counts.append(len(queries))
    assert counts[0] == counts[1]
