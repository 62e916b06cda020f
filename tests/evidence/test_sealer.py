"""The sealer: what it signs, what it refuses to sign, and what it does when it is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections
from django.test import override_settings

from apps.accounts.models import Team
from apps.accounts.services.people import edit_team
from apps.evidence import selectors
from apps.evidence.domain.merkle import consistency_proof, leaf_hash, verify_consistency
from apps.evidence.domain.note import Checkpoint, SigningKey, sign_note
from apps.evidence.management.commands.seal import _scrub_is_due
from apps.evidence.models import EvidenceAlarm, EvidenceCheckpoint, EvidenceEntry
from apps.evidence.selectors import keys_of_log, seal_status
from apps.evidence.services.ledger import record_fact
from apps.evidence.services.sealing.keep import Keep
from apps.evidence.services.sealing.sealer import _LOCK, Sealer
from apps.evidence.services.sealing.sequence import Sequencer
from tests.evidence.log import Log, alarms, by_dba, dba, everything_is_placed_once, leaves
from tests.factories import SETUP, make_team
from tests.support import as_sealer


@pytest.fixture
def log(db: None, tmp_path: Path) -> Log:
    return Log(tmp_path / "sealer")


class TestPass:
    def test_every_entry_gets_its_place_under_a_signed_root(self, log: Log) -> None:
        checkpoint = log.grow("OPS", "DBA")
        assert checkpoint.size == len(leaves()) == EvidenceEntry.objects.count()
        assert everything_is_placed_once() and alarms() == []
        assert keys_of_log() == [str(log.vkey)]

    def test_a_later_checkpoint_extends_the_earlier(self, log: Log) -> None:
        old, new = log.grow("OPS"), log.grow("DBA", "NET")
        proof = consistency_proof(leaves(), old.size)
        assert verify_consistency(old.size, new.size, old.root, new.root, proof)

    def test_nothing_new_is_not_signed_again(self, log: Log) -> None:
        log.grow("OPS")
        assert log.seal().placed == 0 and EvidenceCheckpoint.objects.count() == 1

    def test_many_entries_are_placed_in_batches(
        self, log: Log, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("apps.evidence.services.sealing.sequence._BATCH", 2)
        monkeypatch.setattr("apps.evidence.services.sealing.sign._CHUNK", 3)
        log.grow("OPS", "DBA", "NET")
        assert everything_is_placed_once()

    def test_a_sequencer_that_looked_once_finds_what_is_new(self, log: Log) -> None:
        with as_sealer():
            sequencer = Sequencer()
            assert sequencer.place_all() > 0 and sequencer.place_all() == 0
        make_team("OPS")
        with as_sealer():
            assert sequencer.place_all() == 1

    def test_a_second_sealer_stands_back(self, log: Log) -> None:
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            assert log.seal().is_busy
        finally:
            other.close()
        assert EvidenceCheckpoint.objects.count() == 0

    def test_records_go_on_changing_while_nothing_is_sealed(self, log: Log) -> None:
        (log.keep.folder / "1.keys").unlink()
        assert log.seal().alarm is not None
        edit_team(pk=make_team("OPS").pk, actor=SETUP, values={"name": "Operations"})
        assert Team.objects.get(code="OPS").name == "Operations"

    def test_nothing_changes_when_it_cannot_be_recorded(self, log: Log) -> None:
        team = make_team("OPS")
        with dba(), connection.cursor() as cursor:
            cursor.execute("REVOKE INSERT ON evidence_evidenceentry FROM interlock_app")
        with pytest.raises(DatabaseError, match="permission denied"):
            edit_team(pk=team.pk, actor=SETUP, values={"name": "Operations"})
        assert Team.objects.get(pk=team.pk).name == "OPS"


def forged(log: Log) -> None:
    """A checkpoint over the last leaves by somebody without the key."""
    key = SigningKey.generate(f"{log.vkey.name}")
    size = len(leaves())
    note = sign_note(Checkpoint(key.name, size, leaf_hash(b"x")).text, key)
    by_dba("UPDATE evidence_evidencecheckpoint SET note = %s WHERE size = %s", str(note), size)


def other_root(log: Log) -> None:
    """As if the key had signed another tree."""
    (key,) = log.keep.keys(log.keep.state())
    size = len(leaves())
    note = sign_note(Checkpoint(key.name, size, leaf_hash(b"x")).text, key)
    by_dba("UPDATE evidence_evidencecheckpoint SET note = %s WHERE size = %s", str(note), size)


def unsealed_leaf_taken_out(log: Log) -> None:
    make_team("NET"), make_team("STO")
    with as_sealer():
        Sequencer().place_all()
    by_dba("DELETE FROM evidence_evidenceleaf WHERE idx = %s", len(leaves()) - 2)


ATTACKS: dict[str, tuple[str, Callable[[Log], Any]]] = {
    "the newest leaves and checkpoint are gone": (
        "rollback",
        lambda log: by_dba("DELETE FROM evidence_evidencecheckpoint; "
                           "DELETE FROM evidence_evidenceleaf WHERE idx > 3"),
    ),
    "a checkpoint is gone": (
        "rollback", lambda log: by_dba("DELETE FROM evidence_evidencecheckpoint"),
    ),
    "an entry that is not sealed yet was altered": (
        "altered",
        lambda log: by_dba("UPDATE evidence_evidenceentry SET body = body || ' '::bytea "
                           "WHERE id = (SELECT max(id) FROM evidence_evidenceentry)"),
    ),
    "a leaf is missing": ("gap", unsealed_leaf_taken_out),
    "a checkpoint of another key": ("fork", forged),
    "a checkpoint of another tree": ("fork", other_root),
    "the key is gone": ("key_missing", lambda log: (log.keep.folder / "1.keys").unlink()),
    "the state is gone": ("state_missing", lambda log: (log.keep.folder / "state.json").unlink()),
    "the state is damaged": (
        "state_unreadable", lambda log: (log.keep.folder / "state.json").write_text("{"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "attack"), ATTACKS.values(), ids=ATTACKS)
def test_what_is_not_what_was_signed_is_not_signed(
    log: Log, code: str, attack: Callable[[Log], Any]
) -> None:
    log.grow("OPS", "DBA")
    make_team("LATE")
    attack(log)
    before = set(EvidenceCheckpoint.objects.values_list("size", flat=True))
    for _ in range(2):
        alarm = log.seal().alarm
        assert alarm is not None and alarm.code == code
    assert set(EvidenceCheckpoint.objects.values_list("size", flat=True)) == before
    assert alarms() == [code], "it is kept once"
    status = seal_status()
    assert status.alarm is not None and status.alarm.code == code and not status.is_well


def test_an_alarm_is_over_when_the_log_is_sealed_again(log: Log) -> None:
    log.grow("OPS")
    state = log.keep.folder / "state.json"
    state.rename(state.with_suffix(".away"))
    log.seal()
    state.with_suffix(".away").rename(state)
    log.grow("DBA")
    assert alarms() == ["state_missing", EvidenceAlarm.CLEAR] and seal_status().is_well


class TestScrub:
    def test_a_sealed_entry_that_was_altered_is_found_in_the_night(self, log: Log) -> None:
        log.grow("OPS")
        assert log.scrub().alarm is None
        by_dba("UPDATE evidence_evidenceentry SET body = body || ' '::bytea WHERE id = "
               "(SELECT entry_id FROM evidence_evidenceleaf WHERE idx = 2)")  # fmt: skip
        assert log.seal().alarm is None, "what is sealed is not read again at every pass"
        found = log.scrub().alarm
        assert found is not None and "leaf 2" in str(found)
        make_team("DBA")
        done = log.seal()
        assert done.alarm is not None and done.placed == 1, "it is told until it is mended"
        assert alarms() == ["altered"]

    def test_an_entry_rewritten_with_all_its_hashes_is_found_too(self, log: Log) -> None:
        log.grow("OPS")
        by_dba("UPDATE evidence_evidenceentry SET body = body || ' '::bytea, "
               "leaf = sha256('\\x00'::bytea || body || ' '::bytea); "
               "UPDATE evidence_evidenceleaf AS placed SET leaf = entry.leaf "
               "FROM evidence_evidenceentry AS entry WHERE entry.id = placed.entry_id")  # fmt: skip
        found = log.scrub().alarm
        assert found is not None and "not what was signed" in str(found)

    def test_bytes_that_were_erased_leave_their_hash_when_the_ledger_tells(self, log: Log) -> None:
        log.grow("OPS")
        by_dba("ALTER TABLE evidence_evidenceentry ALTER body DROP NOT NULL")
        by_dba("UPDATE evidence_evidenceentry SET body = NULL WHERE id = "
               "(SELECT entry_id FROM evidence_evidenceleaf WHERE idx = 2)")  # fmt: skip
        found = log.scrub().alarm
        assert found is not None and "leaf 2" in str(found)
        told = SimpleNamespace(code="evidence.purged")
        record_fact("system", actor=SETUP, event=told, erased=[leaves()[2].hex()])
        assert log.scrub().alarm is None

    def test_it_is_due_once_a_night(self, tmp_path: Path) -> None:
        keep = Keep(tmp_path)
        at = datetime(2026, 11, 22, settings.INTERLOCK_SEAL_SCRUB_HOUR, 5, tzinfo=UTC)
        assert _scrub_is_due(keep, at) and not _scrub_is_due(keep, at + timedelta(hours=8))
        keep.write_scrubbed({"at": at.isoformat()})
        assert not _scrub_is_due(keep, at + timedelta(hours=20))
        assert _scrub_is_due(keep, at + timedelta(hours=26))


class TestStatus:
    def test_what_waits_is_late_after_two_minutes(
        self, log: Log, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log.grow("OPS")
        assert seal_status().waiting is None and seal_status().is_well
        make_team("DBA")
        status = seal_status()
        assert status.waiting == EvidenceEntry.objects.latest("id").pk and not status.is_late
        monkeypatch.setattr(selectors, "SEAL_LATE", timedelta())
        assert seal_status().is_late and not seal_status().is_well

    def test_what_is_placed_and_not_signed_waits_too(self, log: Log) -> None:
        log.grow("OPS")
        make_team("DBA")
        with as_sealer():
            Sequencer().place_all()
        assert seal_status().waiting == EvidenceEntry.objects.latest("id").pk


def killed(log: Log, point: str) -> bool:
    """Whether a process of its own that seals was killed at `point`, as by `kill -9`."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            with override_settings(INTERLOCK_FAULT_AT=point):
                Sealer(log.keep).one_pass()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.django_db(transaction=True)
def test_a_killed_sealer_leaves_no_gap_no_double_and_no_second_root(tmp_path: Path) -> None:
    log = Log(tmp_path / "sealer")
    for point in ("seal.sequenced", "seal.signed", "seal.published"):
        make_team(point[-9:].upper())
        assert killed(log, point)
    checkpoint = log.grow("LAST")
    assert everything_is_placed_once() and checkpoint.size == len(leaves())
    told = [published.size for published in log.keep.published(checkpoint.origin)]
    kept = sorted(EvidenceCheckpoint.objects.values_list("size", flat=True))
    assert told == kept and len(kept) == 2, "that of the one killed after it, and the last"
    assert log.scrub().alarm is None and alarms() == []


class TestCommand:
    def test_one_pass_tells_what_it_did(
        self, log: Log, settings: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        settings.INTERLOCK_SEALER_DIR = str(log.keep.folder)
        make_team("OPS")
        with as_sealer():
            call_command("seal", "--once")
            call_command("seal", "--scrub")
        count = EvidenceEntry.objects.count()
        assert f"Sealed: {count} entries, {count} of them new." in capsys.readouterr().out

    def test_a_refusal_is_a_failure(self, db: None, settings: Any, tmp_path: Path) -> None:
        settings.INTERLOCK_SEALER_DIR = str(tmp_path / "nowhere")
        with as_sealer(), pytest.raises(CommandError, match="create_seal_key"):
            call_command("seal", "--once")
