"""A change through the interface: drafted, edited, moved, looked back on."""

from __future__ import annotations

from typing import Any

import pytest

from apps.approvals.models import Approval, Decision, ViewLog
from apps.changes.models import ChangeRequest
from apps.changes.services import content, requests
from apps.core.errors import Refused
from apps.evidence.models import EvidenceEntry
from tests.changes.worlds import IMPACT_FORM, Bank, draft, submitted
from tests.factories import actor, make_user
from tests.support import commit_now

pytestmark = pytest.mark.django_db
URL = "/api/v1/changes/"


def whole(bank: Bank, **more: Any) -> dict[str, Any]:
    return {
        "title": "Account record 300 to 340",
        "application": "CARD",
        "author": bank.developer.username,
        "reason": "The regulator wants the new field.",
        "implementation_summary": "Recompile and phase in.",
        "backout_summary": "Restore the members.",
        "validation_summary": "Smoke job and control totals.",
        "declared_risk": "low",
        "tests_due_on": "2026-11-20",
        **IMPACT_FORM,
        "assets": [
            {"asset": str(bank.copybook.pk), "from_version": "01.14", "to_version": "01.15"}
        ],
        "links": [{"kind": "regulatory", "ref": "REG-9"}],
        **more,
    }


def test_from_draft_to_approved_by_different_people(bank: Bank, call_as: Any) -> None:
    requester = call_as(bank.requester)
    made = requester.post(URL, whole(bank))
    assert made.status_code == 201, made.json()
    assert made.json()["state"] == "draft"
    assert made["ETag"] == '"1"'
    address = made["Location"]

    edited = requester.patch(address, {"title": "Another title"}, HTTP_IF_MATCH='"1"')
    assert edited.status_code == 200, edited.json()
    assert edited.json()["title"] == "Another title"
    assert len(edited.json()["assets"]) == 1

    told = {m["move"]: m for m in requester.get(f"{address}moves/").json()}
    assert told["submit"]["possible"]
    sent = requester.post(f"{address}moves/submit/", HTTP_IF_MATCH=edited["ETag"])
    assert sent.status_code == 200, sent.json()
    assert sent.json()["state"] == "assessing"
    assert [slot["state"] for slot in sent.json()["approvals"]] == ["requested"]

    signed = call_as(bank.owner, fresh=True).post(
        f"{address}moves/approve/", {"comment": "Agreed", "version": sent.json()["version"]}
    )
    assert signed.status_code == 200, signed.json()
    assert signed.json()["state"] == "approved"
    assert signed.json()["approvals"][0]["decisions"][0]["by"]["username"] == "owner.card"
    assert Decision.objects.get().channel == "api"
    commit_now()

    history = requester.get(f"{address}history/").json()["results"]
    assert [h["action"] for h in history if h["action"].startswith("change.")] == [
        "change.approved",
        "change.submitted",
        "change.edited",
        "change.created",
    ]
    assert history[-1]["by"] == str(bank.requester)


def test_a_move_that_is_refused_tells_every_blocker(bank: Bank, call_as: Any) -> None:
    change = draft(bank, reason="", backout_summary="")
    answer = call_as(bank.requester).post(f"{URL}{change.pk}/moves/submit/")
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert {b["field"] for b in problem["blockers"]} == {"reason", "backout_summary"}
    assert all(b["fix"] for b in problem["blockers"])
    assert set(problem) == {
        "type", "title", "status", "detail", "instance", "blockers", "request_id",
    }  # fmt: skip
    assert problem["instance"] == f"{URL}{change.pk}/moves/submit/"
    entry = EvidenceEntry.objects.filter(action="access.refused").latest("id")
    assert problem["request_id"]
    assert problem["request_id"].encode() in bytes(entry.body)

    with pytest.raises(Refused) as refusal:
        requests.submit(pk=change.pk, actor=actor(bank.requester))
    assert [b.as_dict() for b in refusal.value.blockers] == problem["blockers"]


def test_a_move_of_somebody_else_is_forbidden_with_reasons(bank: Bank, call_as: Any) -> None:
    change = draft(bank)
    stranger = make_user("stranger", "requester")
    answer = call_as(stranger).post(f"{URL}{change.pk}/moves/submit/")
    assert answer.status_code == 403
    assert answer.json()["blockers"][0]["code"] == "role_missing"


def test_moves_of_other_states_are_told_when_asked(bank: Bank, call_as: Any) -> None:
    change, client = draft(bank), call_as(bank.requester)
    offered = {m["move"] for m in client.get(f"{URL}{change.pk}/moves/").json()}
    every = {m["move"]: m for m in client.get(f"{URL}{change.pk}/moves/?all=1").json()}
    assert "approve" not in offered
    assert not every["approve"]["possible"]
    assert every["approve"]["blockers"]


class TestDecisions:
    def decide(self, client: Any, change: ChangeRequest, **more: Any) -> Any:
        return client.post(
            f"{URL}{change.pk}/moves/approve/", {"version": change.evidence_seq, **more}
        )

    def test_needs_a_step_up(self, bank: Bank, call_as: Any) -> None:
        change = submitted(bank)
        answer = self.decide(call_as(bank.owner), change)
        assert answer.status_code == 403
        assert [b["code"] for b in answer.json()["blockers"]] == ["step_up_needed"]
        entry = EvidenceEntry.objects.latest("id")
        assert (entry.action, entry.about) == ("access.refused", change.subject)

    def test_needs_the_version_that_was_seen(self, bank: Bank, call_as: Any) -> None:
        change = submitted(bank)
        answer = call_as(bank.owner, fresh=True).post(f"{URL}{change.pk}/moves/approve/")
        assert answer.status_code == 428

    def test_needs_a_token(self, bank: Bank, client: Any) -> None:
        change = submitted(bank)
        client.force_login(bank.owner)
        answer = client.post(
            f"{URL}{change.pk}/moves/approve/", {"version": 2}, content_type="application/json"
        )
        assert answer.status_code == 403
        assert [b["code"] for b in answer.json()["blockers"]] == ["token_needed"]

    def test_is_never_the_requesters(self, bank: Bank, call_as: Any) -> None:
        change = submitted(bank)
        answer = self.decide(call_as(bank.requester, fresh=True), change)
        assert answer.status_code == 403
        assert {"separation_of_duties", "not_in_slot"} <= {
            b["code"] for b in answer.json()["blockers"]
        }

    def test_on_a_record_closed_meanwhile_is_stale(self, bank: Bank, call_as: Any) -> None:
        change = submitted(bank)
        requests.cancel(pk=change.pk, actor=actor(bank.requester), comment="Not needed")
        answer = self.decide(call_as(bank.owner, fresh=True), change)
        assert answer.status_code == 412
        assert not Decision.objects.exists()

    def test_takes_a_slot_of_the_open_ones_only(self, bank: Bank, call_as: Any) -> None:
        answer = self.decide(call_as(bank.owner, fresh=True), submitted(bank), slot="board")
        assert answer.status_code == 400
        assert answer.json()["blockers"][0]["field"] == "slot"


class TestVersions:
    def test_an_edit_without_a_version_is_refused(self, bank: Bank, call_as: Any) -> None:
        change = draft(bank)
        answer = call_as(bank.requester).patch(f"{URL}{change.pk}/", {"title": "New"})
        assert answer.status_code == 428
        assert ChangeRequest.objects.get().evidence_seq == 1

    def test_a_stale_edit_is_told_the_difference(self, bank: Bank, call_as: Any) -> None:
        change, client = draft(bank), call_as(bank.requester)
        client.patch(f"{URL}{change.pk}/", {"title": "First"}, HTTP_IF_MATCH='"1"')
        answer = client.patch(f"{URL}{change.pk}/", {"title": "Second"}, HTTP_IF_MATCH='"1"')
        assert answer.status_code == 412
        details = answer.json()["blockers"][0]["details"]
        assert (details["your_version"], details["version"]) == (1, 2)
        assert details["changes"][0]["diff"] == [
            {"field": "title", "old": change.title, "new": "First"}
        ]
        assert ChangeRequest.objects.get().title == "First"

    @pytest.mark.parametrize("tag", ["*", "W/1", "-1", "9" * 40, "\uff11", ""])
    def test_what_is_no_version_is_refused(self, bank: Bank, call_as: Any, tag: str) -> None:
        change = draft(bank)
        answer = call_as(bank.requester).patch(
            f"{URL}{change.pk}/", {"title": "New"}, HTTP_IF_MATCH=tag
        )
        assert answer.status_code == 400


class TestMassAssignment:
    def test_what_the_portal_keeps_is_refused_by_name(self, bank: Bank, call_as: Any) -> None:
        change, client = draft(bank), call_as(bank.requester)
        allowed = set(content.EDITABLE_FIELDS)
        for field in ChangeRequest._meta.concrete_fields:
            if field.name in allowed:
                continue
            sent = {field.name: "approved", "title": "New"}
            answer = client.patch(f"{URL}{change.pk}/", sent, HTTP_IF_MATCH='"1"')
            assert answer.status_code == 400, field.name
            told = answer.json()["blockers"]
            assert [(b["field"], b["code"]) for b in told] == [(field.name, "not_writable")]
        assert ChangeRequest.objects.get().evidence_seq == 1

    def test_not_in_rows_and_moves_either(self, bank: Bank, call_as: Any) -> None:
        client = call_as(bank.requester)
        line = {"asset": str(bank.copybook.pk), "change": "x"}
        answer = client.post(URL, whole(bank, assets=[line], approvals=[{"state": "approved"}]))
        assert answer.status_code == 400
        assert {b["field"] for b in answer.json()["blockers"]} == {"assets[0].change", "approvals"}
        change = draft(bank)
        answer = client.post(f"{URL}{change.pk}/moves/submit/", {"state": "approved"})
        assert answer.json()["blockers"][0]["code"] == "not_writable"
        assert not Approval.objects.exists()


def test_comments_are_added_and_listed(bank: Bank, call_as: Any) -> None:
    change, client = draft(bank), call_as(bank.owner)
    for text in ("First", "Second"):
        assert client.post(f"{URL}{change.pk}/comments/", {"text": text}).status_code == 201
    told = client.get(f"{URL}{change.pk}/comments/").json()["results"]
    assert [(c["text"], c["by"]) for c in told] == [
        ("First", "owner.card"),
        ("Second", "owner.card"),
    ]
    assert client.post(f"{URL}{change.pk}/comments/", {"text": ""}).status_code == 400


def test_the_export_holds_no_formula(bank: Bank, call_as: Any) -> None:
    draft(bank, title="=HYPERLINK(1)")
    draft(bank, title="Kept out")
    client = call_as(bank.manager)
    assert client.get(f"{URL}export/").status_code in (404, 405)
    answer = client.post(f"{URL}export/?q=HYPERLINK", HTTP_ACCEPT="text/csv")
    assert answer.status_code == 200
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "'=HYPERLINK(1)" in lines[1]
    assert client.post(f"{URL}export/?state=nonsense").status_code == 400


def test_a_change_that_was_fetched_with_a_token_counts_as_opened(bank: Bank, call_as: Any) -> None:
    change = draft(bank)
    owner, program = call_as(bank.owner), call_as(make_user("feed", kind="service"))
    for client in (owner, owner, program):
        assert client.get(f"{URL}{change.pk}/").status_code == 200
    (view,) = ViewLog.objects.all()
    assert (view.user, view.about) == (bank.owner, change.subject)
    assert view.content_digest == change.current_fingerprint()
