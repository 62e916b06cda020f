"""Findings and rules in the console and over the programming interface."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.accounts.services.tokens import create_token
from apps.evidence.models import EvidenceEntry
from apps.inventory.models import Asset
from apps.releases.domain.findings import Detected, Fix
from apps.releases.models import Finding, ReleasePackage, Rule
from tests.factories import actor, make_user
from tests.releases.findings import Say, missing, saying
from tests.releases.worlds import Night, small_night
from tests.support import once_a_module

pytestmark = pytest.mark.django_db


built = once_a_module(small_night)


@pytest.fixture
def night(built: Night, db: None) -> Night:
    return deepcopy(built)


@pytest.fixture
def package(night: Night) -> ReleasePackage:
    return night.draft()


@pytest.fixture
def assets(package: ReleasePackage) -> list[Asset]:
    return list(Asset.objects.order_by("name")[:2])


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Say:
    return saying(monkeypatch)


@pytest.fixture
def finding(package: ReleasePackage, assets: list[Asset], say: Say) -> Finding:
    say(package, missing(package, assets))
    return Finding.objects.get()


@pytest.fixture
def browse() -> Callable[[User], Client]:
    def client(user: User) -> Client:
        made = Client()
        made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return made

    return client


@pytest.fixture
def call() -> Callable[[User], APIClient]:
    def client(user: User) -> APIClient:
        _, text = create_token(
            pk=user.pk, actor=actor(user), name="test", lifetime=timedelta(hours=1)
        )
        made = APIClient()
        made.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return made

    return client


def test_the_page_of_a_package_names_what_is_missing_and_what_happens_otherwise(
    night: Night, package: ReleasePackage, finding: Finding, browse: Any
) -> None:
    url = reverse("admin:releases_releasepackage_change", args=[package.pk])
    html = browse(night.coordinator).get(url).text
    assert "2 programs are not recompiled." in html
    assert finding.rule.symptom in html.replace("&#x27;", "'").replace("&quot;", '"')
    assert "1 hard" in html


def test_the_page_of_a_finding_lists_all_assets_and_the_rule(
    night: Night, finding: Finding, assets: list[Asset], browse: Any
) -> None:
    url = reverse("admin:releases_finding_change", args=[finding.pk])
    html = browse(night.coordinator).get(url).text
    for text in (*(asset.name for asset in assets), "Acknowledge", "RP-2611-01", "Waivable by"):
        assert text in html


def test_a_finding_is_acknowledged_in_the_console(
    night: Night, finding: Finding, browse: Any
) -> None:
    url = reverse("admin:releases_finding_move", args=[finding.pk, "acknowledge"])
    sent = {"evidence_seq": 1, "comment": "The team recompiles them."}
    assert browse(night.coordinator).post(url, sent).status_code == 302
    finding = Finding.objects.get()
    assert (finding.state, finding.remark) == ("acknowledged", "The team recompiles them.")


def test_the_page_of_a_package_costs_the_same_for_any_number_of_findings(
    night: Night, package: ReleasePackage, assets: list[Asset], say: Say, browse: Any
) -> None:
    client = browse(night.coordinator)
    url = reverse("admin:releases_releasepackage_change", args=[package.pk])
    counts = []
    for number in (1, 4):
        found = [
            Detected("C02", (package.subject, str(n)), "x", packages=(package.pk,))
            for n in range(number)
        ]
        say(package, *found)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_rules_are_edited_by_those_who_keep_them_only(night: Night, browse: Any) -> None:
    rule = Rule.objects.get(code="C01")
    url = reverse("admin:releases_rule_change", args=[rule.pk])
    values = {name: getattr(rule, name) for name in
              ("title", "condition", "requirement", "symptom", "waivable_by")}  # fmt: skip
    sent = {**values, "evidence_seq": 1, "severity": "soft", "is_active": "on"}
    assert browse(night.coordinator).post(url, sent).status_code == 403
    assert browse(make_user("keeper", "site_admin")).post(url, sent).status_code == 302
    rule.refresh_from_db()
    assert (rule.severity, rule.evidence_seq) == ("soft", 2)


def test_a_finding_is_read_with_all_its_assets(
    night: Night, finding: Finding, assets: list[Asset], call: Any
) -> None:
    told = call(night.coordinator).get(f"/api/v1/completeness-findings/{finding.pk}/").json()
    assert told["rule"]["code"] == "C01"
    assert {asset["name"] for asset in told["assets"]} == {asset.name for asset in assets}
    assert [package["code"] for package in told["packages"]] == ["RP-2611-01"]


def test_findings_of_the_other_kind_are_not_among_the_conflicts(
    night: Night, finding: Finding, call: Any
) -> None:
    client = call(night.coordinator)
    assert client.get("/api/v1/conflicts/").json()["results"] == []
    assert client.get(f"/api/v1/conflicts/{finding.pk}/").status_code == 404
    assert len(client.get("/api/v1/completeness-findings/").json()["results"]) == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [("package=RP-2611-01", 1), ("state=vanished", 0), ("rule=C01", 1), ("severity=soft", 0),
     ("is_detected=true", 1)],
)  # fmt: skip
def test_findings_are_filtered(
    night: Night, finding: Finding, call: Any, query: str, count: int
) -> None:
    answer = call(night.coordinator).get(f"/api/v1/completeness-findings/?{query}")
    assert len(answer.json()["results"]) == count


def test_a_finding_is_acknowledged_and_a_hard_one_not_resolved_over_the_interface(
    night: Night, finding: Finding, call: Any
) -> None:
    client, url = call(night.coordinator), f"/api/v1/completeness-findings/{finding.pk}/moves"
    done = client.post(f"{url}/acknowledge/", {"comment": "On it.", "version": 1}, format="json")
    assert (done.status_code, done.json()["state"]) == (200, "acknowledged")
    refused = client.post(f"{url}/resolve/", {"comment": "Done."}, format="json")
    assert refused.status_code == 409
    assert [blocker["code"] for blocker in refused.json()["blockers"]] == ["still_there"]


def test_the_list_of_findings_costs_the_same_for_one_and_for_three(
    night: Night, package: ReleasePackage, say: Say, call: Any
) -> None:
    client, counts = call(night.coordinator), []
    client.get("/api/v1/completeness-findings/")
    for number in (1, 3):
        found = [
            Detected("C02", (package.subject, str(n)), "x", packages=(package.pk,))
            for n in range(number)
        ]
        say(package, *found)
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/v1/completeness-findings/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# One click.


def a_missing_bind(package: ReleasePackage, asset: Asset) -> Detected:
    row = {"package": str(package.pk), "type": "BIND_PACKAGE", "title": "Bind the package",
           "label": "N1", "targets": [str(asset.pk)], "after": [], "before": []}  # fmt: skip
    return Detected(
        "C03", (package.subject,), "The package is not bound.", packages=(package.pk,),
        assets=(asset.pk,), fixes=(Fix("add_steps", "Add BIND_PACKAGE step", (row,)),),
    )  # fmt: skip


def the_fix(finding: Finding) -> str:
    """The name of its only fix, as pages and the interface tell it."""
    (fix,) = finding.proposed
    return fix.name


def test_a_fix_is_one_click_on_the_page_of_the_package(
    night: Night, package: ReleasePackage, assets: list[Asset], say: Say, browse: Any
) -> None:
    night.step(package, "A1", "COPY_LOAD")
    say(package, a_missing_bind(package, assets[0]))
    finding, client = Finding.objects.get(), browse(night.coordinator)
    page = reverse("admin:releases_releasepackage_change", args=[package.pk])
    assert "Add BIND_PACKAGE step" in client.get(page).text
    url = reverse("admin:releases_finding_move", args=[finding.pk, "fix"])
    answer = client.post(url, {"evidence_seq": 1, "fix": the_fix(finding), "next": page})
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert package.activities.filter(type="BIND_PACKAGE", targets__asset=assets[0]).exists()
    assert "look whether that is right." in (client.get(page).text)


def test_a_fix_that_the_plan_does_not_allow_says_why(
    night: Night, package: ReleasePackage, assets: list[Asset], say: Say, call: Any
) -> None:
    say(package, a_missing_bind(package, assets[0]))
    url = f"/api/v1/completeness-findings/{Finding.objects.get().pk}/moves/fix/"
    refused = call(night.bank.developer).post(
        url, {"fix": the_fix(Finding.objects.get())}, format="json"
    )
    assert refused.status_code == 403
    assert "role_missing" in {blocker["code"] for blocker in refused.json()["blockers"]}
    told = EvidenceEntry.objects.filter(action="access.refused").latest("id")
    assert told.about == Finding.objects.get().subject
    assert not package.activities.filter(type="BIND_PACKAGE").exists()


def test_a_fix_that_its_reader_may_not_apply_is_locked_and_says_why(
    night: Night, package: ReleasePackage, assets: list[Asset], say: Say, browse: Any
) -> None:
    say(package, a_missing_bind(package, assets[0]))
    page = reverse("admin:releases_releasepackage_change", args=[package.pk])
    name = the_fix(Finding.objects.get())
    assert f'name="fix" value="{name}"' in browse(night.coordinator).get(page).text
    html = browse(night.operator).get(page).text
    assert f'name="fix" value="{name}"' not in html
    assert "Why it is locked" in html and "it takes the role release coordinator" in html


def test_the_fixes_of_a_page_cost_the_same_for_any_number_of_findings(
    night: Night, package: ReleasePackage, assets: list[Asset], say: Say, browse: Any
) -> None:
    client, counts = browse(night.coordinator), []
    url = reverse("admin:releases_releasepackage_change", args=[package.pk])
    one = a_missing_bind(package, assets[0])
    for number in (1, 4):
        say(package, *(replace(one, about=(package.subject, str(n))) for n in range(number)))
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_chosen_fix_is_asked_about_and_not_another_that_would_do(
    night: Night, package: ReleasePackage, assets: list[Asset], say: Say, call: Any
) -> None:
    change = package.members.get().change
    line = {"change": str(change.pk), "asset": str(assets[0].pk), "action": "change"}
    to_change = Fix("add_assets", "Add it to the change", (line,))
    both = a_missing_bind(package, assets[0])
    say(package, replace(both, fixes=(*both.fixes, to_change)))
    finding = Finding.objects.get()
    url = f"/api/v1/completeness-findings/{finding.pk}/moves/fix/"
    refused = call(night.coordinator).post(url, {"fix": to_change.name}, format="json")
    assert [blocker["code"] for blocker in refused.json()["blockers"]] == ["role_missing"]
    told = EvidenceEntry.objects.filter(action="access.refused").latest("id")
    assert told.about == finding.subject


def test_a_click_means_the_fix_that_was_shown_and_no_other_that_came_into_its_place(
    night: Night, package: ReleasePackage, assets: list[Asset], say: Say, call: Any
) -> None:
    night.step(package, "A1", "COPY_LOAD")
    say(package, a_missing_bind(package, assets[0]))
    finding, client = Finding.objects.get(), call(night.coordinator)
    url = f"/api/v1/completeness-findings/{finding.pk}/"
    (shown,) = client.get(url).json()["fixes"]
    assert shown["name"] == the_fix(finding)
    say(package, a_missing_bind(package, assets[1]))
    refused = client.post(f"{url}moves/fix/", {"fix": shown["name"]}, format="json")
    assert [blocker["field"] for blocker in refused.json()["blockers"]] == ["fix"]
    assert package.activities.count() == 1
    done = client.post(f"{url}moves/fix/", {"fix": the_fix(Finding.objects.get())}, format="json")
    assert done.status_code == 200
    assert package.activities.filter(type="BIND_PACKAGE", targets__asset=assets[1]).exists()


def test_a_fix_that_is_not_offered_is_refused(
    night: Night, package: ReleasePackage, assets: list[Asset], say: Say, call: Any
) -> None:
    say(package, a_missing_bind(package, assets[0]))
    url = f"/api/v1/completeness-findings/{Finding.objects.get().pk}/moves/fix/"
    refused = call(night.coordinator).post(url, {"fix": "7"}, format="json")
    assert refused.status_code == 400
    assert [blocker["field"] for blocker in refused.json()["blockers"]] == ["fix"]
