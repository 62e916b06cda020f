"""Board meetings through the interface: planned, frozen, held, and read as a file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.changes.models import DocketItem
from apps.core import clock
from tests.changes.meeting_worlds import Board, board, high
from tests.changes.worlds import Bank

pytestmark = pytest.mark.django_db
MEETINGS = "/api/v1/meetings/"


@pytest.fixture
def world(bank: Bank) -> Board:
    return board(bank)


def test_a_meeting_is_planned_edited_and_frozen(world: Board, call_as: Any) -> None:
    chair, change = call_as(world.chair), high(world)
    sent = {
        "chair": world.chair.username,
        "starts_at": (clock.now() + timedelta(days=2)).isoformat(),
        "cutoff_at": (clock.now() + timedelta(days=1)).isoformat(),
        "members": [{"user": member.username} for member in world.members],
    }
    made = chair.post(MEETINGS, sent)
    assert made.status_code == 201, made.json()
    address = made["Location"]
    assert len(made.json()["members"]) == 3
    edited = chair.patch(address, {"quorum": 3}, HTTP_IF_MATCH=made["ETag"])
    assert edited.json()["quorum"] == 3
    frozen = chair.post(f"{address}moves/freeze/", {}, HTTP_IF_MATCH=edited["ETag"])
    assert frozen.json()["state"] == "docket_frozen"
    (line,) = chair.get(f"{address}docket/").json()
    assert (line["change"]["code"], line["seal"]) == (change.code, change.fingerprint)
    assert not line["is_edited"]


def test_a_signature_names_the_seal_and_needs_a_step_up(world: Board, call_as: Any) -> None:
    change = high(world)
    meeting = world.in_session()
    address = f"{MEETINGS}{meeting.pk}/"
    item = str(DocketItem.objects.get(meeting=meeting, change=change).pk)
    chair, member = call_as(world.chair), call_as(world.members[0], fresh=True)
    taken = chair.post(f"{address}moves/take_up_item/", {"item": item})
    assert taken.status_code == 200, taken.json()
    tag = taken["ETag"]
    sent = {"item": item, "seal": change.fingerprint}
    stale = call_as(world.members[0]).post(f"{address}moves/approve_item/", sent, HTTP_IF_MATCH=tag)
    assert "step_up_needed" in {blocker["code"] for blocker in stale.json()["blockers"]}
    wrong = member.post(
        f"{address}moves/approve_item/", sent | {"seal": "0" * 64}, HTTP_IF_MATCH=tag
    )
    assert (wrong.status_code, wrong.json()["blockers"][0]["field"]) == (400, "seal")
    signed = member.post(f"{address}moves/approve_item/", sent, HTTP_IF_MATCH=tag)
    assert signed.status_code == 200, signed.json()


def test_what_the_portal_keeps_is_not_entered(world: Board, call_as: Any) -> None:
    meeting = world.planned()
    answer = call_as(world.chair).patch(
        f"{MEETINGS}{meeting.pk}/",
        {"state": "closed", "minutes_text": "Nothing.", "items": []},
        HTTP_IF_MATCH=meeting.version,
    )
    assert {blocker["field"] for blocker in answer.json()["blockers"]} == {
        "state",
        "minutes_text",
        "items",
    }


def test_the_docket_is_a_file_that_no_spreadsheet_runs(world: Board, call_as: Any) -> None:
    change = high(world, title="=cmd()")
    meeting = world.frozen()
    answer = call_as(world.chair).post(f"{MEETINGS}{meeting.pk}/docket/export/")
    told = b"".join(answer.streaming_content).decode()
    assert change.code in told and "'=cmd()" in told
