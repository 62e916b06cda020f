"""The object page reads, and hands its form to one service."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import Team, User
from apps.changes.models import RiskWeights
from apps.console import display
from apps.evidence.models import Comment, EvidenceEntry
from apps.evidence.selectors import body_of
from tests.console.forms import team_form
from tests.factories import actor, make_team, make_user

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


def page(team: Team, tail: str = "change/") -> str:
    return f"/admin/accounts/team/{team.pk}/{tail}"


def test_an_edit_with_its_rows_is_one_entry(browser: Browser, keeper: User, team: Team) -> None:
    cleo = make_user("cleo")
    data = team_form(team, name="Database administration", change_comment="New people.")
    data |= {"members-TOTAL_FORMS": 3, "members-2-user": cleo.pk, "members-0-DELETE": "on"}
    entries = EvidenceEntry.objects.filter(subject=team.subject)
    before = entries.count()

    response = browser(keeper).post(page(team), data)

    assert response.status_code == 302
    team.refresh_from_db()
    assert team.name == "Database administration"
    assert set(team.members.values_list("user__username", flat=True)) == {"bert", "cleo"}
    assert entries.count() == before + 1
    body = body_of(entries.latest("id"))
    assert {change["field"] for change in body["diff"]} == {"name", "members"}
    assert body["comment"] == "New people."
    assert body["source"]["channel"] == "admin"


def test_posting_the_page_unchanged_writes_nothing(
    browser: Browser, keeper: User, team: Team
) -> None:
    entries = EvidenceEntry.objects.count()

    response = browser(keeper).post(page(team), team_form(team))

    assert response.status_code == 302
    assert EvidenceEntry.objects.count() == entries


def test_a_record_is_added_through_its_service(browser: Browser, keeper: User) -> None:
    anna = make_user("anna")
    response = browser(keeper).post(
        "/admin/accounts/team/add/",
        {
            "code": "IMS", "name": "IMS", "kind": "infrastructure", "capacity": 2,
            "members-TOTAL_FORMS": 1, "members-INITIAL_FORMS": 0, "members-0-user": anna.pk,
        },
    )  # fmt: skip

    team = Team.objects.get(code="IMS")
    assert response["Location"] == page(team)
    assert EvidenceEntry.objects.filter(subject=team.subject, seq=1).exists()
    assert team.members.get().user == anna


def test_a_bad_field_is_named_and_what_was_typed_stays(
    browser: Browser, keeper: User, team: Team
) -> None:
    make_team("IMS")
    response = browser(keeper).post(page(team), team_form(team, code="IMS", name="Typed here"))

    assert response.status_code == 400
    assert "already exists" in response.text
    assert "Typed here" in response.text
    team.refresh_from_db()
    assert team.code == "DBA"


def test_who_may_not_edit_sees_facts_and_why(browser: Browser, reader: User, team: Team) -> None:
    client = browser(reader)

    shown = client.get(page(team))
    posted = client.post(page(team), team_form(team, name="Mine now"))

    assert shown.status_code == 200
    assert 'name="name"' not in shown.text
    assert "does not keep accounts and roles" in shown.text
    assert posted.status_code == 403
    assert "Ask a site administrator." in posted.text
    team.refresh_from_db()
    assert team.name == "DBA"
    assert EvidenceEntry.objects.filter(action="access.refused", about=team.subject).exists()


def test_who_may_not_add_gets_no_form(browser: Browser, reader: User) -> None:
    client = browser(reader)

    assert client.get("/admin/accounts/team/add/").status_code == 403
    assert "Add team" not in client.get("/admin/accounts/team/").text
    posted = client.post(
        "/admin/accounts/team/add/",
        {"code": "X", "name": "X", "kind": "operations", "capacity": 1,
         "members-TOTAL_FORMS": 0, "members-INITIAL_FORMS": 0},
    )  # fmt: skip
    assert posted.status_code == 403
    assert not Team.objects.filter(code="X").exists()


def test_the_second_of_two_tabs_sees_the_difference_and_saves_nothing(
    browser: Browser, keeper: User, team: Team
) -> None:
    client = browser(keeper)
    second_tab = team_form(team, contact="second@northgate.example")
    client.post(page(team), team_form(team, name="Databases", capacity=4))

    response = client.post(page(team), second_tab)

    assert response.status_code == 409
    assert "Changed while you had this page open" in response.text
    assert "Databases" in response.text
    assert "second@northgate.example" in response.text
    team.refresh_from_db()
    assert (team.name, team.contact) == ("Databases", "")
    assert f'name="evidence_seq" value="{team.evidence_seq}"' in response.text


@pytest.mark.parametrize("version", ["", "x", "-1", "1e9", "9" * 40, "²"])
def test_a_page_without_its_version_is_refused(
    browser: Browser, keeper: User, team: Team, version: str
) -> None:
    response = browser(keeper).post(page(team), team_form(team, name="N", evidence_seq=version))

    assert response.status_code == 400
    team.refresh_from_db()
    assert team.name == "DBA"


@pytest.mark.parametrize(
    "forged",
    [
        {"members-TOTAL_FORMS": "99999999"},
        {"members-TOTAL_FORMS": "-1"},
        {"members-TOTAL_FORMS": "abc"},
        {"members-INITIAL_FORMS": ""},
        {"members-0-id": "not-a-key"},
        {"members-0-user": "00000000-0000-0000-0000-000000000000"},
        {"capacity": "-4"},
        {"capacity": "1e400"},
        {"name": "a\x00b"},
    ],
)
def test_a_forged_form_is_refused_and_never_crashes(
    browser: Browser, keeper: User, team: Team, forged: dict[str, str]
) -> None:
    response = browser(keeper).post(page(team), {**team_form(team), "name": "Forged", **forged})

    assert response.status_code == 400
    team.refresh_from_db()
    assert team.name == "DBA"
    assert team.members.count() == 2


def test_rows_that_were_only_counted_are_ignored(
    browser: Browser, keeper: User, team: Team
) -> None:
    data = team_form(team, name="Named")
    data |= {"members-INITIAL_FORMS": "50", "members-TOTAL_FORMS": "50"}

    assert browser(keeper).post(page(team), data).status_code == 302
    assert team.members.count() == 2


def test_a_row_left_out_is_not_a_removal(browser: Browser, keeper: User, team: Team) -> None:
    cleo = make_user("cleo")
    data = team_form(team, **{"members-TOTAL_FORMS": 1, "members-0-user": cleo.pk})

    assert browser(keeper).post(page(team), data).status_code == 400
    assert team.members.count() == 2


def test_rows_of_another_record_are_out_of_reach(
    browser: Browser, keeper: User, team: Team
) -> None:
    make_user("dora", teams=["IMS"])
    other = make_team("IMS").members.get()
    data = team_form(team, **{"members-0-id": other.pk, "members-0-DELETE": "on"})

    response = browser(keeper).post(page(team), data)

    assert response.status_code == 400
    assert make_team("IMS").members.count() == 1


def test_fields_that_the_page_does_not_offer_are_not_taken(
    browser: Browser, keeper: User, team: Team
) -> None:
    head = bytes(team.evidence_head)
    data = team_form(team, name="Named", evidence_head="00", created_at="2001-01-01", id="1",
                     is_superuser="on")  # fmt: skip
    data["_saveasnew"] = "1"

    browser(keeper).post(page(team), data)

    team.refresh_from_db()
    assert team.name == "Named"
    assert Team.objects.count() == 1
    assert bytes(team.evidence_head) != head
    assert team.created_at.year > 2001


@pytest.mark.parametrize("pk", ["0", "x", "00000000-0000-0000-0000-000000000000", "%00", "'"])
def test_an_unknown_record_is_not_found(browser: Browser, keeper: User, pk: str) -> None:
    client = browser(keeper)

    for tail in ("change/", "history/"):
        assert client.get(f"/admin/accounts/team/{pk}/{tail}").status_code == 404
    assert client.post(f"/admin/accounts/team/{pk}/change/", {}).status_code == 404
    assert client.post(f"/admin/accounts/team/{pk}/comment/", {"text": "x"}).status_code == 404


def test_nothing_is_deleted(browser: Browser, keeper: User, team: Team) -> None:
    client = browser(keeper)

    assert client.post(page(team, "delete/"), {"post": "yes"}).status_code in (404, 405, 302)
    listed = client.post(
        "/admin/accounts/team/",
        {"action": "delete_selected", "_selected_action": str(team.pk), "index": "0"},
    )
    assert listed.status_code == 403
    assert Team.objects.filter(pk=team.pk).exists()


def test_a_get_writes_nothing(browser: Browser, keeper: User, team: Team) -> None:
    client = browser(keeper)
    client.get("/admin/")
    counts = EvidenceEntry.objects.count(), Team.history.count(), Comment.objects.count()

    for path in (
        page(team), page(team, "history/"), page(team, "comment/"), page(team, "move/end/"),
        "/admin/accounts/team/", "/admin/accounts/team/export/", "/admin/accounts/team/add/",
    ):  # fmt: skip
        assert client.get(path).status_code in (200, 404, 405), path

    assert counts == (EvidenceEntry.objects.count(), Team.history.count(), Comment.objects.count())


def test_everybody_signed_in_comments_and_a_bad_comment_stays_typed(
    browser: Browser, reader: User, team: Team
) -> None:
    client = browser(reader)

    good = client.post(page(team, "comment/"), {"text": "Who is on call?\nNobody answers."})
    bad = client.post(page(team, "comment/"), {"text": "bell \x07"})
    huge = client.post(page(team, "comment/"), {"text": "x" * 1_000_000})
    empty = client.post(page(team, "comment/"), {})

    assert good.status_code == 302
    assert [bad.status_code, huge.status_code, empty.status_code] == [400, 400, 400]
    assert "U+0007" in bad.text
    assert Comment.objects.get().text == "Who is on call?\nNobody answers."
    assert "Nobody answers." in client.get(page(team)).text


def test_a_signed_out_visitor_is_sent_to_the_login(team: Team) -> None:
    for tail in ("change/", "history/"):
        response = Client().get(page(team, tail))
        assert response["Location"].startswith("/admin/login/")
    assert Client().post(page(team), {}).status_code == 302


def test_an_account_is_edited_and_its_timeline_tells_it(browser: Browser, keeper: User) -> None:
    anna = make_user("anna")
    client = browser(keeper)
    url = f"/admin/accounts/user/{anna.pk}/"

    data = {"first_name": "Anna", "last_name": "Berg", "is_active": "on", "is_staff": "on"}
    response = client.post(f"{url}change/", data)

    assert response.status_code == 302
    anna.refresh_from_db()
    assert anna.get_full_name() == "Anna Berg"
    assert "Berg" in client.get(f"{url}history/").text
    assert actor(anna).printed_name == "Anna Berg"


def test_who_only_reads_sees_words_where_the_record_holds_json(
    browser: Browser, reader: User
) -> None:
    weights = RiskWeights.objects.get()
    page = browser(reader).get(f"/admin/changes/riskweights/{weights.pk}/change/")
    told = page.content.decode()
    assert "<dt>program batch</dt><dd>0.04</dd>" in told
    assert "{&quot;" not in told


@pytest.mark.parametrize(
    ("held", "told"),
    [(["jcl", "vsam"], "jcl, vsam"), (True, "yes"), ({}, "none"), ("<b>", "&lt;b&gt;")],
)
def test_a_value_is_told_in_words(held: object, told: str) -> None:
    assert told in display.value(held)
