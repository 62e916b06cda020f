"""Approvals that nobody gave, by every door: each is refused, told why, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from apps.approvals.models import Approval, Decision, Obligation
from apps.changes.moves import CHANGE_MOVES
from apps.changes.moves.emergency import EMERGENCY_MOVES
from apps.evidence.models import EvidenceEntry
from tests.factories import make_user
from tests.hostile.worlds import World, kept

pytestmark = pytest.mark.django_db
#: By phone nobody signs for themselves: those moves have tests of their own.
SIGNING = [
    move.name
    for move in CHANGE_MOVES
    if move.step_up and move.name != "ratify" and move not in EMERGENCY_MOVES
]
FORGED = {"state": "approved", "verdict": "approve", "by": "board.one", "approval": "x",
          "on_behalf_of": "board.one", "about": "x", "slot": "board"}  # fmt: skip


def signatures() -> tuple[int, ...]:
    return (
        Decision.objects.count(),
        Approval.objects.filter(state__in=Approval.SATISFIED).count(),
        Obligation.objects.filter(state="met").count(),
    )


@pytest.mark.parametrize("who", ["owner", "root", "manager", "keeper"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_no_address_takes_a_signature_as_a_row(world: World, who: str, method: str) -> None:
    client, before = world.caller(who), signatures()
    slot = Approval.objects.filter(about=world.asked.subject).first()
    assert slot is not None
    for path in ("approvals/", f"approvals/{slot.pk}/", "decisions/", "obligations/",
                 f"changes/{world.asked.pk}/approvals/", f"changes/{world.asked.pk}/decisions/",
                 f"changes/{world.asked.pk}/eligibility/"):  # fmt: skip
        answer = getattr(client, method)(f"/api/v1/{path}", FORGED, format="json")
        assert answer.status_code in (404, 405), (path, answer)
    assert signatures() == before


@pytest.mark.parametrize("who", ["owner", "root", "manager"])
def test_no_page_of_the_console_takes_one_either(world: World, who: str) -> None:
    client, before = world.browser(who), kept()
    slot = Approval.objects.filter(about=world.asked.subject).first()
    condition = Obligation.objects.first()
    assert slot is not None
    assert condition is not None
    for address in ("/admin/approvals/approval/add/", "/admin/approvals/decision/add/",
                    f"/admin/approvals/approval/{slot.pk}/change/",
                    f"/admin/approvals/approval/{slot.pk}/history/",
                    f"/admin/approvals/approval/{slot.pk}/history/1/",
                    "/admin/approvals/obligation/add/",
                    f"/admin/approvals/obligation/{condition.pk}/change/",
                    f"/admin/changes/changerequest/{world.asked.pk}/history/"):  # fmt: skip
        answer = client.post(address, {**FORGED, "evidence_seq": "1"})
        assert answer.status_code in (302, 403, 404, 405), (address, answer)
    assert kept() == before


def test_rows_forged_into_the_form_of_a_change_are_no_signatures(world: World) -> None:
    client, before = world.browser("requester"), signatures()
    prefix = {"decisions-TOTAL_FORMS": "1", "decisions-INITIAL_FORMS": "0",
              "decisions-0-verdict": "approve", "decisions-0-by": str(world.people["board"].pk),
              "approvals-TOTAL_FORMS": "1", "approvals-0-state": "approved"}  # fmt: skip
    client.post(
        f"/admin/changes/changerequest/{world.asked.pk}/change/",
        {**prefix, **FORGED, "evidence_seq": str(world.asked.evidence_seq)},
    )
    assert signatures() == before


@pytest.mark.parametrize("move", SIGNING)
@pytest.mark.parametrize("extra", [{"by": "board.one"}, {"on_behalf_of": "board.one"},
                                   {"state": "approved"}, {"user": "board.one"}])  # fmt: skip
def test_nobody_signs_for_somebody_else_by_saying_so(
    world: World, move: str, extra: dict[str, str]
) -> None:
    before = signatures()
    answer = world.caller("manager").post(
        f"/api/v1/changes/{world.asked.pk}/moves/{move}/",
        {"version": world.asked.evidence_seq, "comment": "x", **extra},
    )
    assert answer.status_code == 400
    assert answer.json()["blockers"][0]["code"] == "not_writable"
    assert signatures() == before


@pytest.mark.parametrize("move", SIGNING)
@pytest.mark.parametrize("who", ["requester", "developer", "robot", "root", "viewer", "auditor",
                                 "keeper", "coordinator"])  # fmt: skip
def test_whoever_may_not_is_told_why_and_it_is_recorded(world: World, who: str, move: str) -> None:
    before = signatures()
    answer = world.caller(who).post(
        f"/api/v1/changes/{world.asked.pk}/moves/{move}/",
        {"version": world.asked.evidence_seq, "comment": "I say so."},
    )
    assert answer.status_code == 403, answer.json()
    assert all(blocker["text"] and blocker["fix"] for blocker in answer.json()["blockers"])
    refusal = EvidenceEntry.objects.filter(action="access.refused").latest("id")
    assert refusal.about == world.asked.subject
    assert refusal.actor_id == world.people[who].pk
    assert signatures() == before


@pytest.mark.parametrize(
    ("version", "digest", "status"),
    [(1, None, 412), (999, None, 412), (None, "0" * 64, 412), (None, "x" * 65, 400)],
)
def test_a_signature_on_what_is_not_asked_is_refused(
    world: World, version: int | None, digest: str | None, status: int
) -> None:
    before = signatures()
    answer = world.caller("board").post(
        f"/api/v1/changes/{world.asked.pk}/moves/approve/",
        {"version": version or world.asked.evidence_seq,
         **({"content_digest": digest} if digest else {})},
    )  # fmt: skip
    assert answer.status_code == status, answer.json()
    assert signatures() == before


def test_a_page_that_hides_which_content_it_showed_signs_nothing(world: World) -> None:
    before = signatures()
    address = f"/admin/changes/changerequest/{world.asked.pk}/move/approve/"
    answer = world.browser("board").post(address, {"evidence_seq": world.asked.evidence_seq})
    assert answer.status_code == 412
    assert signatures() == before


def test_a_page_of_several_takes_only_what_waits_for_who_is_signed_in(world: World) -> None:
    before = signatures()
    make_user("stranger")
    data: dict[str, Any] = {"row": [f"{world.asked.pk}/board", "x", "a/b/c", "\x00"]}
    for who in ("requester", "manager", "root"):
        assert world.browser(who).post("/admin/changes/changerequest/together/",
                                       data).status_code == 400  # fmt: skip
    assert signatures() == before
