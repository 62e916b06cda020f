"""Who may do what to evidence in the database."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.evidence.domain.roles import APP, SEALER, WORKER

pytestmark = pytest.mark.django_db

ALL = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
READ, ADD = frozenset({"SELECT"}), frozenset({"SELECT", "INSERT"})
#: Table → what the application and its workers may, and what the sealer may.
MAY = {
    "evidence_evidenceentry": (ADD, ADD),
    "evidence_evidenceleaf": (READ, ADD),
    "evidence_evidencecheckpoint": (READ, ADD),
    "evidence_evidencetimestamp": (READ, ADD),
    "evidence_evidencealarm": (READ, ADD),
    "evidence_evidencesubject": (READ, READ),
    "evidence_evidenceconsumer": (READ, READ),
    "core_democlock": (frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"}), READ),
    "changes_historicalchangerequest": (ADD, frozenset()),
    "accounts_user": (frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"}), frozenset()),
}


def privileges(role: str, table: str) -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p FROM unnest(%s::text[]) AS p WHERE has_table_privilege(%s, %s, p)",
            [list(ALL), role, table],
        )
        return frozenset(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("table", MAY)
def test_a_role_may_what_its_process_needs(table: str) -> None:
    application, sealer = MAY[table]
    assert privileges(APP, table) == privileges(WORKER, table) == application
    assert privileges(SEALER, table) == sealer


def test_no_role_of_a_process_owns_or_makes_anything() -> None:
    with connection.cursor() as cursor:
        for role in (APP, WORKER, SEALER):
            cursor.execute(
                "SELECT has_schema_privilege(%s, 'public', 'CREATE'), rolsuper OR rolcreaterole "
                "OR rolcreatedb OR rolbypassrls, (SELECT count(*) FROM pg_class WHERE relowner = "
                "pg_roles.oid) FROM pg_roles WHERE rolname = %s",
                [role, role],
            )
            assert cursor.fetchone() == (False, False, 0), role


def test_the_roles_are_made_by_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n"))
    call_command("create_roles", "--login", SEALER)
    assert "The roles are there" in capsys.readouterr().out
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [SEALER])
        assert cursor.fetchone()[0].startswith("SCRAM-SHA-256$")


def test_a_short_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError, match="16 characters"):
        call_command("create_roles", "--login", SEALER)


def test_the_application_is_told_who_makes_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n"))
    with pytest.raises(CommandError, match="as the owner"):
        call_command("create_roles", "--login", SEALER)
