from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from apps.approvals.models import Approval
from apps.changes.domain import lifecycle, meeting, standard
from apps.changes.models import ChangeRequest
from apps.changes.policies.reasons import wrong_state
from apps.changes.services import requests
from apps.evidence.models import EvidenceEntry
from tests.changes.worlds import SCOPE_LINE, Bank, approved, draft, sign, small_bank, submitted
from tests.factories import actor, make_user
from tests.support import commit_now, once_a_module, refused

pytestmark = pytest.mark.django_db


built = once_a_module(small_bank)


@pytest.fixture
def bank(built: Bank, db: None) -> Bank:
    return deepcopy(built)


def test_a_draft_is_one_entry_and_one_history_row(bank: Bank) -> None:
    change = draft(bank)
    commit_now()
    entry = EvidenceEntry.objects.get(subject=change.subject)
    assert (entry.seq, entry.action, entry.to_state) == (1, "change.created", "draft")
    row = change.history.get()
    assert (row.evidence_seq, row.history_user_id) == (1, bank.requester.pk)


def test_the_entry_tells_the_scope(bank: Bank) -> None:
    told = json.loads(bytes(EvidenceEntry.objects.get(subject=draft(bank).subject).body))
    scope = next(row for row in told["diff"] if row["field"] == "assets")
    assert scope["new"][0]["from_version"] == "01.14"


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_that_nobody_can_reckon_from_is_refused_at_its_field(bank: Bank, day: date) -> None:
    values = {"title": "x", "application": bank.application, "latest_on": day}
    with refused("far") as caught:
        requests.create_change(actor=actor(bank.requester), values=values)
    assert caught.value.blockers[0].field == "latest_on"  # type: ignore[attr-defined]


def test_every_missing_field_is_named_at_once(bank: Bank) -> None:
    change = requests.create_change(
        actor=actor(bank.requester), values={"title": "x", "application": bank.application}
    )
    with refused("missing_field", "no_scope", "no_tests") as caught:
        requests.submit(pk=change.pk, actor=actor(bank.requester))
    fields = {b.field for b in caught.value.blockers if b.code == "missing_field"}  # type: ignore[attr-defined]
    assert fields == {"reason", "implementation_summary", "backout_summary",
                      "validation_summary", "declared_risk", "impact",
                      "security_impact"}  # fmt: skip


@pytest.mark.parametrize("field", ["reason", "impact", "security_impact", "backout_summary"])
def test_no_change_is_submitted_without_reason_impact_security_and_backout(
    bank: Bank, field: str
) -> None:
    change = draft(bank, **{field: ""})
    with refused("missing_field") as caught:
        requests.submit(pk=change.pk, actor=actor(bank.requester))
    assert [b.field for b in caught.value.blockers] == [field]  # type: ignore[attr-defined]
    assert not EvidenceEntry.objects.filter(
        subject=change.subject, action="change.submitted"
    ).exists()


def test_a_change_that_its_score_lifts_needs_the_whole_form(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A low-risk draft names no words; its score makes it a medium one."""
    change = draft(bank, data_words="")

    def lifted(change: ChangeRequest) -> None:
        change.risk_band = "medium"

    monkeypatch.setattr(requests, "score_risk", lifted)
    with refused("missing_field") as caught:
        requests.submit(pk=change.pk, actor=actor(bank.requester))
    assert [b.field for b in caught.value.blockers] == ["data_words"]  # type: ignore[attr-defined]


def test_a_refused_submit_leaves_only_a_refusal(bank: Bank) -> None:
    change = draft(bank)
    outsider = make_user("outsider", "requester")
    with refused("role_missing"):
        requests.submit(pk=change.pk, actor=actor(outsider))
    change = ChangeRequest.objects.get(pk=change.pk)
    assert change.state == "draft" and change.evidence_seq == 1
    refusal = EvidenceEntry.objects.get(action="access.refused")
    assert refusal.about == change.subject and refusal.actor_id == outsider.pk


@pytest.mark.parametrize(
    ("risk", "asset", "slots"),
    [
        ("low", "copybook", ["application_owner"]),
        ("medium", "copybook", ["application_owner"]),
        ("medium", "table", ["application_owner", "technical_lead:db2"]),
        ("high", "table", ["application_owner", "board", "technical_lead:db2"]),
    ],
)
def test_the_policy_asks_for_slots_by_risk_and_family(
    bank: Bank, risk: str, asset: str, slots: list[str]
) -> None:
    line = {"asset": getattr(bank, asset), "action": "change", "from_version": "1"}
    change = submitted(bank, risk, assets=[line])
    asked = Approval.objects.filter(about=change.subject).values_list("slot", flat=True)
    assert sorted(asked) == slots


def test_the_last_signature_approves(bank: Bank) -> None:
    line = {"asset": bank.table, "action": "change", "from_version": "1"}
    change = submitted(bank, "high", assets=[line])
    change = sign(change, bank.owner, bank.db2_lead, bank.board[0])
    assert change.state == "assessing"
    change = sign(change, bank.board[1])
    commit_now()
    assert change.state == "approved" and change.valid_until is not None


def test_one_person_counts_once_in_a_quorum(bank: Bank) -> None:
    line = {"asset": bank.copybook, "action": "change", "from_version": "1"}
    change = submitted(bank, "high", assets=[line])
    change = sign(change, bank.owner, bank.board[0])
    with refused("signed_already"):
        sign(change, bank.board[0])


def test_the_requester_never_signs_their_own_change(bank: Bank) -> None:
    change = submitted(bank)
    make_user("requester", "application_owner@application:CARD")
    with refused("separation_of_duties"):
        sign(change, bank.requester)


def test_a_superuser_has_no_approval_power(bank: Bank) -> None:
    change = submitted(bank)
    root = make_user("root")
    root.is_superuser = True
    root.save()
    with refused("not_in_slot"):
        sign(change, root)


def test_a_decision_without_a_fresh_proof_of_identity_is_refused(bank: Bank) -> None:
    from apps.accounts.selectors import actor_for
    from apps.changes.services import decisions

    change = submitted(bank)
    with refused("step_up_needed"):
        decisions.approve(pk=change.pk, actor=actor_for(bank.owner), expected_seq=2)


def test_a_decision_on_an_old_version_tells_what_changed(bank: Bank) -> None:
    from apps.changes.services import decisions

    change = submitted(bank)
    requests.edit_change(
        pk=change.pk, actor=actor(bank.requester), values={"backout_summary": "None."}
    )
    with refused("stale") as caught:
        decisions.approve(pk=change.pk, actor=actor(bank.owner), expected_seq=2)
    blocker = caught.value.blockers[0]  # type: ignore[attr-defined]
    assert blocker.details["changes"][0]["action"] == "change.invalidated"


def test_a_material_edit_voids_the_approval_and_says_what_changed(bank: Bank) -> None:
    change = approved(bank)
    edited = requests.edit_change(
        pk=change.pk,
        actor=actor(bank.requester),
        values={"backout_summary": "There is none."},
        expected_seq=change.evidence_seq,
    )
    commit_now()
    assert edited.state == "assessing"
    owners = Approval.objects.filter(about=change.subject, slot="application_owner")
    old, new = owners.order_by("requested_at", "pk")
    assert (old.state, new.state) == ("superseded", "requested")
    assert "backout: Restore the members. → There is none." in old.closed_reason


def test_an_edit_that_is_not_material_asks_nobody(bank: Bank) -> None:
    change = approved(bank)
    edited = requests.edit_change(
        pk=change.pk, actor=actor(bank.requester), values={"external_ref": "SN-1"}
    )
    assert edited.state == "approved"
    assert Approval.objects.get(about=change.subject).state == "approved"


def test_a_scope_edit_is_material(bank: Bank) -> None:
    change = approved(bank)
    edited = requests.edit_change(
        pk=change.pk,
        actor=actor(bank.requester),
        values={},
        parts={"assets": [SCOPE_LINE | {"asset": bank.copybook, "to_version": "01.16"}]},
    )
    commit_now()
    assert edited.state == "assessing"


def test_an_edit_that_changes_nothing_writes_nothing(bank: Bank) -> None:
    change = approved(bank)
    seq = change.evidence_seq
    requests.edit_change(pk=change.pk, actor=actor(bank.requester), values={"title": change.title})
    change = ChangeRequest.objects.get(pk=change.pk)
    assert change.evidence_seq == seq


def test_a_rejection_ends_it_and_withdraws_the_other_slots(bank: Bank) -> None:
    line = {"asset": bank.table, "action": "change", "from_version": "1"}
    change = submitted(bank, "medium", assets=[line])
    change = sign(change, bank.owner, verdict="reject", comment="Not before year end.")
    states = Approval.objects.filter(about=change.subject).order_by("slot")
    assert change.state == "rejected"
    assert [slot.state for slot in states] == ["rejected", "withdrawn"]


def test_an_abstention_leaves_the_slot_open(bank: Bank) -> None:
    change = sign(submitted(bank), bank.owner, verdict="abstain")
    assert change.state == "assessing"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"reason": "a\x00b"}, "reason"),
        ({"reason": "x" * 1_000_000}, "reason"),
        ({"downtime_minutes": -1}, "downtime_minutes"),
        ({"declared_risk": "none at all"}, "declared_risk"),
        ({"state": "approved"}, "state"),
        ({"fingerprint": "0" * 64}, "fingerprint"),
    ],
)
def test_bad_input_names_the_field(bank: Bank, values: dict[str, Any], field: str) -> None:
    change = draft(bank)
    with refused() as caught:
        requests.edit_change(pk=change.pk, actor=actor(bank.requester), values=values)
    assert field in {blocker.field for blocker in caught.value.blockers}  # type: ignore[attr-defined]
    change = ChangeRequest.objects.get(pk=change.pk)
    assert change.evidence_seq == 1


def test_hold_blocks_signing_and_release_allows_it(bank: Bank) -> None:
    change = submitted(bank)
    requests.hold(pk=change.pk, actor=actor(bank.manager), comment="Wait for the vendor.")
    with refused("on_hold"):
        sign(change, bank.owner)
    requests.release(pk=change.pk, actor=actor(bank.manager))
    assert sign(change, bank.owner).state == "approved"


def test_codes_are_given_by_the_portal_and_differ(bank: Bank) -> None:
    assert draft(bank).code != draft(bank).code
    assert ChangeRequest.objects.filter(code__startswith="CHG").count() == 2


@pytest.mark.parametrize("life", [lifecycle, standard, meeting], ids=lambda life: life.__name__)
def test_a_refusal_for_its_state_tells_who_moves_it_on(life: Any) -> None:
    left = {state for sources in life.SOURCES.values() for state in sources}
    assert life.MOVERS.keys() == left
    for state in left:
        told = wrong_state("X1", state, (), dict(life.STATES), life.MOVERS)
        assert told.who == life.MOVERS[state]
