"""What the health page tells of the checks of the evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.reconciliation import reconcile
from apps.notifications.models import Message
from apps.notifications.services.news import tell_people
from tests.factories import make_team, make_user
from tests.support import without_guards

pytestmark = pytest.mark.django_db


def watched() -> dict[str, Any]:
    return dict(Client().get(reverse("readyz")).json()["checks"]["history"])


def test_a_check_that_never_ran_is_not_well() -> None:
    assert watched() == {"ok": False, "detail": "has not run yet"}


def test_a_clean_run_is_well_until_the_night_after() -> None:
    reconcile()
    assert watched()["ok"]
    with clock.at(clock.now() + timedelta(hours=27)):
        told = watched()
    assert (told["ok"], told["detail"]) == (False, "did not run last night")


def test_what_was_found_is_on_the_page_and_alarms_who_keeps_and_who_audits() -> None:
    make_team("OPS")
    auditor, keeper = make_user("auditor", "auditor"), make_user("keeper", "site_admin")
    without_guards("UPDATE accounts_team SET name = 'Others'")
    check = reconcile()
    tell_people(EvidenceEntry.objects.get(action="evidence.checked"))
    told = Message.objects.filter(recipient__in=[auditor, keeper])
    assert told.count() == 2 and "1 found" in told[0].subject_line
    assert reverse("admin:evidence_evidencecheck_change", args=[check.pk]) == told[0].url
    browser = Client()
    browser.force_login(keeper)
    page = browser.get(reverse("health")).content.decode()
    assert "1 found" in page and "Not well" in page
    assert "What is kept is not what its entry tells." in browser.get(told[0].url).content.decode()


def test_nobody_is_alarmed_by_a_clean_run() -> None:
    make_user("auditor", "auditor")
    reconcile()
    tell_people(EvidenceEntry.objects.get(action="evidence.checked"))
    assert not Message.objects.exists()
