"""History and ledger, each held against the other; planted by the owner with the guards off."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand

from apps.accounts.services.people import edit_team, edit_user
from apps.evidence.domain.canonical import digest
from apps.evidence.domain.reconciliation import Mismatch, compared
from apps.evidence.management.commands import (
    clean_duplicate_history,
    clean_old_history,
    populate_history,
)
from apps.evidence.models import DigestShape, EvidenceEntry, shape_of
from apps.evidence.selectors import body_of, current_shapes
from apps.evidence.services.reconciliation import reconcile
from tests.factories import SETUP, make_team, make_user
from tests.support import refused_by_database, without_guards

COLUMNS = frozenset({"id", "name"})
VALUES = {"id": "1", "name": "Operations", "added": ""}
TOLD = {"sha256": digest({"id": "1", "name": "Operations"}), "shape": "x"}


class TestOneVersion:
    def test_what_is_as_its_entry_tells_agrees(self) -> None:
        assert list(compared("team:1", 2, VALUES, TOLD, COLUMNS)) == []

    def test_a_column_that_came_later_is_no_difference(self) -> None:
        later = {**VALUES, "added": "since"}
        assert list(compared("team:1", 2, later, TOLD, COLUMNS)) == []

    def test_another_value_is_found(self) -> None:
        found = compared("team:1", 2, {**VALUES, "name": "Others"}, TOLD, COLUMNS)
        assert list(found) == [Mismatch("other_digest", "team:1", 2)]

    def test_a_version_without_an_entry_is_found(self) -> None:
        found = compared("team:1", 2, VALUES, None, None)
        assert list(found) == [Mismatch("row_without_entry", "team:1", 2)]

    def test_of_a_column_that_is_gone_nothing_can_be_said(self) -> None:
        assert list(compared("team:1", 2, {"id": "1"}, TOLD, COLUMNS)) == []


@pytest.fixture
def team() -> Any:
    made = make_team("OPS")
    edit_team(pk=made.pk, actor=SETUP, values={"name": "Operations"})
    make_user("one", "implementer")
    return made


HISTORY = "accounts_historicalteam"
PLANTED = {
    "a version that was edited": (
        f"UPDATE {HISTORY} SET name = 'Others' WHERE evidence_seq = 1", "other_digest",
    ),
    "a version that was deleted": (
        f"DELETE FROM {HISTORY} WHERE evidence_seq = 1", "entry_without_row",
    ),
    "a version that was made up": (
        f"UPDATE {HISTORY} SET evidence_seq = 9 WHERE evidence_seq = 2", "row_without_entry",
    ),
    "a record that was edited": ("UPDATE accounts_team SET name = 'Others'", "other_digest"),
    "a record that was deleted": ("DELETE FROM accounts_team", "gone"),
    "a record with another head": ("UPDATE accounts_team SET evidence_head = 'x'", "other_head"),
    "an entry that was deleted": (
        "DELETE FROM evidence_evidenceentry WHERE subject LIKE 'team:%' AND seq = 2",
        "row_without_entry",
    ),
    "an account that was edited": ("UPDATE accounts_user SET is_staff = false", "other_digest"),
    "an account made without a service": (
        "DELETE FROM evidence_evidenceentry WHERE subject LIKE 'user:%'", "row_without_entry",
    ),
}  # fmt: skip


@pytest.mark.django_db
class TestEverything:
    def test_what_the_services_wrote_agrees(self, team: Any) -> None:
        user = make_user("one")
        edit_user(pk=user.pk, actor=SETUP, values={"is_active": False, "last_name": "Two"})
        check = reconcile()
        assert (check.findings, check.is_clean) == ([], True)
        assert check.counts["versions"] >= 3
        told = body_of(EvidenceEntry.objects.get(action="evidence.checked"))
        assert (told["outcome"], told["facts"]["found"]) == ("done", 0)

    @pytest.mark.parametrize("what", PLANTED)
    def test_it_finds(self, team: Any, what: str) -> None:
        statement, code = PLANTED[what]
        without_guards(statement)
        check = reconcile()
        assert code in {finding["code"] for finding in check.findings}
        assert check.counts[code] >= 1 and not check.is_clean

    def test_a_digest_over_columns_of_then_is_not_called_wrong(self, team: Any) -> None:
        without_guards("DELETE FROM evidence_digestshape WHERE model = 'accounts.team'")
        check = reconcile()
        assert check.is_clean and check.counts["of_other_columns"] == 3

    def test_every_shape_of_now_is_kept(self) -> None:
        known = set(DigestShape.objects.values_list("model", "shape"))
        assert known >= {(row.model, row.shape) for row in current_shapes()}
        assert ("accounts.team", shape_of(type(make_team("OPS")))) in known

    def test_the_application_does_not_write_shapes(self) -> None:
        with refused_by_database("permission denied"):
            DigestShape.objects.create(model="accounts.team", shape="0", names=[])

    def test_its_result_is_never_changed(self, team: Any) -> None:
        check = reconcile()
        with refused_by_database("append-only|permission denied"):
            type(check).objects.update(found=0)


@pytest.mark.django_db
class TestCommands:
    def test_the_command_says_that_all_agrees(self, team: Any) -> None:
        told = StringIO()
        call_command("reconcile_evidence", stdout=told)
        assert "History and ledger agree." in told.getvalue()

    def test_the_command_fails_and_tells_what_does_not(self, team: Any) -> None:
        without_guards("UPDATE accounts_team SET name = 'Others'")
        told = StringIO()
        with pytest.raises(CommandError, match="do not agree"):
            call_command("reconcile_evidence", stdout=told)
        assert f"team:{team.pk} #2: What is kept is not what its entry tells." in told.getvalue()


@pytest.mark.parametrize("module", [clean_old_history, clean_duplicate_history, populate_history])
def test_the_commands_that_touch_history_refuse(module: Any) -> None:
    name = module.__name__.rpartition(".")[2]
    with pytest.raises(CommandError, match="History is never"):
        call_command(name)
    command: BaseCommand = module.Command()
    with pytest.raises(SystemExit, match="History is never"):
        command.run_from_argv(["manage.py", name, "--auto", "--days", "1"])
