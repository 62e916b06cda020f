"""The timeline: who, when, why, what; read-only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import Team, User
from apps.accounts.services.people import edit_team
from tests.factories import actor, make_user

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


def test_it_tells_who_when_why_and_both_values(
    browser: Browser, keeper: User, reader: User, team: Team
) -> None:
    edit_team(pk=team.pk, actor=actor(keeper), values={"name": "Databases"}, comment="Renamed.")
    client = browser(reader)
    client.post(f"/admin/accounts/team/{team.pk}/comment/", {"text": "Good name."})
    client.post(
        f"/admin/accounts/team/{team.pk}/change/",
        {"evidence_seq": team.evidence_seq + 1, "name": "X", "members-TOTAL_FORMS": 0,
         "members-INITIAL_FORMS": 0},
    )  # fmt: skip

    text = client.get(f"/admin/accounts/team/{team.pk}/history/").text

    for words in ("Edited the team", "keeper", "Renamed.", "<del>DBA</del>",
                  "<ins>Databases</ins>", "Good name.", "User: anna", "history row matches",
                  "does not keep accounts and roles"):  # fmt: skip
        assert words in text


def test_it_is_read_only_for_everybody(
    browser: Browser, keeper: User, reader: User, team: Team
) -> None:
    row = team.history.first()
    for user in (keeper, reader):
        client = browser(user)
        url = f"/admin/accounts/team/{team.pk}/history/"
        assert client.post(url, {"name": "X"}).status_code == 403
        assert client.put(url).status_code == 403
        assert client.delete(url).status_code == 403
        for reverted in (f"{url}{row.pk}/", f"{url}{row.history_id}/"):
            assert client.post(reverted, {"name": "X"}).status_code in (404, 405)
    team.refresh_from_db()
    assert team.name == "DBA"


def test_its_queries_do_not_grow_with_its_length(
    browser: Browser, keeper: User, team: Team, django_assert_max_num_queries: Callable
) -> None:
    client = browser(keeper)
    for number in range(12):
        edit_team(pk=team.pk, actor=actor(keeper), values={"contact": f"phone {number}"},
                  members=[make_user(f"p{number}").pk])  # fmt: skip
    client.get("/admin/accounts/team/")
    with django_assert_max_num_queries(12):
        assert client.get(f"/admin/accounts/team/{team.pk}/history/").status_code == 200
