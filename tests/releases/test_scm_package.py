"""What a source code manager told of a package, on the package's page and over the interface."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.services.tokens import create_token
from apps.core import clock
from apps.integrations.services.imports import import_files
from tests.factories import SETUP, actor
from tests.releases.worlds import BEFORE, Night, small_night

pytestmark = pytest.mark.django_db

TOLD = {
    "data": [
        {
            "pkgId": "CARD2611B",
            "description": "ACCOUNT RECORD 340",
            "status": "APPROVED",
            "backoutFlag": "N",
            "windowStartDate": "2026-11-21T22:00:00.00+0000",
        }
    ]
}


@pytest.fixture
def night(tmp_path: Path) -> Night:
    made = small_night()
    listing = tmp_path / "packages.json"
    listing.write_text(json.dumps(TOLD))
    with clock.at(BEFORE):
        import_files(actor=SETUP, file_format="endevor", paths=[listing])
    return made


def test_the_page_of_a_package_tells_what_endevor_told(night: Night) -> None:
    package = night.draft(scm_package="CARD2611B")
    client = Client()
    client.force_login(night.coordinator, backend="django.contrib.auth.backends.ModelBackend")
    html = client.get(reverse("admin:releases_releasepackage_change", args=[package.pk])).text
    for text in ("Source code manager", "APPROVED", "ACCOUNT RECORD 340", "Backout not enabled"):
        assert text in html


def test_packages_of_source_code_managers_are_read_over_the_interface(night: Night) -> None:
    person = night.coordinator
    _, text = create_token(
        pk=person.pk, actor=actor(person), name="test", lifetime=timedelta(hours=1)
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    told = client.get("/api/v1/scm-packages/?package_id=CARD2611B").json()["results"]
    assert [(row["tool"], row["status"], row["backout_enabled"]) for row in told] == [
        ("endevor", "APPROVED", False)
    ]
