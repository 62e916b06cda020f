"""The ways round the door, each shown shut under the application's own database role."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.db import connection

from apps.approvals.models import Approval, Decision
from apps.changes.models import ChangeAsset, ChangeRequest
from apps.core import clock
from apps.core.ids import uuid7
from tests.changes.worlds import Bank, approved, draft, small_bank, submitted
from tests.support import commit_now, once_a_module, refused_by_database

pytestmark = pytest.mark.django_db


def as_if_committed_before() -> None:
    """Let every entry so far look like another transaction's: the test itself has only one."""
    commit_now()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE evidence_evidenceentry SET txid = 1")
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET LOCAL ROLE interlock_app")


built = once_a_module(small_bank)


@pytest.fixture
def bank(built: Bank, db: None) -> Bank:
    return deepcopy(built)


def test_the_application_role_is_the_one_that_is_tested(bank: Bank) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("interlock_app",)


def test_a_state_written_by_queryset_update_is_refused(bank: Bank) -> None:
    change = submitted(bank)
    with refused_by_database():
        ChangeRequest.objects.filter(pk=change.pk).update(state="approved")


def test_a_state_written_by_bulk_update_is_refused(bank: Bank) -> None:
    change = submitted(bank)
    change.__dict__["state"] = "approved"
    with refused_by_database():
        ChangeRequest.objects.bulk_update([change], ["state"])


def test_a_state_written_by_raw_sql_is_refused(bank: Bank) -> None:
    change = submitted(bank)
    with refused_by_database(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE changes_changerequest SET state = 'approved', evidence_seq = evidence_seq + 1 "
            "WHERE id = %s",
            [change.pk],
        )


def test_a_move_that_the_lifecycle_does_not_have_is_refused(bank: Bank) -> None:
    change = draft(bank)
    with refused_by_database("has no move from draft to closed"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE changes_changerequest SET state = 'closed', evidence_seq = evidence_seq + 1 "
            "WHERE id = %s",
            [change.pk],
        )


def test_a_change_inserted_as_approved_is_refused(bank: Bank) -> None:
    now = clock.now()
    with refused_by_database("starts in state draft"):
        ChangeRequest.objects.create(
            code="CHG9999", title="Forged", application=bank.application,
            requester=bank.requester, author=bank.requester, owner=bank.requester,
            evidence_head=b"", created_at=now, changed_at=now, state="approved",
        )  # fmt: skip


def test_a_forged_signature_is_refused(bank: Bank) -> None:
    change = submitted(bank)
    slot = Approval.objects.get(about=change.subject)
    as_if_committed_before()
    with refused_by_database("without an entry about its approval"):
        Decision.objects.create(
            approval=slot, by=bank.owner, verdict="approve", meaning="forged",
            content_digest="0" * 64, channel="admin", decided_at=clock.now(),
        )  # fmt: skip


def test_a_signature_cannot_be_changed_or_removed(bank: Bank) -> None:
    approved(bank)
    with refused_by_database("append-only|permission denied"):
        Decision.objects.update(verdict="reject")
    with refused_by_database("append-only|permission denied"):
        Decision.objects.all().delete()


def test_a_scope_line_written_past_the_change_is_refused(bank: Bank) -> None:
    change = approved(bank)
    as_if_committed_before()
    with refused_by_database("without an entry about its change"):
        ChangeAsset.objects.create(change=change, asset=bank.table, action="change")
    with refused_by_database("without an entry about its change"):
        ChangeAsset.objects.filter(change=change).update(to_version="99.99")


def test_a_change_cannot_be_deleted(bank: Bank) -> None:
    change = draft(bank)
    with refused_by_database("never deleted|without an entry"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM changes_changerequest WHERE id = %s", [change.pk])


def test_history_cannot_be_rewritten(bank: Bank) -> None:
    change = draft(bank)
    with refused_by_database("append-only|permission denied"):
        change.history.update(title="Another past")
    with refused_by_database("append-only|permission denied"):
        change.history.all().delete()


def test_who_approved_cannot_be_erased_with_the_account(bank: Bank) -> None:
    approved(bank)
    with pytest.raises(Exception, match="protected foreign keys"):
        bank.owner.delete()


def test_the_triggers_cannot_be_switched_off(bank: Bank) -> None:
    with refused_by_database("permission denied"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")


def test_the_list_of_guarded_tables_cannot_be_changed(bank: Bank) -> None:
    with refused_by_database("permission denied"), connection.cursor() as cursor:
        cursor.execute("UPDATE evidence_evidencesubject SET table_name = ''")


def test_an_entry_about_nothing_that_exists_is_refused(bank: Bank) -> None:
    from apps.changes.events import APPROVED
    from apps.evidence.services.ledger import record_fact
    from tests.factories import SETUP

    with refused_by_database("did not happen"):
        record_fact("change", key=uuid7(), actor=SETUP, event=APPROVED)
