"""The timeline of a record: one list of all that happened around it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.selectors import actor_for
from apps.audit.selectors.timeline import Asked, Timeline
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.remarks import add_comment, add_exhibit
from apps.releases.models import Activity
from apps.releases.services import activities, package
from tests.audit.past import AFTER, Past, a_package_with_a_past
from tests.evidence.log import Log
from tests.factories import actor
from tests.support import refused

pytestmark = pytest.mark.django_db


def busy(past: Past) -> Activity:
    """A refusal, a note, a comment, a confidential document and a late report around it."""
    night = past.night
    operator = actor(night.operator)
    step = night.steps(past.package)["A2"]
    with night.at(40):
        with refused():
            package.complete(pk=past.package.pk, actor=operator)
        activities.add_note(pk=step.pk, actor=operator, comment="Library is being copied.")
        add_comment(about=past.package.subject, actor=operator, text="Bridge is calm.")
        add_exhibit(about=past.package.subject, actor=operator, kind="job_log",
                    title="Secret list", text="x", is_confidential=True)  # fmt: skip
        activities.start_activity(
            pk=step.pk,
            actor=operator,
            started_at=clock.now() - timedelta(minutes=12),
            comment="The terminal was locked.",
        )
    return step


def test_it_tells_what_a_checkpoint_covers(tmp_path: Path) -> None:
    past = a_package_with_a_past()
    log = Log(tmp_path / "sealer")

    def sealed() -> set[bool]:
        with clock.at(AFTER):
            page = Timeline(past.package, actor_for(past.auditor)).page(size=10_000)
        return {happening.sealed for happening in page.happenings if happening.entry}

    assert sealed() == {False}
    log.seal()
    assert sealed() == {True}


def test_it_merges_what_happened_and_can_be_narrowed() -> None:
    past = a_package_with_a_past()
    step = busy(past)
    client = Client()
    client.force_login(past.auditor)
    url = f"/admin/releases/releasepackage/{past.package.pk}/history/"

    def shown(query: str = "", status: int = 200) -> str:
        with clock.at(AFTER):
            response = client.get(f"{url}{query}")
        assert response.status_code == status
        text: str = response.content.decode()
        return text

    whole = shown()
    for words in ("Library is being copied.", "Bridge is calm.", "A confidential document",
                  "Started the step", "A2 Copy load", "Reported later", "history row matches",
                  "Refused", 'role="img"', "Signed"):  # fmt: skip
        assert words in whole, words
    assert "Secret list" not in whole
    leaf = EvidenceEntry.objects.filter(subject=step.subject).latest("seq").leaf
    assert bytes(leaf).hex() in whole

    refusals = shown("?kind=refusals")
    assert "is-failed" in refusals and "Bridge is calm." not in refusals
    words = shown("?q=bridge+is")
    assert "Bridge is calm." in words and "Started the step" not in words
    assert "Started the step" in shown("?q=A2+Copy")
    assert "Bridge is calm." in shown(f"?person={past.night.operator.pk}&kind=comments")
    assert "Nothing that is recorded" in shown(f"?person={past.night.operator.pk}&kind=waivers")
    assert "Nothing that is recorded" in shown("?first=2030-01-01")
    wrong = shown("?kind=nothing&first=yesterday&last=2026-01-01&person=me", 400)
    for told in ("is no kind", "is no day", "is no key of a person"):
        assert told in wrong
    assert "is no cursor" in shown("?cursor=nonsense", 400)


def test_every_page_together_tells_everything_once() -> None:
    past = a_package_with_a_past()
    busy(past)
    client = APIClient()
    client.force_login(past.auditor)
    next_url: str | None = f"/api/v1/packages/{past.package.pk}/timeline/?page_size=7"
    told: list[dict[str, Any]] = []
    with clock.at(AFTER):
        while next_url:
            answer = client.get(next_url)
            assert answer.status_code == 200, answer.content[:300]
            told += answer.json()["results"]
            next_url = answer.json()["next"]
        in_one = Timeline(past.package, actor_for(past.auditor)).page(size=10_000).happenings
        reads = client.get(f"/api/v1/packages/{past.package.pk}/timeline/?kind=walk")
        change = past.package.members.all()[0].change
        of_change = client.get(f"/api/v1/changes/{change.pk}/timeline/?kind=signatures")
        window = client.get(f"/api/v1/windows/{past.package.window_id}/timeline/?q={quote('A2 C')}")
    assert len(told) == len(in_one) > 40
    assert [each["at"] for each in told] == sorted((e["at"] for e in told), reverse=True)
    keys = [each["leaf"] for each in told if each["leaf"]]
    assert len(keys) == len(set(keys))
    assert reads.status_code == 400
    assert {each["kind"] for each in of_change.json()["results"]} == {"signatures"}
    assert all(each["name"].startswith("A2") for each in window.json()["results"])
    late = next(each for each in told if each["happened_at"])
    assert late["happened_at"] < late["at"]


def test_its_queries_do_not_grow_with_it_and_only_auditors_read_who_looked() -> None:
    past = a_package_with_a_past()
    busy(past)
    with clock.at(AFTER):
        reader = actor_for(past.auditor)

    def count(asked: Asked | None = None) -> int:
        with CaptureQueriesContext(connection) as queries, clock.at(AFTER):
            timeline = Timeline(past.package, reader, asked)
            timeline.page()
            timeline.picture()
            timeline.people()
        return len(queries)

    count()
    first = count()
    with past.night.at(50):
        for number in range(40):
            add_comment(about=past.package.subject, actor=actor(past.night.operator),
                        text=f"Note {number}")  # fmt: skip
    assert count() <= first <= 60
    assert count(Asked(text="Note 7")) <= first

    assert Timeline(past.package, reader).sees_reads
    assert not Timeline(past.package, actor(past.night.operator)).sees_reads
