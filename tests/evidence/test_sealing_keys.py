"""New keys, a new epoch after a restore, and what is kept outside the house."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from apps.evidence.domain.merkle import consistency_proof, verify_consistency
from apps.evidence.domain.note import Note, NoteError, VerifierKey
from apps.evidence.domain.timestamp import TimestampError, timestamp_query, timestamp_token
from apps.evidence.models import EvidenceCheckpoint, EvidenceEntry, EvidenceTimestamp
from apps.evidence.selectors import SEAL_CHAIN, body_of, keys_of_log
from apps.evidence.services.sealing.keep import Keep
from apps.evidence.services.sealing.keys import add_key, create_key, retire_key
from tests.evidence.log import NAME, Log, alarms, by_dba, head, leaves
from tests.factories import make_team
from tests.support import as_sealer, refused


@pytest.fixture
def log(db: None, tmp_path: Path, settings: Any) -> Log:
    settings.INTERLOCK_SEALER_DIR = str(tmp_path / "sealer")
    return Log(tmp_path / "sealer")


class TestFirstKey:
    def test_it_is_made_once_and_only_for_its_owner(self, log: Log) -> None:
        assert create_key(name="another.example", keep=log.keep) == log.vkey
        for path in log.keep.folder.iterdir():
            assert path.stat().st_mode & 0o077 == 0, path
        assert log.keep.folder.stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("name", ["", "Two words", "a+b", "x" * 101])
    def test_a_log_has_the_name_of_a_host(self, db: None, tmp_path: Path, name: str) -> None:
        with refused("invalid"):
            create_key(name=name, keep=Keep(tmp_path / "new"))

    def test_a_sealed_database_is_not_begun_anew(self, log: Log, tmp_path: Path) -> None:
        log.grow("OPS")
        with refused("sealed_before"):
            create_key(name=NAME, keep=Keep(tmp_path / "elsewhere"))


class TestRotation:
    def test_two_keys_sign_until_the_old_one_is_retired(self, log: Log) -> None:
        log.grow("OPS")
        new = add_key(log.keep)
        with refused("not_signed_yet"):
            retire_key(log.keep)
        log.grow("DBA")
        assert len(Note.parse(EvidenceCheckpoint.objects.all()[0].note).signatures) == 2
        assert head(new) == head(log.vkey) and set(keys_of_log()) == {str(log.vkey), str(new)}
        with refused("rotating"):
            add_key(log.keep)
        assert retire_key(log.keep) == log.vkey
        make_team("NET")
        assert log.seal().alarm is None
        assert head(new).size == len(leaves()) and keys_of_log() == [str(new)]
        with pytest.raises(NoteError, match="No known key"):
            head(log.vkey)
        told = EvidenceEntry.objects.filter(subject=f"seal:{SEAL_CHAIN}").order_by("seq")
        assert [entry.action for entry in told] == [
            "seal.key_added", "seal.key_added", "seal.key_retired",
        ]  # fmt: skip

    def test_there_is_no_last_key_to_retire(self, log: Log) -> None:
        log.grow("OPS")
        with pytest.raises(CommandError, match="no other key"):
            call_command("rotate_seal_key", "--retire")


PERSONS = {"by": "Anna Visser, operations", "other": "Bert Maas, internal audit"}


def close(**more: Any) -> None:
    told = {**PERSONS, "reason": "Restored to 02:10 after the disk failed.", **more}
    with as_sealer():
        call_command(
            "close_epoch", "--by", told["by"], "--and", told["other"], "--reason", told["reason"],
            *(["--altered"] if told.get("altered") else []),
        )  # fmt: skip


class TestRestore:
    def test_two_persons_open_the_next_epoch_over_what_is_left(self, log: Log) -> None:
        old = log.grow("OPS")
        make_team("KEPT")
        backup = transaction.savepoint()
        lost = log.grow("LOST", "GONE")
        transaction.savepoint_rollback(backup)
        make_team("AFTER")
        alarm = log.seal().alarm
        assert alarm is not None and alarm.code == "rollback" and "close_epoch" in str(alarm)

        for persons in ({"other": PERSONS["by"]}, {"other": " "}, {"reason": "Oops"}):
            with pytest.raises(CommandError):
                close(**persons)
        close()
        assert log.seal().alarm is None
        (vkey,) = keys_of_log(f"{NAME}/2")
        new = head(VerifierKey.parse(vkey))
        assert new.origin == f"{NAME}/2" and alarms()[-1] == "clear"
        proof = consistency_proof(leaves(), old.size)
        assert verify_consistency(old.size, new.size, old.root, new.root, proof)

        entry = EvidenceEntry.objects.get(action="seal.epoch_opened")
        facts = body_of(entry)["facts"]
        assert entry.placed.idx == old.size, "it is the first leaf under the new origin"
        assert facts["closed"] == {
            "origin": old.origin, "size": lost.size, "root": lost.root.hex(),
        }  # fmt: skip
        assert facts["common"] == {"size": old.size, "root": old.root.hex()}
        assert facts["persons"] == list(PERSONS.values()) and "disk failed" in facts["reason"]
        assert log.scrub().alarm is None

    def test_an_epoch_does_not_end_without_need(self, log: Log) -> None:
        log.grow("OPS")
        with pytest.raises(CommandError, match="no epoch ends"):
            close()

    def test_a_key_that_is_lost_for_good_ends_its_epoch(self, log: Log) -> None:
        log.grow("OPS")
        (log.keep.folder / "1.keys").unlink()
        close(reason="The disk with the key of the sealer was lost.")
        assert log.seal().alarm is None
        facts = body_of(EvidenceEntry.objects.get(action="seal.epoch_opened"))["facts"]
        assert facts["common"] == facts["restored"], "nothing else was"

    def test_a_rewritten_ledger_is_no_restore(self, log: Log) -> None:
        log.grow("OPS")
        later = log.grow("DBA")
        log.grow("NET")
        by_dba("DELETE FROM evidence_evidencecheckpoint WHERE size > %s", later.size)
        by_dba("DELETE FROM evidence_evidenceleaf WHERE idx >= %s", later.size)
        by_dba("UPDATE evidence_evidenceentry SET body = body || ' '::bytea, "
               "leaf = sha256('\\x00'::bytea || body || ' '::bytea) WHERE action = 'team.created'; "
               "UPDATE evidence_evidenceleaf AS placed SET leaf = entry.leaf "
               "FROM evidence_evidenceentry AS entry WHERE entry.id = placed.entry_id")  # fmt: skip
        with pytest.raises(CommandError, match="no restore"):
            close()
        close(altered=True)
        assert log.seal().alarm is None
        facts = body_of(EvidenceEntry.objects.get(action="seal.epoch_opened"))["facts"]
        assert facts["common"]["size"] == 0


class TestFileAnchor:
    def test_it_gets_every_checkpoint_and_what_it_missed(
        self, log: Log, settings: Any, tmp_path: Path
    ) -> None:
        anchor = tmp_path / "worm" / "checkpoints.txt"
        settings.INTERLOCK_SEAL_ANCHOR_FILE = str(anchor)
        make_team("OPS")
        alarm = log.seal().alarm
        assert alarm is not None and alarm.code == "anchor"
        make_team("DBA")
        log.seal()
        assert EvidenceCheckpoint.objects.count() == 2, "sealing went on meanwhile"
        anchor.parent.mkdir()
        assert log.seal().alarm is None
        assert anchor.read_bytes() == log.keep.journal.read_bytes()
        anchor.write_bytes(anchor.read_bytes()[:-20])
        log.grow("NET")
        assert anchor.read_bytes() == log.keep.journal.read_bytes()
        assert len(anchor.read_text().splitlines()) == 3

    def test_one_that_was_altered_is_told(self, log: Log, settings: Any, tmp_path: Path) -> None:
        anchor = tmp_path / "checkpoints.txt"
        settings.INTERLOCK_SEAL_ANCHOR_FILE = str(anchor)
        log.grow("OPS")
        anchor.write_text(anchor.read_text().replace("size", "SIZE"))
        alarm = log.seal().alarm
        assert alarm is not None and "differs" in str(alarm)

    def test_half_a_line_of_the_journal_is_written_again(self, log: Log) -> None:
        log.grow("OPS")
        with log.keep.journal.open("a") as journal:
            journal.write('{"at": "2026')
        log.grow("DBA")
        assert len(list(log.keep.published(f"{NAME}/1"))) == 2


TSA = """
[tsa]
default_tsa = here
[here]
serial = {0}/serial
crypto_device = builtin
signer_cert = {0}/tsa.pem
signer_key = {0}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
[req]
distinguished_name = dn
x509_extensions = ext
prompt = no
[dn]
CN = Test authority
[ext]
extendedKeyUsage = critical,timeStamping
"""


def openssl(folder: Path, *words: str) -> bytes:
    done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A time-stamp authority on this machine, and the folder of its certificate."""
    folder = tmp_path / "tsa"
    folder.mkdir()
    (folder / "tsa.cnf").write_text(TSA.format(folder))
    (folder / "serial").write_text("01")
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-config",
            "tsa.cnf", "-keyout", "tsa.key", "-out", "tsa.pem")  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / "query.tsq").write_bytes(query)
            openssl(folder, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq",
                    "-out", "reply.tsr")  # fmt: skip
            self.send_response(200)
            self.end_headers()
            self.wfile.write((folder / "reply.tsr").read_bytes())

        def log_message(self, *_: Any) -> None:
            """Silence."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", folder
    server.shutdown()
    server.server_close()


class TestTimestamps:
    def test_a_checkpoint_gets_a_token_that_openssl_verifies(
        self, log: Log, settings: Any, authority: tuple[str, Path]
    ) -> None:
        settings.INTERLOCK_SEAL_TSA_URL, folder = authority
        log.grow("OPS")
        stamp = EvidenceTimestamp.objects.get()
        (folder / "token.der").write_bytes(bytes(stamp.token))
        (folder / "note.txt").write_text(stamp.checkpoint.note)
        words = ["-token_in", "-in", "token.der", "-data", "note.txt", "-CAfile", "tsa.pem"]
        assert b"OK" in openssl(folder, "ts", "-verify", *words)
        log.grow("DBA")
        assert EvidenceTimestamp.objects.count() == 1, "the next one comes an hour later"

    def test_an_authority_that_is_away_stops_nothing(self, log: Log, settings: Any) -> None:
        settings.INTERLOCK_SEAL_TSA_URL = "http://127.0.0.1:9/"
        make_team("OPS")
        alarm = log.seal().alarm
        assert alarm is not None and alarm.code == "timestamp"
        assert EvidenceCheckpoint.objects.count() == 1

    @pytest.mark.parametrize(
        "reply", [b"", b"\x30", b"<html>", bytes.fromhex("3005300302010230"), b"\x30\x82\xff\xff"]
    )
    def test_what_is_no_token_is_refused(self, reply: bytes) -> None:
        with pytest.raises(TimestampError):
            timestamp_token(reply, b"x", 1)

    def test_a_token_about_something_else_is_refused(self) -> None:
        reply = bytes.fromhex("300a3003020100") + timestamp_query(b"y", 1)[:5]
        with pytest.raises(TimestampError, match="something else"):
            timestamp_token(reply, b"x", 1)
