"""Each rule of invariants.sql finds what breaks it, planted by the owner with every guard off."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from apps.audit.domain.invariants import read_invariants
from apps.audit.services.invariants import broken, check_invariants, invariants
from apps.evidence.models import EvidenceCheck
from tests.audit.planting import free, plant
from tests.factories import make_team, make_user
from tests.support import invariants_hold, seal_everything, without_guards

ONE, TWO, THREE, FOUR = (UUID(int=n) for n in range(1, 5))
AT, LATER, LAST = "2026-11-22 00:10+00", "2026-11-22 00:20+00", "2026-11-22 04:00+00"


def entry(subject: str, seq: int = 1, **columns: Any) -> None:
    body = json.dumps(columns.pop("told", {"prev": None})).encode()
    row = {"subject": subject, "seq": seq, "at": AT, "body": body,
           "leaf": sha256(b"\x00" + body + subject.encode()).digest()} | columns  # fmt: skip
    if row["body"] is not None and "leaf" not in columns:
        row["leaf"] = sha256(b"\x00" + row["body"]).digest()
    plant("evidence_evidenceentry", **row)


def window(**columns: Any) -> None:
    plant("windows_releasewindow", **{
        "id": ONE, "code": "W-1", "zone": "UTC", "opens_at": AT, "closes_at": LAST,
        "state": "in_progress", "evidence_seq": 1, **columns,
    })  # fmt: skip


def step(pk: UUID = ONE, **columns: Any) -> None:
    plant("releases_activity", **{"id": pk, "label": f"A{pk.int}", "package_id": ONE, **columns})


def package(**columns: Any) -> None:
    plant("releases_releasepackage", **{"id": ONE, "code": "RP-1", "window_id": ONE, **columns})


def change(**columns: Any) -> None:
    plant("changes_changerequest", **{
        "id": ONE, "code": "CR-1", "requester_id": ONE, "author_id": ONE, "change_type": "normal",
        **columns,
    })  # fmt: skip


def slot(**columns: Any) -> None:
    plant("approvals_approval", **{
        "id": ONE, "about": f"change:{ONE}", "label": "Owner", "state": "approved", **columns,
    })  # fmt: skip


def signature(pk: UUID, by: UUID, **columns: Any) -> None:
    plant("approvals_decision", **{
        "id": pk, "approval_id": ONE, "by_id": by, "verdict": "approve", "decided_at": AT,
        **columns,
    })  # fmt: skip


def person(pk: UUID, **columns: Any) -> None:
    plant("accounts_user", id=pk, **{"username": str(pk), "kind": "human", **columns})


def _few_signatures() -> None:
    person(TWO), person(THREE, kind="service")
    slot(quorum=2), signature(ONE, TWO), signature(TWO, THREE)


def _taken_back() -> None:
    person(TWO)
    slot(quorum=1), signature(ONE, TWO), signature(TWO, TWO, replaces_id=ONE, verdict="withdraw")


def _signed_by_author() -> None:
    change(state="implementing"), person(TWO)
    slot(), signature(ONE, TWO, on_behalf_of_id=ONE)


def _signed_by_implementer() -> None:
    change(state="implementing"), slot(), signature(ONE, TWO)
    step(done_by_id=TWO, started_at=LATER)
    plant("releases_activitychange", id=ONE, activity_id=ONE, change_id=ONE)


def _order(**before: Any) -> None:
    package(), step(ONE, started_at=AT), step(TWO, **before)
    plant("releases_activitydependency", id=ONE, activity_id=ONE, predecessor_id=TWO,
          strength="hard")  # fmt: skip


def _circle() -> None:
    for pk, (after, before) in enumerate(((ONE, TWO), (TWO, THREE), (THREE, ONE)), 1):
        plant("releases_activitydependency", id=UUID(int=pk), activity_id=after,
              predecessor_id=before, strength="hard")  # fmt: skip


def _held_twice() -> None:
    plant("inventory_subsystem", id=ONE, name="DBP1")
    for pk in (ONE, TWO):
        step(pk, subsystem_id=ONE, exclusive=True, state="in_progress")


def _team(**columns: Any) -> None:
    plant("accounts_team", **{"id": ONE, "evidence_seq": 1, **columns})


def _closed_account() -> None:
    plant("accounts_historicaluser", history_id=1, id=ONE, is_active=False, history_date=AT)
    entry(f"refusal:{ONE}", actor_id=ONE, at=LATER)


#: Rule, what is planted, and what is found of it.
PLANTED: list[tuple[str, str, Callable[[], Any]]] = [
    ("I1", "W-1", lambda: window(booked_changes=1)),
    ("I1", "W-1", lambda: (window(), plant("windows_booking", window_id=ONE, points=2,
                                           state="reserved"))),
    ("I2", "W-1", lambda: window(booked_points=1)),
    ("I2", "W-1", lambda: window(booked_changes=5, capacity_changes=5, reserve_percent=20)),
    ("I3", f"change:{ONE}, Owner", _few_signatures),
    ("I3", f"change:{ONE}, Owner", _taken_back),
    ("I3", "CR-1, Owner", lambda: (change(state="approved"), slot(state="requested"))),
    ("I3", "CR-1, Owner", lambda: (change(state="scheduled"), slot(state="denied"))),
    ("I3", "CR-1, nobody signed it", lambda: change(state="approved")),
    ("I4", "CR-1, signed by who asked for it or wrote it", _signed_by_author),
    ("I4", "CR-1, signed by who ran A1", _signed_by_implementer),
    ("I5", "W-1 A1", lambda: (window(), package(), step(started_at=LAST))),
    ("I5", "W-1 A1", lambda: (window(), package(), step(
        started_at=LAST, done_by_id=ONE, let_start_by_id=ONE, let_start_reason="Because."))),
    ("I6", f"refusal:{ONE}, a gap", lambda: entry(f"refusal:{ONE}", 2)),
    ("I6", f"refusal:{ONE} #2, another predecessor", lambda: (
        entry(f"refusal:{ONE}"), entry(f"refusal:{ONE}", 2, told={"prev": "00"}))),
    ("I6", f"team:{ONE} #1, not its last entry", _team),
    ("I6", f"team:{ONE} #1, not its last entry", lambda: (_team(), entry(f"team:{ONE}"))),
    ("I6", f"team:{ONE}, no record", lambda: entry(f"team:{ONE}")),
    ("I7", f"window:{ONE} #1", lambda: entry(f"window:{ONE}", from_state="open")),
    ("I7", f"window:{ONE} is closed", lambda: (
        window(state="closed"), entry(f"window:{ONE}", to_state="draft"))),
    ("I8", "leaf 1", lambda: plant("evidence_evidenceleaf", idx=1, entry_id=1, leaf=b"x")),
    ("I8", "checkpoint of 1", lambda: plant("evidence_evidencecheckpoint", size=1)),
    ("I9", f"refusal:{ONE} #1", lambda: entry(f"refusal:{ONE}", recorded_at=AT)),
    ("I10", f"window:{ONE} #1,  to closed", lambda: entry(f"window:{ONE}", to_state="closed")),
    ("I10", f"window:{ONE} #2, draft to closed", lambda: (
        entry(f"window:{ONE}", to_state="draft"),
        entry(f"window:{ONE}", 2, from_state="draft", to_state="closed"))),
    ("I11", f"change:{ONE} #1", lambda: entry(
        f"change:{ONE}", from_state="implementing",
        told={"prev": None, "diff": [{"field": "fingerprint", "old": "a", "new": "b"}]})),
    ("I12", "A1 before A2", lambda: _order(state="in_progress")),
    ("I12", "A1 before A2", lambda: _order(state="completed", ended_at=LATER)),
    ("I12", f"step {ONE} waits for itself", _circle),
    ("I13", "DBP1", _held_twice),
    ("I14", "W-1, its times", lambda: window(closes_at=AT)),
    ("I14", "W-1 and W-2", lambda: (window(), window(id=TWO, code="W-2", opens_at=LATER))),
    ("I14", f"refusal:{ONE} #2, earlier than the one before", lambda: (
        entry(f"refusal:{ONE}", at=LATER), entry(f"refusal:{ONE}", 2, told={"prev": "x"}))),
    ("I14b", f"refusal:{ONE} #1", lambda: entry(f"refusal:{ONE}", at=LATER, recorded_at=AT)),
    ("I15", "RP-1 G03", lambda: (package(started_at=LATER), plant(
        "gates_readinessitem", subject=f"package:{ONE}", gate="G03", level="hard", state="not_met",
        evaluated_at=AT))),
    ("I16", "notifications, entry 1", lambda: plant(
        "evidence_evidenceoutbox", id=1, consumer="notifications", entry_id=1, attempts=5)),
    ("I17", f"change.approve {ONE}", lambda: plant(
        "evidence_actionkey", action="change.approve", key=ONE, refusal="[]", record_id=ONE)),
    ("I17", f"key {ONE}", lambda: [plant("evidence_actionkey", id=pk, key=ONE)
                                   for pk in (ONE, TWO)]),
    ("I18", "CR-1", lambda: change(ratified_by_id=ONE)),
    ("I18", "CR-1", lambda: change(change_type="emergency", state="closed",
                                   ratification_due_at=AT)),
    ("I19", "RP-1, its booking", lambda: package(state="planned")),
    ("I19", "RP-1, its booking", lambda: (package(state="delayed"), plant(
        "windows_booking", window_id=ONE, subject=f"package:{ONE}", state="active"))),
    ("I19", "RP-1, its window is over", lambda: (
        window(state="closed"), package(state="in_progress"))),
    ("I20", f"team:{ONE}", lambda: plant(
        "accounts_historicalteam", history_id=1, id=ONE, evidence_seq=2)),
    ("I20", f"team:{ONE}", lambda: [plant(
        "accounts_historicalteam", history_id=n, id=ONE, evidence_seq=1) for n in (1, 2)]),
    ("I21", f"team:{ONE} #1", lambda: entry(f"team:{ONE}")),
    ("I21", f"team:{ONE} #3", lambda: plant(
        "accounts_historicalteam", history_id=1, id=ONE, evidence_seq=3)),
    ("I21", f"refusal:{ONE} #1, by a closed account", _closed_account),
    ("I22", f"refusal:{ONE} #1", lambda: entry(f"refusal:{ONE}", body=None)),
    ("I23", f"refusal:{ONE} #1", lambda: entry(f"refusal:{ONE}", leaf=b"other")),
    ("I24", "A1", lambda: step(state="completed", four_eyes=True)),
    ("I24", "A1", lambda: step(state="completed", four_eyes=True, done_by_id=ONE,
                               verified_by_id=ONE)),
    ("I25", "A1", lambda: step(state="completed", rc=8, max_rc=4)),
]  # fmt: skip
TABLES = (
    "windows_releasewindow", "windows_booking", "changes_changerequest", "approvals_approval",
    "approvals_decision", "releases_releasepackage", "releases_activity", "accounts_user",
    "releases_activitydependency", "releases_activitychange", "gates_readinessitem",
    "evidence_evidenceentry", "evidence_evidenceoutbox", "evidence_evidenceleaf",
    "evidence_evidencecheckpoint", "evidence_actionkey", "accounts_team",
    "inventory_subsystem",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "found", "planted"),
    PLANTED,
    ids=[f"{code}-{n}" for n, (code, *_) in enumerate(PLANTED)],
)
def test_it_finds(code: str, found: str, planted: Callable[[], Any]) -> None:
    rule = next(each for each in invariants() if each.code == code)
    if rule.only_live:
        seal_everything()  # what the migrations entered may be older than two minutes
    free(*TABLES)
    assert broken(rule) == []
    planted()
    assert found in broken(rule)


def test_every_rule_is_tried() -> None:
    assert {each.code for each in invariants()} == {code for code, *_ in PLANTED}


def test_every_rule_of_the_file_has_its_words_and_one_query() -> None:
    codes = [each.code for each in invariants()]
    assert codes == sorted(codes, key=lambda code: (int(code[1:].rstrip("b")), code))
    for each in invariants():
        assert each.rule.endswith(".") and each.query.count(";") == 0, each.code


def test_a_remark_is_no_rule_and_flags_are_no_words() -> None:
    text = "-- A remark.\n\n-- I5 A rule\n-- goes on.\n-- only: live\nSELECT 1;\n"
    (rule,) = read_invariants(text)
    assert (rule.code, rule.rule, rule.query) == ("I5", "A rule goes on.", "SELECT 1")
    assert rule.only_live


@pytest.mark.django_db
class TestTheCheck:
    def test_what_the_services_make_keeps_every_rule(self) -> None:
        make_team("OPS"), make_user("one", "implementer", teams=["OPS"])
        invariants_hold()
        assert check_invariants(live=False).is_clean

    def test_what_it_finds_is_kept_and_fails_the_command(self) -> None:
        team = make_team("OPS")
        without_guards("UPDATE accounts_team SET evidence_seq = 9")
        with pytest.raises(CommandError, match="can never be"):
            call_command("check_invariants", stdout=StringIO())
        kept = EvidenceCheck.objects.get()
        told = {"code": "I6", "where": f"I6 team:{team.pk} #9, not its last entry"}
        assert told.items() <= kept.findings[0].items()
        assert kept.counts["I6"] == 1 and not kept.is_clean
