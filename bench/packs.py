"""Verify a period pack of many entries, beside the bare SHA-256 of the same bytes."""

from __future__ import annotations

import hashlib
import random
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from apps.audit.domain import verify_pack
from apps.audit.domain.pack_file import Content, Line, Period, Single, write_pack
from apps.evidence.domain.canonical import canonical, leaf_hash
from apps.evidence.domain.merkle import consistency_spans, hash_spans, inclusion_spans
from apps.evidence.domain.note import Checkpoint, SigningKey, sign_note
from bench.timing import interleaved, ratio, told, told_times

ORIGIN = "bench.example/1"
#: Entries of one record, in the middle.
PER_RECORD = 10


def bodies(entries: int) -> Iterator[bytes]:
    """Entries as doors write them, of about 700 bytes; records take turns at random."""
    chance = random.Random(7)
    records = max(entries // PER_RECORD, 1)
    heads: dict[int, tuple[int, str]] = {}
    for number in range(entries):
        record = chance.randrange(records)
        seq, prev = heads.get(record, (0, ""))
        body = canonical(
            {
                "v": 1, "action": "change.edited", "at": "2026-11-21T20:00:00.000000Z",
                "actor": {"id": f"019aa{record:031x}", "username": "p.petersen",
                          "printed_name": "Petra Petersen", "kind": "human",
                          "roles": [["requester", "application:CARD"]]},
                "on_behalf_of": None, "comment": "As agreed with the board on Thursday.",
                "auth": {"at": "2026-11-21T19:58:00.000000Z", "methods": ["password"],
                         "session_hash": f"{number:032x}"},
                "source": {"ip": "10.1.2.3", "channel": "admin", "request_id": f"{number:032x}"},
                "comment_sha256": "", "nonce": f"{chance.getrandbits(128):032x}",
                "subject": f"change:{record:036x}", "seq": seq + 1, "prev": prev or None,
                "from": "draft", "to": "draft", "outcome": "done",
                "diff": [{"field": "title", "old": "before", "new": "after"}],
                "history": {"model": "changes.changerequest", "sha256": f"{number:064x}"},
            }
        )  # fmt: skip
        heads[record] = (seq + 1, leaf_hash(body).hex())
        yield body


def make_pack(folder: Path, entries: int) -> tuple[Path, str]:
    """A pack of `entries` and the entry of asking; returns it and the log's key."""
    key = SigningKey.generate(ORIGIN)
    leaves: list[bytes] = []
    kept = folder / "entries"
    with kept.open("wb") as file:
        for body in bodies(entries):
            leaves.append(leaf_hash(body))
            file.write(body + b"\n")
    closing = canonical({
        "action": "pack.asked", "subject": "pack:1", "seq": 1, "prev": None, "challenge": "",
        "first_leaf": leaves[0].hex(), "last_leaf": leaves[-1].hex(), "what": "bench",
    })  # fmt: skip
    leaves.append(leaf_hash(closing))
    way, growth = inclusion_spans(entries, entries + 1), consistency_spans(entries, entries + 1)
    whole = (0, entries + 1)
    found = hash_spans(leaves, [*way, *growth, whole])
    head = Checkpoint(ORIGIN, entries + 1, found[whole])
    pack = folder / "pack.zip"
    with kept.open("rb") as file, pack.open("wb") as out, tempfile.TemporaryFile() as scratch:
        lines = (Line(line[:-1], leaf) for line, leaf in zip(file, leaves[:-1], strict=True))
        single = Single(Line(closing, leaves[-1]), entries, [found[span] for span in way])
        content = Content(
            str(sign_note(head.text, key)).encode(), str(key.verifier), [single],
            Period(0, entries, (), b"", lines),
            consistency={entries: [found[span] for span in growth]},
        )  # fmt: skip
        write_pack(out, content, scratch)
    kept.unlink()
    return pack, str(key.verifier)


def measure(entries: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        pack, vkey = make_pack(Path(folder), entries)
        told("pack.write", time.perf_counter() - began, "s", entries=entries)
        with zipfile.ZipFile(pack) as file:
            data = file.read("entries.jsonl")

        def verify() -> None:
            report = verify_pack.verify(str(pack), verify_pack.Options((vkey,)))
            assert report.code == verify_pack.VERIFIED, report.broken

        def bare() -> None:
            hashlib.sha256(data).digest()

        taken = interleaved({"pack.bare_sha256": bare, "pack.verify": verify}, rounds, warm_up=1)
        for name, seconds in taken.items():
            told_times(name, seconds, entries=entries, bytes=len(data))
        told("pack.verify / bare", ratio(taken["pack.verify"], taken["pack.bare_sha256"]), "times",
             aim=5)  # fmt: skip
