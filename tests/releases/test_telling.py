"""Who is told of a night, and who takes over what is open in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.core import clock
from apps.core.moves import find_move
from apps.releases.domain import lifecycle as life
from apps.releases.models import Communication, Handover
from apps.releases.moves.telling import COMMUNICATION_MOVES, HANDOVER_MOVES
from apps.releases.services import telling
from tests.api.conftest import call_as
from tests.factories import make_team
from tests.releases.night import NIGHT, Night, night
from tests.support import commit_now, refused

__all__ = ["call_as"]
pytestmark = pytest.mark.django_db
ROLES = ("coordinator", "manager", "implementer", "colleague", "other_team", "viewer", "system")


@pytest.fixture
def dark(db: None) -> Iterator[Night]:
    with clock.at(NIGHT):
        yield night()


def communication(dark: Night, **more: Any) -> Communication:
    values = {
        "window": dark.window, "audience": "Card operations", "channel": "mail",
        "title": "Online is back", "text": "Cards can be used again.",
        "due_at": NIGHT + timedelta(hours=4), "owner": dark.people["colleague"], **more,
    }  # fmt: skip
    return telling.plan_communication(actor=dark.actor("coordinator"), values=values)


def handover(dark: Night, **more: Any) -> Handover:
    values = {
        "package": dark.package, "title": "From the night to the day",
        "open_items": "READACCT runs long.", "due_at": NIGHT + timedelta(hours=6),
        "receiving_team": make_team("OPS"), **more,
    }  # fmt: skip
    return telling.offer_handover(actor=dark.actor("implementer"), values=values)


def allowed(moves: Any, name: str, dark: Night, record: Any) -> set[str]:
    move = find_move(moves, name)
    assert move is not None
    return {role for role in ROLES if not list(move.blockers(dark.actor(role), record))}


def test_it_is_sent_by_its_owner_or_a_coordinator_once(dark: Night) -> None:
    planned = communication(dark)
    who = {"coordinator", "manager", "colleague"}
    assert allowed(COMMUNICATION_MOVES, "send", dark, planned) == who
    assert allowed(COMMUNICATION_MOVES, "drop", dark, planned) == {"coordinator", "manager"}
    sent = telling.send_communication(pk=planned.pk, actor=dark.actor("colleague"))
    assert (sent.state, sent.sent_at, sent.sent_by) == ("sent", NIGHT, dark.people["colleague"])
    for name in ("send", "drop"):
        assert allowed(COMMUNICATION_MOVES, name, dark, sent) == set()
    with refused("wrong_state"):
        telling.edit_communication(
            pk=sent.pk, actor=dark.actor("coordinator"), values={"text": "Something else."}
        )
    commit_now()


def test_what_nobody_needs_to_know_any_more_is_dropped_with_a_reason(dark: Night) -> None:
    planned = communication(dark)
    with refused("required"):
        telling.drop_communication(pk=planned.pk, actor=dark.actor("manager"))
    dropped = telling.drop_communication(
        pk=planned.pk, actor=dark.actor("manager"), comment="The night is off."
    )
    assert (dropped.state, dropped.dropped_reason) == ("dropped", "The night is off.")


@pytest.mark.parametrize(
    ("values", "field"),
    [({"text": " "}, "text"), ({"package": "both"}, "package"), ({"window": None}, "package"),
     ({"audience": ""}, "audience")],
)  # fmt: skip
def test_a_communication_names_what_is_wrong(
    dark: Night, values: dict[str, Any], field: str
) -> None:
    if values.get("package") == "both":
        values = {"package": dark.package}
    with refused() as caught:
        communication(dark, **values)
    assert {b.field for b in caught.value.blockers} == {field}  # type: ignore[attr-defined]


def test_a_handover_is_taken_by_its_receivers_and_never_by_its_giver(dark: Night) -> None:
    offered = handover(dark)
    takers = {"colleague"}
    assert allowed(HANDOVER_MOVES, "accept", dark, offered) == takers
    assert allowed(HANDOVER_MOVES, "return", dark, offered) == takers
    taken = telling.accept_handover(pk=offered.pk, actor=dark.actor("colleague"))
    assert (taken.state, taken.answered_by) == ("accepted", dark.people["colleague"])
    with refused("wrong_state"):
        telling.edit_handover(
            pk=taken.pk, actor=dark.actor("implementer"), values={"open_items": "Less."}
        )
    commit_now()


def test_one_that_is_returned_says_why_and_is_offered_again(dark: Night) -> None:
    offered = handover(dark, receiving_team=None, receiver=dark.people["other_team"])
    with refused("required"):
        telling.return_handover(pk=offered.pk, actor=dark.actor("other_team"))
    back = telling.return_handover(
        pk=offered.pk, actor=dark.actor("other_team"), comment="Which job?"
    )
    assert (back.state, back.returned_reason) == (life.RETURNED, "Which job?")
    values = {"open_items": "READACCT runs long; watch it until 05:00."}
    telling.edit_handover(pk=back.pk, actor=dark.actor("implementer"), values=values)
    again = telling.offer_handover_again(pk=back.pk, actor=dark.actor("implementer"))
    assert (again.state, again.answered_by, again.returned_reason) == ("offered", None, "")
    assert again.evidence_seq == 4


@pytest.mark.parametrize("field", ["receiver", "open_items"])
def test_a_handover_names_what_is_missing(dark: Night, field: str) -> None:
    values: dict[str, Any] = {
        "receiver": {"receiving_team": None}, "open_items": {"open_items": ""},
    }[field]  # fmt: skip
    with refused() as caught:
        handover(dark, **values)
    assert {b.field for b in caught.value.blockers} == {field}  # type: ignore[attr-defined]


def test_both_are_on_the_pages_of_package_and_window(dark: Night, client: Client) -> None:
    communication(dark)
    taken = handover(dark)
    client.force_login(dark.people["viewer"])
    window = client.get(f"/admin/windows/releasewindow/{dark.window.pk}/change/")
    assert "Online is back" in window.content.decode()
    package = client.get(f"/admin/releases/releasepackage/{dark.package.pk}/change/")
    assert "From the night to the day" in package.content.decode()
    for model in ("communication", "handover"):
        assert client.get(f"/admin/releases/{model}/").status_code == 200
    assert client.get(f"/admin/releases/handover/{taken.pk}/change/").status_code == 200


def test_both_go_through_the_interface(dark: Night, call_as: Any) -> None:
    client = call_as(dark.people["coordinator"])
    told = client.post(
        "/api/v1/communications/",
        {"window": dark.window.code, "audience": "Service desk", "channel": "chat",
         "title": "Late", "text": "An hour late.", "due_at": NIGHT.isoformat()},
    )  # fmt: skip
    assert told.status_code == 201, told.json()
    sent = client.post(f"/api/v1/communications/{told.json()['id']}/moves/send/", {})
    assert sent.json()["state"] == "sent"
    given = client.post(
        "/api/v1/handovers/",
        {"package": dark.package.code, "title": "Day shift", "open_items": "None.",
         "due_at": NIGHT.isoformat(), "receiver": "shift.two"},
    )  # fmt: skip
    assert given.status_code == 201, given.json()
    taken = call_as(dark.people["colleague"]).post(
        f"/api/v1/handovers/{given.json()['id']}/moves/accept/", {}
    )
    assert taken.json()["state"] == "accepted"
