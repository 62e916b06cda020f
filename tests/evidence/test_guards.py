"""The side doors, tried by the application's own database role."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.accounts.models import Team
from apps.core.ids import uuid7
from apps.evidence.models import EvidenceEntry
from tests.factories import SETUP, make_team
from tests.support import commit_now, refused_by_database

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


def test_the_application_cannot_switch_triggers_off() -> None:
    with refused_by_database("must be owner|permission denied"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_team DISABLE TRIGGER ALL")
