"""The site: who comes in, what it shows, what its answers carry."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from apps.accounts.models import Team, User
from apps.console import display
from apps.console.admin import EvidenceAdmin, GovernedAdmin
from apps.console.checks import faults, hooks_resolve
from apps.console.display import STATES, bar, look_of
from apps.console.http import server_error
from apps.core import clock
from apps.evidence.models import EvidenceEntry
from tests.factories import make_team, make_user

Browser = Callable[..., Client]


def codes(model_admin: type[admin.ModelAdmin]) -> set[str]:
    site = AdminSite()
    site.register(Team, model_admin)
    return {fault.id for fault in faults(site)}


def test_an_ungoverned_admin_stops_the_start_up() -> None:
    class Plain(admin.ModelAdmin):
        list_select_related = ()

    class Bulk(GovernedAdmin):
        list_select_related = ()
        list_display = ("code", "name")
        list_editable = ("name",)
        actions = ("approve_all",)

    class Undeclared(EvidenceAdmin):
        pass

    class Good(GovernedAdmin):
        list_select_related = ()

    assert codes(Plain) == {"console.E001"}
    assert codes(Bulk) == {"console.E002", "console.E003"}
    assert codes(Undeclared) == {"console.E004"}
    assert codes(Good) == set()


def test_a_hook_that_leads_nowhere_stops_the_start_up(settings: SimpleNamespace) -> None:
    settings.INTERLOCK_STEP_UP = "apps.accounts.services.sessions.nothing"

    assert "console.E005" in {fault.id for fault in hooks_resolve(None)}


@pytest.mark.django_db
def test_only_active_staff_come_in() -> None:
    robot = make_user("robot", kind=User.Kind.SERVICE)
    client = Client()
    client.force_login(robot)

    assert client.get("/admin/accounts/team/").status_code == 302


@pytest.mark.django_db
def test_a_superuser_without_a_role_may_read_and_nothing_else(browser: Browser) -> None:
    root = make_user("root")
    User.objects.filter(pk=root.pk).update(is_superuser=True)
    team = make_team("DBA")
    client = browser(root)

    assert client.get(f"/admin/accounts/team/{team.pk}/change/").status_code == 200
    assert client.get("/admin/accounts/team/add/").status_code == 403
    assert client.get("/admin/evidence/evidenceentry/").status_code == 403


@pytest.mark.django_db
def test_nobody_writes_evidence(browser: Browser) -> None:
    client = browser(make_user("audrey", "auditor"))
    entry = EvidenceEntry.objects.first()
    url = "/admin/evidence/evidenceentry/"

    assert client.get(f"{url}{entry.pk}/change/").status_code == 200
    assert client.post(f"{url}{entry.pk}/change/", {"action": "x"}).status_code == 403
    assert client.get(f"{url}add/").status_code == 403
    assert client.post(f"{url}add/", {}).status_code == 403
    assert client.post(f"{url}{entry.pk}/delete/", {"post": "yes"}).status_code in (302, 404, 405)
    assert EvidenceEntry.objects.filter(pk=entry.pk).exists()


@pytest.mark.django_db
def test_pages_carry_the_headers_and_no_inline_code(browser: Browser, keeper: User) -> None:
    client = browser(keeper)
    team = make_team("DBA")
    for url in (
        "/admin/accounts/team/", f"/admin/accounts/team/{team.pk}/change/",
        f"/admin/accounts/team/{team.pk}/history/", "/admin/step-up/",
        "/admin/accounts/rolegrant/add/",
    ):  # fmt: skip
        response = client.get(url)
        assert "no-store" in response["Cache-Control"]
        assert "camera=()" in response["Permissions-Policy"]
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", response.text)


@pytest.mark.django_db
def test_lists_cost_the_same_at_one_row_and_at_three(browser: Browser, keeper: User) -> None:
    client = browser(keeper)
    urls = ("/admin/accounts/team/", "/admin/accounts/rolegrant/", "/admin/accounts/user/")
    make_team("DBA")

    def queries() -> list[int]:
        counted = []
        for url in urls:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            counted.append(len(captured))
        return counted

    first = queries()
    for number in range(3):
        make_user(f"u{number}", "viewer", teams=[f"T{number}"])
    assert queries() == first
    assert max(first) <= 9


@pytest.mark.django_db
def test_the_demo_shows_its_clock_and_its_logins(
    settings: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [("coordinator", "Release coordinator", "the live night")]
    monkeypatch.setattr(
        "apps.console.site.hook",
        lambda name: (lambda: rows) if name == "INTERLOCK_DEMO_LOGINS" else None,
    )

    assert "the live night" not in Client().get("/admin/login/").text
    settings.INTERLOCK_DEMO = True
    assert "the live night" in Client().get("/admin/login/").text


def test_error_pages_tell_nothing(rf: object) -> None:
    response = server_error(rf.get("/"))

    assert response.status_code == 500
    assert b"Traceback" not in response.content


@pytest.mark.django_db
def test_a_missing_page_is_ours(client: Client) -> None:
    response = client.get("/no/such/page/")

    assert response.status_code == 404
    assert "There is no such page" in response.text


@pytest.mark.django_db
def test_the_address_of_a_form_tells_that_nothing_was_sent(client: Client) -> None:
    client.force_login(make_user("reader", "auditor"))
    response = client.get(f"/admin/changes/changerequest/{uuid4()}/move/approve/")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "What you entered was not sent" in response.text


def test_moments_are_local_and_relative() -> None:
    now = datetime(2026, 11, 21, 23, 40, tzinfo=UTC)
    zone = "Europe/Amsterdam"
    with clock.at(now):
        said = display.when(now + timedelta(minutes=98), zone)
        assert strip_tags(said) == "02:18, in 1 h 38 min"
        assert display.local(datetime(2026, 11, 17, 19, 30, tzinfo=UTC), zone) == "Tue 17 Nov 20:30"
        assert display.local(datetime(2027, 1, 5, 7, 5, tzinfo=UTC), zone) == "Tue 5 Jan 2027 08:05"
        assert display.relative(now - timedelta(days=9, hours=19)) == "9 d 19 h ago"
        assert display.relative(now + timedelta(seconds=30)) == "now"
        assert "not set" in display.when(None)


def test_a_day_is_told_with_its_distance_in_the_zone_of_the_reader() -> None:
    with clock.at(datetime(2026, 11, 21, 23, 40, tzinfo=UTC)):
        for day, said in (
            (date(2026, 11, 20), "Fri 20 Nov, 2 d ago"),
            (date(2026, 11, 22), "Sun 22 Nov, today"),
            (date(2027, 1, 4), "Mon 4 Jan 2027, in 43 d"),
        ):
            assert strip_tags(display.when(day, "Europe/Amsterdam")) == said


def test_a_bar_is_full_at_its_limit_and_never_longer() -> None:
    assert 'width="100.0%" height="8"' in bar(120, 100)
    assert "is-failed" in bar(100, 100)
    assert "is-medium" in bar(75, 100)
    assert 'width="0.0%"' in bar(5, 0)
    assert 'x1="80.0%"' in bar(10, 100, mark=80)


def test_every_state_has_a_word_an_icon_and_a_tone_that_exist(settings: SimpleNamespace) -> None:
    icons = (settings.BASE_DIR / "templates/admin/_icons.html").read_text()
    tones = (settings.BASE_DIR / "static/look/tokens.css").read_text()
    for state, look in STATES.items():
        assert f'id="i-{look.icon}"' in icons, state
        assert f".is-{look.tone}" in tones, state
    assert look_of("made_up").word == "Made up"
