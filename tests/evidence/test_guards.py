"""The side doors, tried by the application's own database role."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.accounts.models import Team
from apps.core.ids import uuid7
from apps.evidence.events import READ
from apps.evidence.models import EvidenceCheckpoint, EvidenceEntry, EvidenceLeaf
from apps.evidence.services.ledger import record_fact
from tests.changes.worlds import draft, small_bank
from tests.factories import SETUP, make_team
from tests.support import as_sealer, commit_now, refused_by_database

pytestmark = pytest.mark.django_db


def test_a_service_passes_the_guards() -> None:
    team = make_team("OPS")
    commit_now()
    assert EvidenceEntry.objects.get(subject=team.subject).action == "team.created"


def test_queryset_update_is_refused() -> None:
    team = make_team("OPS")
    with refused_by_database():
        Team.objects.filter(pk=team.pk).update(name="Somebody else")


def test_a_version_bump_without_an_entry_is_refused() -> None:
    team = make_team("OPS")
    with refused_by_database():
        Team.objects.filter(pk=team.pk).update(name="Somebody else", evidence_seq=2)


def test_an_insert_without_an_entry_is_refused() -> None:
    team = make_team("OPS")
    with refused_by_database():
        Team.objects.create(
            code="NEW", name="New", kind="operations", evidence_head=b"x",
            created_at=team.created_at, changed_at=team.created_at,
        )  # fmt: skip


def test_a_delete_is_refused() -> None:
    team = make_team("OPS")
    with refused_by_database():
        team.delete()


def test_an_entry_cannot_be_changed() -> None:
    make_team("OPS")
    with refused_by_database(match="permission denied|append-only"):
        EvidenceEntry.objects.update(action="team.edited")


def test_an_entry_cannot_be_deleted() -> None:
    make_team("OPS")
    with refused_by_database(match="permission denied|append-only"):
        EvidenceEntry.objects.all().delete()


def test_an_entry_without_its_change_is_refused() -> None:
    team = make_team("OPS")
    team.__dict__["_remembered"] = team.governed_values()
    from apps.accounts.events import TEAM_EDITED
    from apps.evidence.services.ledger import _entry

    team.evidence_seq = 2
    with refused_by_database("did not happen"):
        _entry(team, {}, actor=SETUP, event=TEAM_EDITED, comment="", at=team.changed_at)


def test_bytes_that_differ_from_their_columns_are_refused() -> None:
    team = make_team("OPS")
    entry = EvidenceEntry.objects.get(subject=team.subject)
    entry.pk, entry.subject = None, f"team:{uuid7()}"
    with refused_by_database("differ from its bytes"):
        entry.save(force_insert=True)


SIDE_DOORS = {
    "a state set by hand": "UPDATE changes_changerequest SET state = 'approved'",
    "a state set by hand with its version": """
        UPDATE changes_changerequest SET state = 'approved', evidence_seq = evidence_seq + 1""",
    "a row that is born approved": """
        INSERT INTO changes_changerequest
        SELECT (r).* FROM (SELECT jsonb_populate_record(c, jsonb_build_object(
            'id', gen_random_uuid(), 'code', 'CHG-X', 'state', 'approved', 'evidence_seq', 1)) AS r
        FROM changes_changerequest AS c) AS t""",
    "an entry of something that did not happen": """
        INSERT INTO evidence_evidenceentry
            (subject, seq, action, from_state, to_state, about, at, body, leaf)
        SELECT subject, 2, action, '', 'approved', '', at, b, sha256('\\x00'::bytea || b)
        FROM (SELECT *, convert_to(jsonb_build_object(
            'subject', subject, 'seq', 2, 'action', action, 'to', 'approved',
            'prev', encode(leaf, 'hex'), 'actor', '{}'::jsonb,
            'at', convert_from(body, 'UTF8')::jsonb -> 'at')::text, 'UTF8') AS b
        FROM evidence_evidenceentry WHERE subject LIKE 'change:%%') AS t""",
    "an entry with the leaf of another": """
        INSERT INTO evidence_evidenceentry
            (subject, seq, action, from_state, to_state, about, at, body, leaf)
        SELECT subject, seq, action, from_state, to_state, about, at, body, sha256(body)
        FROM evidence_evidenceentry""",
    "an entry that is changed": "UPDATE evidence_evidenceentry SET body = body || ' '::bytea",
    "an entry that is deleted": "DELETE FROM evidence_evidenceentry",
    "guards that are switched off": "ALTER TABLE evidence_evidenceentry DISABLE TRIGGER ALL",
    "a ledger that is emptied": "TRUNCATE evidence_evidenceentry CASCADE",
    "a place in the tree": """
        INSERT INTO evidence_evidenceleaf (idx, entry_id, leaf)
        SELECT 0, id, leaf FROM evidence_evidenceentry LIMIT 1""",
    "a checkpoint of one's own": """
        INSERT INTO evidence_evidencecheckpoint (origin, size, note, at)
        VALUES ('x', 0, '', now())""",
    "an alarm that is called off": """
        INSERT INTO evidence_evidencealarm (code, text, at) VALUES ('clear', '', now())""",
    "a guard that is replaced": """
        CREATE OR REPLACE FUNCTION evidence_check_leaf() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RETURN NEW; END'""",
    "triggers that do not fire": "SET LOCAL session_replication_role = replica",
}


@pytest.mark.parametrize("attempt", SIDE_DOORS.values(), ids=SIDE_DOORS)
def test_the_application_finds_every_side_door_locked(attempt: str) -> None:
    draft(small_bank())
    refusals = r"interlock:|permission denied|must be owner"
    with refused_by_database(refusals), connection.cursor() as cursor:
        cursor.execute(attempt)


def test_only_the_sealer_tells_of_its_keys() -> None:
    with refused_by_database("only the sealer"):
        record_fact("seal", actor=SETUP, event=READ)
    with as_sealer(), refused_by_database("nothing but its keys"):
        record_fact("read", actor=SETUP, event=READ)


def test_the_sealer_changes_no_record() -> None:
    make_team("OPS")
    with as_sealer(), refused_by_database("permission denied"):
        Team.objects.update(name="Somebody else", evidence_seq=2)


def test_the_sealer_places_entries_in_order_with_their_own_leaf() -> None:
    make_team("OPS")
    entry = EvidenceEntry.objects.first()
    assert entry is not None
    with as_sealer():
        with refused_by_database("not that of its entry"):
            EvidenceLeaf.objects.create(idx=0, entry=entry, leaf=b"x" * 32)
        with refused_by_database("does not follow"):
            EvidenceLeaf.objects.create(idx=1, entry=entry, leaf=entry.leaf)
        EvidenceLeaf.objects.create(idx=0, entry=entry, leaf=entry.leaf)
        with refused_by_database("does not follow"):
            EvidenceCheckpoint.objects.create(origin="x", size=2, note="", at=entry.at)
        with refused_by_database("permission denied|append-only"):
            EvidenceLeaf.objects.all().delete()


def test_the_application_cannot_switch_triggers_off() -> None:
    with refused_by_database("must be owner|permission denied"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_team DISABLE TRIGGER ALL")
